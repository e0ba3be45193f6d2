/** A program that brings calls from a Kafka topic into a ledger, to copy from. */
@NullMarked
package dev.tokenledger.examples.kafka;

import org.jspecify.annotations.NullMarked;
