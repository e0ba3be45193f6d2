package dev.tokenledger.server.dashboard;

/** Says that an address is not understood, and why. */
record ErrorPage(Frame frame, String problem) {}
