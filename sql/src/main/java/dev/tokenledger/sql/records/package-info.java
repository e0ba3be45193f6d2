/**
 * How a record is stored, whatever the database: values in their one form, and what repeats told apart from what does not.
 *
 * <p>Knows no database. For backends alone: it may change with any version.
 */
@NullMarked
package dev.tokenledger.sql.records;

import org.jspecify.annotations.NullMarked;
