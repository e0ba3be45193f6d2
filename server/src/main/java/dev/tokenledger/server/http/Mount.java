package dev.tokenledger.server.http;

import jakarta.servlet.http.HttpServlet;

/**
 * A servlet of somebody else's that answers a path itself, all methods. It comes behind the same checks as a route.
 *
 * @param path the path, and nothing below it
 * @param access who may call it
 * @param operation what it is, for the OpenAPI document, where it stands as {@code POST}
 * @param servlet what answers; it may answer asynchronously
 */
public record Mount(String path, Access access, Operation operation, HttpServlet servlet) {}
