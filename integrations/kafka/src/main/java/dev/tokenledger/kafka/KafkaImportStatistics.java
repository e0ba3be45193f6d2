package dev.tokenledger.kafka;

import java.util.OptionalLong;

/**
 * What an import has done since it was opened.
 *
 * @param messages messages that are dealt with: their offsets are in the ledger
 * @param stored records that the ledger took as new
 * @param duplicates records that the ledger had already
 * @param empty messages without a value, such as the tombstones of compacted topics; they are passed over
 * @param bad messages that were sent to the topic for bad ones; nothing of them is in the ledger
 * @param missed offsets that Kafka had removed before they were read: at most so many messages are lost
 * @param lostRaces how often a partition turned out to have been read by another process meanwhile; this one went on from there
 * @param failures how often the ledger or Kafka failed and was tried again
 * @param lag messages that are in the topics and not in the ledger, as far as this process reads them; empty until Kafka has told
 * @param lastProblem what went wrong last, for people; empty if nothing did
 */
public record KafkaImportStatistics(
        long messages,
        long stored,
        long duplicates,
        long empty,
        long bad,
        long missed,
        long lostRaces,
        long failures,
        OptionalLong lag,
        String lastProblem) {}
