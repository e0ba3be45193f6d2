package dev.tokenledger.kafka;

import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** A message that was read and is not in the ledger yet. Used by one thread. */
final class Message {

    private final ConsumerRecord<byte[], byte[]> message;
    private List<UsageRecord> records;
    private String fault;

    private Message(ConsumerRecord<byte[], byte[]> message, List<UsageRecord> records, String fault) {
        this.message = message;
        this.records = records;
        this.fault = fault;
    }

    static Message of(ConsumerRecord<byte[], byte[]> message, List<UsageRecord> records) {
        return new Message(message, records, "");
    }

    /** @param fault why it is no message with records; it repeats nothing of the message but names of fields */
    static Message bad(ConsumerRecord<byte[], byte[]> message, String fault) {
        return new Message(message, List.of(), fault);
    }

    ConsumerRecord<byte[], byte[]> message() {
        return message;
    }

    List<UsageRecord> records() {
        return records;
    }

    boolean isBad() {
        return !fault.isEmpty();
    }

    String fault() {
        return fault;
    }

    /** Nothing of it can be in the ledger. */
    void refuse(String why) {
        fault = why;
    }

    /** Kafka has it elsewhere: it can be left behind. */
    void setAside() {
        records = List.of();
        fault = "";
    }

    int bytes() {
        return Math.max(0, message.serializedValueSize());
    }

    /** Where a reader stands that has dealt with it. */
    Position next() {
        Optional<Integer> epoch = message.leaderEpoch();
        return new Position(message.offset() + 1, epoch);
    }

    @Override
    public String toString() {
        return message.topic() + "-" + message.partition() + " at offset " + message.offset();
    }
}
