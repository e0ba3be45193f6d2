/**
 * What a database must do to keep a ledger: the interfaces that a backend implements, cut so that one with a single
 * writer and one with many processes can both do it. The rules above them are in the packages beside this one.
 *
 * <p>For backends alone: it may change with any version.
 */
@NullMarked
package dev.tokenledger.sql.engine;

import org.jspecify.annotations.NullMarked;
