/**
 * Makes the bundled price book of the files that people edit. Owns the packed form's layout on disk and the table of what the
 * book holds; invariant: the same files give the same bytes. Never part of the program: an edited price needs a rebuild.
 */
@NullMarked
package dev.tokenledger.prices;

import org.jspecify.annotations.NullMarked;
