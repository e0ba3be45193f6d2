package dev.tokenledger.server.http;

/**
 * Logs of an agent that are on the server's machine.
 *
 * @param agent its name, as the command that imports them takes it
 * @param files how many files they are
 */
public record AgentLogs(String agent, long files) {}
