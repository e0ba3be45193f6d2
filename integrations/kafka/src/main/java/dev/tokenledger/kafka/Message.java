package dev.tokenledger.kafka;

import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/**
 * A message that is not in the ledger yet. Its records are read when they are first asked for, since a poll brings more messages
 * than one commit takes, and records take more memory than their text. Used by one thread.
 */
final class Message {

    private final Uuid topicId;
    private final ConsumerRecord<byte[], byte[]> message;
    private @Nullable List<UsageRecord> records;
    private String fault = "";

    Message(Uuid topicId, ConsumerRecord<byte[], byte[]> message) {
        this.topicId = topicId;
        this.message = message;
    }

    ConsumerRecord<byte[], byte[]> message() {
        return message;
    }

    /** Its records; none if it is bad. */
    List<UsageRecord> records() {
        List<UsageRecord> read = records;
        if (read == null) {
            try {
                read = MessageReader.records(topicId, message);
            } catch (RecordFormatException e) {
                fault = String.valueOf(e.getMessage());
                read = List.of();
            }
            records = read;
        }
        return read;
    }

    /** Whether something of it is no record, or the ledger has refused it. */
    boolean isBad() {
        records();
        return !fault.isEmpty();
    }

    /** What is wrong with it: names of fields, and nothing else of its content; empty if it is not bad. */
    String fault() {
        records();
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
        return new Position(message.offset() + 1, message.leaderEpoch());
    }

    @Override
    public String toString() {
        return message.topic() + "-" + message.partition() + " at offset " + message.offset();
    }
}
