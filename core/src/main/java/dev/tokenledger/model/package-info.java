/**
 * Which model served a call. Owns identities, the catalog of deployments and the provider rules; invariant: a name is
 * resolved exactly or by a declared rule, never by likeness.
 */
@NullMarked
package dev.tokenledger.model;

import org.jspecify.annotations.NullMarked;
