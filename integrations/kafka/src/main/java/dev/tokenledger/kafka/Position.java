package dev.tokenledger.kafka;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * How far a partition is read, as the ledger remembers it: {@code 1234}, or {@code 1234/7} with the leader epoch of the last message,
 * by which the broker notices that the log was cut back since.
 *
 * @param offset of the next message to read
 * @param epoch the leader epoch of the message before it, where Kafka told it
 */
record Position(long offset, Optional<Integer> epoch) {

    private static final Pattern TEXT = Pattern.compile("([0-9]{1,18})(?:/([0-9]{1,9}))?");

    static Position at(long offset) {
        return new Position(offset, Optional.empty());
    }

    /** @throws KafkaImportException if the text is no position */
    static Position parse(String key, String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            throw new KafkaImportException(
                    "cannot read on: the reader's state " + key
                            + " of the ledger is no offset; whoever changed it must set it"
                            + " to the offset of the next message to read",
                    null);
        }
        return new Position(
                Long.parseLong(matcher.group(1)),
                Optional.ofNullable(matcher.group(2)).map(Integer::valueOf));
    }

    String text() {
        return offset + epoch.map(number -> "/" + number).orElse("");
    }

    OffsetAndMetadata forKafka() {
        return new OffsetAndMetadata(offset, epoch, "");
    }
}
