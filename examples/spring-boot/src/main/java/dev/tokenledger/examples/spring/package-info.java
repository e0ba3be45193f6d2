/** A Spring Boot program that adds the starter, with a model server of its own to call. */
@NullMarked
package dev.tokenledger.examples.spring;

import org.jspecify.annotations.NullMarked;
