/**
 * Brings calls from Kafka topics into a ledger: {@link dev.tokenledger.kafka.KafkaImport}.
 *
 * <p>It owns: how far each partition is in the ledger, as readers' states that are written with the records, in one commit. Kafka's
 * consumer group says who reads which partition, and nothing else.
 *
 * <p>Invariants: a partition's state is moved only from where its reader stands ({@link dev.tokenledger.Ledger#writeIf}), so that
 * a reader that was taken for dead moves nothing; and past a message only once all its records are in the ledger, or Kafka has it
 * in the topic for bad ones.
 *
 * <p>It is not: a sink of Kafka Connect, a producer, or a reader of other forms than those of {@code POST /v1/records}.
 */
@NullMarked
package dev.tokenledger.kafka;

import org.jspecify.annotations.NullMarked;
