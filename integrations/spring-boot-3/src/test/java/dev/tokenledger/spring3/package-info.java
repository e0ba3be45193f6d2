/** Spring Boot 3.5 and Spring AI 1.1, whose model calls are recorded where HTTP clients make them. */
@NullMarked
package dev.tokenledger.spring3;

import org.jspecify.annotations.NullMarked;
