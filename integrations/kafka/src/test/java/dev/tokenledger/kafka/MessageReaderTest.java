package dev.tokenledger.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MessageReaderTest {

    private static final Uuid TOPIC = new Uuid(7, 11);
    private static final long MILLIS = Instant.parse("2026-05-06T07:08:09.123Z").toEpochMilli();
    private static final String A = "{\"id\":\"a\",\"model\":\"m\",\"input_tokens\":1}";
    private static final String B = "{\"id\":\"b\",\"model\":\"m\",\"output_tokens\":2}";

    private static ConsumerRecord<byte[], byte[]> message(int partition, long offset, long timestamp, byte[] value) {
        return new ConsumerRecord<>(
                "calls",
                partition,
                offset,
                timestamp,
                TimestampType.CREATE_TIME,
                -1,
                value == null ? -1 : value.length,
                null,
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    private static Message read(String value) {
        return new Message(TOPIC, message(0, 0, MILLIS, value.getBytes(StandardCharsets.UTF_8)));
    }

    private static UsageRecord only(Uuid topic, int partition, long offset, String value) {
        Message message =
                new Message(topic, message(partition, offset, MILLIS, value.getBytes(StandardCharsets.UTF_8)));
        assertThat(message.fault()).isEmpty();
        assertThat(message.records()).hasSize(1);
        return message.records().get(0);
    }

    @Test
    void objects_comeAlone_inAnArray_orOneAfterAnother() {
        String spread = A.replace(",", ",\n  ");
        for (String value : List.of(
                A + B,
                A + "\n" + B,
                "\n" + A + "\r\n\r\n" + B + "\n",
                "[" + A + "," + B + "]",
                " [ " + spread + " ,\n" + B + " ] ",
                spread + " " + B)) {
            Message message = read(value);
            assertThat(message.fault()).as(value).isEmpty();
            assertThat(message.records())
                    .as(value)
                    .extracting(UsageRecord::id)
                    .containsExactly(RecordId.of("a"), RecordId.of("b"));
        }
        assertThat(read(spread).records()).hasSize(1);
        assertThat(read("[]").records()).isEmpty();
        assertThat(read("[]").isBad()).isFalse();
    }

    @Test
    void messageWithoutAValue_hasNoRecords_andIsNotBad() {
        Message message = new Message(TOPIC, message(0, 0, MILLIS, null));
        assertThat(message.records()).isEmpty();
        assertThat(message.isBad()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  \n",
                "7",
                "\"x\"",
                "null",
                "{",
                "{\"id\":\"a\"}",
                A + "x",
                A + "]",
                A + ",",
                A + "7",
                "[" + A,
                "[" + A + "]" + B,
                "[" + A + ",7]",
                "[[" + A + "]]",
                A + "\n{\"model\":\"m\",\"input_tokens\":-1}"
            })
    void messageThatIsNotWhollyRecords_isBadAsAWhole(String value) {
        Message message = read(value);
        assertThat(message.isBad()).isTrue();
        assertThat(message.records()).isEmpty();
    }

    @Test
    void fault_namesTheFieldAndTheRecord_andRepeatsNoText() {
        Message message = read(A + "{\"id\":\"b\",\"model\":\"m\",\"input_tokens\":\"secret prompt\"}");
        assertThat(message.fault()).startsWith("record 2: input_tokens: ").doesNotContain("secret");
        assertThat(read("{\"secret prompt").fault()).doesNotContain("secret");
        assertThat(read("secret prompt").fault()).doesNotContain("secret");
    }

    @Test
    void bytesThatAreNoText_andWhatIsTooLong_areBad() {
        assertThat(new Message(TOPIC, message(0, 0, MILLIS, new byte[] {'{', (byte) 0xff, '}'})).fault())
                .isEqualTo("not valid UTF-8");
        assertThat(new Message(TOPIC, message(0, 0, MILLIS, new byte[MessageReader.MAX_BYTES + 1])).fault())
                .isEqualTo("longer than 16777216 bytes");
        assertThat(read(A.repeat(MessageReader.MAX_RECORDS)).records()).hasSize(MessageReader.MAX_RECORDS);
        assertThat(read(A.repeat(MessageReader.MAX_RECORDS + 1)).fault()).isEqualTo("more than 10000 records");
        assertThat(read("{\"model\":\"" + "m".repeat(1 << 20) + "\"}").fault()).isEqualTo("longer than 1048576 bytes");
    }

    /** Whatever differs, it is another call; and the same message has the same ids whenever it is read. */
    @Test
    void recordWithoutAnId_getsOneFromItsPlaceAndText() {
        String call = "{\"model\":\"m\",\"input_tokens\":1}";
        UsageRecord record = only(TOPIC, 1, 5, call);
        assertThat(record).isEqualTo(only(TOPIC, 1, 5, call));
        assertThat(record.id().value()).matches("kafka:[0-9a-f]{32}");
        assertThat(List.of(
                        record.id(),
                        only(new Uuid(7, 12), 1, 5, call).id(),
                        only(TOPIC, 2, 5, call).id(),
                        only(TOPIC, 1, 6, call).id(),
                        only(TOPIC, 1, 5, call.replace("1", "2")).id()))
                .doesNotHaveDuplicates();
        assertThat(read(call + call).records()).extracting(UsageRecord::id).doesNotHaveDuplicates();
    }

    /** One with an id may be sent again in a message of another timestamp, and is then to be a duplicate. */
    @Test
    void recordWithoutIdAndTimestamp_happenedAtTheMessages() {
        assertThat(only(TOPIC, 0, 0, "{\"model\":\"m\"}").timestamp()).contains(Instant.ofEpochMilli(MILLIS));
        assertThat(only(TOPIC, 0, 0, A).timestamp()).isEmpty();
        assertThat(only(TOPIC, 0, 0, "{\"model\":\"m\",\"timestamp\":\"2026-01-02T03:04:05Z\"}")
                        .timestamp())
                .contains(Instant.parse("2026-01-02T03:04:05Z"));
    }

    @ParameterizedTest
    @CsvSource({"-1", "-9223372036854775808", "9223372036854775807"})
    void messageWithoutASoundTimestamp_leavesTheInstantToTheLedger(long millis) {
        Message message =
                new Message(TOPIC, message(0, 0, millis, "{\"model\":\"m\"}".getBytes(StandardCharsets.UTF_8)));
        assertThat(message.records().get(0).timestamp()).isEmpty();
    }
}
