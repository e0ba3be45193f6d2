/**
 * Records the calls that LangChain4j's models make: {@link dev.tokenledger.langchain4j.LangChain4jRecording} has the listeners,
 * {@link dev.tokenledger.langchain4j.RecordingHttpClient} what reads answers along where a model's HTTP client receives them.
 * One call is one record, whichever of them tell of it. Nothing here throws into the host, and nothing changes a call.
 */
@NullMarked
package dev.tokenledger.langchain4j;

import org.jspecify.annotations.NullMarked;
