/**
 * Which sources there are. Owns {@link dev.tokenledger.imports.sources.ImportSources}, the one list of them; invariant: a
 * source's name here is the name that it gives itself.
 */
@NullMarked
package dev.tokenledger.imports.sources;

import org.jspecify.annotations.NullMarked;
