/**
 * Files with one record object a line. Owns {@link dev.tokenledger.sources.ndjson.NdjsonSource}; invariant: a record without an
 * id gets the same one whenever its file is read again.
 */
@NullMarked
package dev.tokenledger.sources.ndjson;

import org.jspecify.annotations.NullMarked;
