/**
 * Price lists of other projects, read as they are: LiteLLM, models.dev, genai-prices, OpenRouter, Portkey. Owns what their
 * figures stand for (units, boundaries, zeros, providers' names) and how a list is laid over a price book; invariant: every
 * model of a list becomes an entry or is counted among those left out, with the reason. Not here: fetching, and our own price
 * files.
 */
@NullMarked
package dev.tokenledger.formats.pricelists;

import org.jspecify.annotations.NullMarked;
