/**
 * The packed form of roll-ups, in which a page of one database is a page of any other.
 *
 * <p>Pure computation: knows no database and none of the records' texts. For backends alone: it may change with any version.
 */
@NullMarked
package dev.tokenledger.sql.rollups;

import org.jspecify.annotations.NullMarked;
