package dev.tokenledger.server.dashboard;

/**
 * Says why there is nothing to show.
 *
 * @param title what is wrong, in a few words
 * @param controls whether the controls can mend it
 */
record ErrorPage(Frame frame, String title, String problem, boolean controls) {}
