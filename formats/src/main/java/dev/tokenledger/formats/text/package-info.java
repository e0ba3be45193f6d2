/**
 * Outside text, read strictly: UTF-8 that is really UTF-8, RFC 3339 times, and JSON or YAML as {@link
 * dev.tokenledger.formats.text.Node nodes} that know their line. Invariant: nothing is repaired or guessed; what breaks a
 * rule is refused with its place, and no message repeats more than a name or a number of the text.
 */
@NullMarked
package dev.tokenledger.formats.text;

import org.jspecify.annotations.NullMarked;
