/**
 * The pages for people. {@link dev.tokenledger.server.dashboard.Dashboard} has the routes; {@code View} is what an address
 * asks for; each page is a model of ready texts ({@code OverviewPage}, …), made from a few questions to the ledger, and a
 * template of the same name in {@code src/main/jte} that turns it into HTML and is the only place that escapes.
 */
@NullMarked
package dev.tokenledger.server.dashboard;

import org.jspecify.annotations.NullMarked;
