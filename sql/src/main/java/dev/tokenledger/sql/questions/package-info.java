/**
 * Answers questions about totals and lists entries.
 *
 * <p>Reads within one session, and never writes. For backends alone: it may change with any version.
 */
@NullMarked
package dev.tokenledger.sql.questions;

import org.jspecify.annotations.NullMarked;
