/** A LangChain4j program that records its calls, with a model server of its own to call. */
@NullMarked
package dev.tokenledger.examples.langchain4j;

import org.jspecify.annotations.NullMarked;
