/**
 * How figures, notes and lists look to people and to spreadsheets: the same on the command line and on the dashboard. Nothing
 * here makes text harmless for a terminal or a page; whoever shows it does.
 */
@NullMarked
package dev.tokenledger.formats.present;

import org.jspecify.annotations.NullMarked;
