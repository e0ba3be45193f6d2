/**
 * Files with one record object a line. Owns {@link dev.tokenledger.imports.ledgers.NdjsonSource}; invariant: a record without an
 * id gets the same one whenever its file is read again.
 */
@NullMarked
package dev.tokenledger.imports.ledgers;

import org.jspecify.annotations.NullMarked;
