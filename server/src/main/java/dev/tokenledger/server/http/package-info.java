/**
 * What every part of the server is made of, and what stands in front of all of them.
 *
 * <p><b>How a part plugs in.</b> A part (the API, the dashboard, OpenTelemetry, …) is a package {@code
 * dev.tokenledger.server.<part>} with one public class that implements {@link dev.tokenledger.server.http.Part}. Its
 * constructor takes what it needs of {@link dev.tokenledger.server.http.Services} (the ledger, the price book, the clock, …)
 * or all of it; its {@link dev.tokenledger.server.http.Part#routes} lists what it answers. Then it gets one line in {@code
 * TokenledgerServer.parts}, and nothing else: routing, keys, limits, the OpenAPI document and the tests of scopes take it
 * from the one table of routes.
 *
 * <p>What is answered over gRPC is told by {@link dev.tokenledger.server.http.Part#grpcMethods}, in the same way.
 *
 * <p>Before a handler is called, these are done: the path is canonical, host and origin are ours, the key has not asked too
 * often, its scope allows the route's {@link dev.tokenledger.server.http.Access}, and the body was received whole within the
 * limits. A handler reads it with {@link dev.tokenledger.server.http.RequestBody} (which also unpacks gzip), writes with
 * Javalin's {@code Context}, and throws a {@link dev.tokenledger.server.http.Problem} for everything else. Pages add nothing
 * to the security headers; a page that needs a looser content security policy sets its own before it answers.
 *
 * <p>A key may be limited to some calls, so a handler reads {@link dev.tokenledger.server.http.Services#ledger(
 * io.javalin.http.Context)} and {@link dev.tokenledger.server.http.Services#budgets(io.javalin.http.Context)}, which hold no more
 * than the key may read; what cannot be of some calls alone has the access {@code READ_ALL}. A test asks every route of the table.
 *
 * <p>Parts do not know each other. What two need stands here, in {@code ingest} (every way of storing records) or in
 * {@code sources} (the reading of queries, which the command line shares).
 */
@NullMarked
package dev.tokenledger.server.http;

import org.jspecify.annotations.NullMarked;
