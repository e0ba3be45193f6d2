package dev.tokenledger.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.ObservedLedger;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The loop, poll by poll, over the consumer that Kafka's client has for tests. */
class ImportLoopTest {

    private static final String TOPIC = "calls";
    private static final TopicPartition ZERO = new TopicPartition(TOPIC, 0);
    private static final TopicPartition ONE = new TopicPartition(TOPIC, 1);

    @TempDir
    Path folder;

    private final Ledger ledger = InMemoryLedger.open(Samples.prices());
    private final List<String> problems = new ArrayList<>();
    private final Counters counters = new Counters(problems::add);
    private final Map<String, Uuid> ids = new HashMap<>(Map.of(TOPIC, new Uuid(1, 1)));
    private final MockProducer<byte[], byte[]> producer =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());

    private MockConsumer<byte[], byte[]> consumer = consumer();
    private DeadLetters deadLetters;
    private int batchRecords = 100;
    private boolean fromEnd;

    private static MockConsumer<byte[], byte[]> consumer() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        consumer.updateBeginningOffsets(Map.of(ZERO, 0L, ONE, 0L));
        consumer.updateEndOffsets(Map.of(ZERO, 0L, ONE, 0L));
        return consumer;
    }

    private TopicIds topicIds() {
        return new TopicIds() {
            @Override
            public Map<String, Uuid> of(Set<String> topics) {
                Map<String, Uuid> known = new HashMap<>(ids);
                known.keySet().retainAll(topics);
                return known;
            }

            @Override
            public void close() {}
        };
    }

    private void run(Runnable... polls) {
        run(ledger, polls);
    }

    /** Does these, one at each poll, and all that follows from the last one. */
    private void run(Ledger into, Runnable... polls) {
        AtomicBoolean over = new AtomicBoolean();
        for (Runnable poll : polls) {
            consumer.schedulePollTask(poll);
        }
        consumer.schedulePollTask(() -> {});
        consumer.schedulePollTask(() -> over.set(true));
        ImportLoop.Bounds bounds = new ImportLoop.Bounds(
                batchRecords,
                1 << 20,
                Duration.ZERO,
                Duration.ofSeconds(10),
                Duration.ofMillis(1),
                Duration.ofMillis(4),
                fromEnd);
        new ImportLoop(into, consumer, topicIds(), deadLetters, bounds, counters).run(Set.of(TOPIC), over::get);
    }

    /** The same again by another process. */
    private void restart() {
        consumer = consumer();
    }

    private void assign(TopicPartition... partitions) {
        consumer.rebalance(List.of(partitions));
    }

    private static String call(String id) {
        return "{\"id\":\"" + id + "\",\"model\":\"" + Samples.ALPHA
                + "\",\"timestamp\":\"2026-03-10T12:00:00Z\",\"input_tokens\":10}";
    }

    private void add(TopicPartition partition, long offset, String value) {
        add(partition, offset, Optional.empty(), value == null ? null : value.getBytes(StandardCharsets.UTF_8));
    }

    private void add(TopicPartition partition, long offset, Optional<Integer> epoch, byte[] value) {
        consumer.addRecord(new ConsumerRecord<>(
                partition.topic(),
                partition.partition(),
                offset,
                1_000,
                TimestampType.CREATE_TIME,
                0,
                value == null ? -1 : value.length,
                new byte[] {7},
                value,
                new RecordHeaders(),
                epoch));
    }

    private String key(TopicPartition partition) {
        return Partition.key(partition, ids.get(partition.topic()));
    }

    private Optional<String> state(TopicPartition partition) {
        return ledger.readerState(key(partition));
    }

    private static Set<String> stored(Ledger ledger) {
        Set<String> stored = new TreeSet<>();
        for (LedgerEntry entry : ledger.records(RecordQuery.over(TimeWindow.all())
                        .limit(RecordQuery.MAX_LIMIT)
                        .build())
                .entries()) {
            stored.add(entry.id().value());
        }
        return stored;
    }

    @Test
    void messages_areStoredWithTheirOffsets() {
        run(() -> assign(ZERO, ONE), () -> {
            add(ZERO, 0, call("a"));
            add(ZERO, 1, call("b") + call("c"));
            add(ONE, 7, call("a"));
        });
        assertThat(stored(ledger)).containsExactly("a", "b", "c");
        assertThat(state(ZERO)).contains("2");
        assertThat(state(ONE)).contains("8");
        assertThat(consumer.committed(Set.of(ZERO, ONE)))
                .isEqualTo(Map.of(ZERO, new OffsetAndMetadata(2), ONE, new OffsetAndMetadata(8)));
        KafkaImportStatistics told = counters.snapshot();
        assertThat(told.messages()).isEqualTo(3);
        assertThat(told.stored()).isEqualTo(3);
        assertThat(told.duplicates()).isEqualTo(1);
        assertThat(problems).isEmpty();
    }

    @Test
    void partition_isReadFromWhereTheLedgerStands_notFromWhereTheGroupDoes() {
        run(() -> assign(ZERO), () -> add(ZERO, 4, Optional.of(3), call("a").getBytes(StandardCharsets.UTF_8)));
        assertThat(state(ZERO)).contains("5/3");
        restart();
        run(
                () -> {
                    assign(ZERO);
                    consumer.commitSync(Map.of(ZERO, new OffsetAndMetadata(2)));
                },
                () -> assertThat(consumer.position(ZERO)).isEqualTo(5));
    }

    @Test
    void partitionThatIsNew_isReadFromItsBeginning_whichIsRemembered() {
        consumer.updateBeginningOffsets(Map.of(ZERO, 3L));
        run(() -> assign(ZERO), () -> assertThat(consumer.position(ZERO)).isEqualTo(3));
        assertThat(state(ZERO)).contains("3");
        assertThat(counters.snapshot().missed()).isZero();
    }

    /** Where that was is remembered at once: what comes before the first commit is not left out by the next run. */
    @Test
    void partitionThatIsNew_isReadFromItsEnd_ifAskedFor() {
        fromEnd = true;
        consumer.updateEndOffsets(Map.of(ZERO, 30L));
        run(() -> assign(ZERO), () -> assertThat(consumer.position(ZERO)).isEqualTo(30));
        assertThat(state(ZERO)).contains("30");
        restart();
        consumer.updateEndOffsets(Map.of(ZERO, 35L));
        run(() -> assign(ZERO), () -> assertThat(consumer.position(ZERO)).isEqualTo(30));
        assertThat(problems).isEmpty();
    }

    @Test
    void tombstonesAndGapsOfCompaction_arePassedOver() {
        run(() -> assign(ZERO), () -> {
            add(ZERO, 3, call("a"));
            add(ZERO, 90, (String) null);
        });
        assertThat(stored(ledger)).containsExactly("a");
        assertThat(state(ZERO)).contains("91");
        assertThat(counters.snapshot().empty()).isEqualTo(1);
        assertThat(problems).isEmpty();
    }

    /** As at the end of a transaction: an offset without a message, which would else look like one that was removed unread. */
    @Test
    void offsetsWithoutMessages_areLeftBehindOnceNothingElseComes() {
        run(() -> assign(ZERO), () -> add(ZERO, 0, call("a")), () -> consumer.seek(ZERO, 2));
        assertThat(state(ZERO)).contains("2");
    }

    @Test
    void commits_areBounded_andAMessageIsNeverDivided() {
        batchRecords = 2;
        List<Integer> commits = new ArrayList<>();
        ObservedLedger observed = ObservedLedger.of(ledger);
        observed.addListener(entries -> commits.add(entries.size()));
        run(observed, () -> assign(ZERO), () -> {
            for (int i = 0; i < 5; i++) {
                add(ZERO, i, i == 1 ? call("1a") + call("1b") + call("1c") : call("" + i));
            }
        });
        assertThat(commits).containsExactly(1, 3, 2, 1);
        batchRecords = 100;
        commits.clear();
        restart();
        String wide = call("w").replace("}", ",\"role\":\"delegate\"}" + " ".repeat(600_000));
        run(observed, () -> assign(ZERO), () -> {
            for (int i = 5; i < 8; i++) {
                add(ZERO, i, wide.replace("\"w\"", "\"w" + i + "\""));
            }
        });
        assertThat(commits).containsExactly(1, 1, 1);
    }

    @Test
    void badMessage_stopsThere_withWhatIsBeforeItStored() {
        assertThatThrownBy(() -> run(() -> assign(ZERO), () -> {
                    add(ZERO, 0, call("a"));
                    add(ZERO, 1, "{\"secret prompt\":1}");
                    add(ZERO, 2, call("b"));
                }))
                .isInstanceOf(KafkaImportException.class)
                .hasMessageContaining("calls-0 at offset 1: ")
                .hasMessageEndingWith("set the ledger's reader state " + key(ZERO) + " to 2");
        assertThat(stored(ledger)).containsExactly("a");
        assertThat(state(ZERO)).contains("1");
        restart();
        assertThatThrownBy(() -> run(() -> assign(ZERO), () -> add(ZERO, 1, call("x") + "secret prompt")))
                .hasMessageContaining("calls-0 at offset 1: ")
                .message()
                .doesNotContain("secret");
        assertThat(stored(ledger)).containsExactly("a");
    }

    /** What a record is in conflict with may come in the same batch. */
    @Test
    void messageThatTheLedgerRefuses_isBad_andWhatIsBeforeItStored() {
        String other = call("a").replace("10}", "11}");
        String dear = call("d").replace("10}", "0,\"output_tokens\":1000000000000}");
        Map<String, String> faults = Map.of(
                other,
                "the ledger has another record with its id, which differs in input_tokens",
                call("e") + other,
                "record 2: the ledger has another record with its id",
                dear,
                "cost_usd: ");
        for (Map.Entry<String, String> fault : faults.entrySet()) {
            Ledger fresh = InMemoryLedger.open(Samples.prices());
            restart();
            assertThatThrownBy(() -> run(fresh, () -> assign(ZERO), () -> {
                        add(ZERO, 0, call("a"));
                        add(ZERO, 1, call("b"));
                        add(ZERO, 2, fault.getKey());
                        add(ZERO, 3, call("c"));
                    }))
                    .isInstanceOf(KafkaImportException.class)
                    .hasMessageContaining("calls-0 at offset 2: ")
                    .hasMessageContaining(fault.getValue());
            assertThat(stored(fresh)).containsExactly("a", "b");
            assertThat(fresh.readerState(key(ZERO))).contains("2");
        }
    }

    @Test
    void badMessages_areSentAway_withWhenceAndWhy() {
        deadLetters = new DeadLetters(producer, "bad", Duration.ofSeconds(10));
        String other = call("a").replace("10}", "11}");
        run(() -> assign(ZERO), () -> {
            add(ZERO, 0, "x");
            add(ZERO, 1, call("a"));
            add(ZERO, 2, call("e") + other);
            add(ZERO, 3, call("b"));
            add(ZERO, 4, "y");
        });
        assertThat(stored(ledger)).containsExactly("a", "b");
        assertThat(state(ZERO)).contains("5");
        assertThat(counters.snapshot().bad()).isEqualTo(3);
        assertThat(counters.snapshot().messages()).isEqualTo(5);
        assertThat(problems).hasSize(3).allMatch(told -> told.contains("calls-0 at offset "));
        List<String> letters = new ArrayList<>();
        for (ProducerRecord<byte[], byte[]> letter : producer.history()) {
            assertThat(letter.topic()).isEqualTo("bad");
            assertThat(letter.key()).containsExactly(7);
            StringBuilder text = new StringBuilder(new String(letter.value(), StandardCharsets.UTF_8));
            letter.headers()
                    .forEach(header -> text.append('|')
                            .append(header.key())
                            .append('=')
                            .append(new String(header.value(), StandardCharsets.UTF_8)));
            letters.add(text.toString());
        }
        assertThat(letters).hasSize(3);
        assertThat(letters.get(1))
                .isEqualTo(call("e") + other + "|tokenledger.topic=calls|tokenledger.partition=0|tokenledger.offset=2"
                        + "|tokenledger.reason=record 2: the ledger has another record with its id, which differs in"
                        + " input_tokens");
    }

    @Test
    void badMessage_isNotLeftBehind_beforeItIsAcknowledged() {
        deadLetters = new DeadLetters(producer, "bad", Duration.ofSeconds(10));
        producer.sendException = new TimeoutException("away for the test");
        run(() -> assign(ZERO), () -> {
            add(ZERO, 0, "x");
            add(ZERO, 1, call("a"));
        });
        assertThat(state(ZERO)).contains("0");
        assertThat(consumer.paused()).containsExactly(ZERO);
        assertThat(counters.snapshot().failures()).isPositive();
        assertThat(problems).last().asString().contains("away for the test");
        restart();
        run(
                () -> assign(ZERO),
                () -> {
                    add(ZERO, 0, "x");
                    add(ZERO, 1, call("a"));
                },
                () -> {},
                () -> producer.sendException = null,
                () -> {},
                () -> {});
        assertThat(producer.history()).hasSize(1);
        assertThat(stored(ledger)).containsExactly("a");
        assertThat(state(ZERO)).contains("2");
        assertThat(consumer.paused()).isEmpty();
    }

    /** What an owner that was taken for dead read before is not written over what its successor wrote. */
    @Test
    void partitionThatAnotherProcessReadOn_isReadFromThere() {
        run(
                () -> assign(ZERO),
                () -> {
                    add(ZERO, 0, call("a"));
                    add(ZERO, 1, call("b"));
                    ledger.write(Batch.builder()
                            .append(Samples.record("theirs"))
                            .readerState(key(ZERO), "5/2")
                            .build());
                },
                () -> {},
                () -> {
                    assertThat(consumer.position(ZERO)).isEqualTo(5);
                    add(ZERO, 5, Optional.of(2), call("c").getBytes(StandardCharsets.UTF_8));
                });
        assertThat(stored(ledger)).containsExactly("c", "theirs");
        assertThat(state(ZERO)).contains("6/2");
        assertThat(counters.snapshot().lostRaces()).isEqualTo(1);
    }

    @Test
    void whatWasReadOfAPartitionThatIsTakenAway_isNotWritten() {
        producer.sendException = new TimeoutException("away for the test");
        deadLetters = new DeadLetters(producer, "bad", Duration.ofSeconds(10));
        run(
                () -> assign(ZERO, ONE),
                () -> {
                    add(ZERO, 0, "x");
                    add(ZERO, 1, call("a"));
                    add(ONE, 0, call("b"));
                },
                () -> assign(ONE),
                () -> {},
                () -> {});
        assertThat(producer.history()).isEmpty();
        assertThat(stored(ledger)).containsExactly("b");
        assertThat(state(ZERO)).contains("0");
        assertThat(state(ONE)).contains("1");
    }

    /** As long as another program holds the file, nothing is read, and the group sees that this process is there. */
    @Test
    void busyLedger_isTriedAgain_whilePartitionsAreHeld() throws SQLException {
        Path file = folder.resolve("usage.db");
        try (Ledger busy = SqliteLedger.builder()
                        .prices(Samples.prices())
                        .busyTimeout(Duration.ofMillis(20))
                        .open(file);
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = other.createStatement()) {
            run(
                    busy,
                    () -> assign(ZERO),
                    () -> {
                        add(ZERO, 0, call("a"));
                        execute(statement, "BEGIN IMMEDIATE");
                    },
                    () -> add(ZERO, 1, call("b")),
                    () -> {
                        assertThat(consumer.paused()).containsExactly(ZERO);
                        execute(statement, "ROLLBACK");
                    },
                    () -> {},
                    () -> {});
            assertThat(stored(busy)).containsExactly("a", "b");
            assertThat(busy.readerState(key(ZERO))).contains("2");
            assertThat(counters.snapshot().failures()).isBetween(1L, 2L);
            assertThat(problems).allMatch(told -> told.contains("nothing is lost"));
        }
    }

    private static void execute(Statement statement, String sql) {
        try {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void offsetsThatWereRemovedUnread_areTold_withHowMany() {
        run(() -> assign(ZERO), () -> add(ZERO, 0, call("a")));
        restart();
        run(
                () -> assign(ZERO),
                () -> {
                    consumer.updateBeginningOffsets(Map.of(ZERO, 40L));
                    consumer.setPollException(new OffsetOutOfRangeException(Map.of(ZERO, 1L)));
                },
                () -> {
                    assertThat(consumer.position(ZERO)).isEqualTo(40);
                    add(ZERO, 41, call("b"));
                });
        assertThat(stored(ledger)).containsExactly("a", "b");
        assertThat(state(ZERO)).contains("42");
        assertThat(counters.snapshot().missed()).isEqualTo(39);
        assertThat(problems).hasSize(1);
        assertThat(problems.get(0)).startsWith("LOST: ").contains("offsets 1 to 39 of calls-0", "at most 39 messages");
    }

    @Test
    void logThatWasCutBack_isReadOnFromThere_orWhereThatIsUnknownFromItsBeginning() {
        run(() -> assign(ZERO), () -> add(ZERO, 9, call("a")));
        restart();
        run(
                () -> assign(ZERO),
                () -> consumer.setPollException(new LogTruncationException(
                        Map.of(ZERO, 10L), Map.of(ZERO, new OffsetAndMetadata(6, Optional.of(1), "")))),
                () -> {
                    assertThat(consumer.position(ZERO)).isEqualTo(6);
                    add(ZERO, 6, call("b"));
                });
        assertThat(state(ZERO)).contains("7");
        assertThat(problems).hasSize(1);
        assertThat(problems.get(0)).contains("cut back", "from offset 10 to 6");
        restart();
        run(
                () -> assign(ZERO),
                () -> consumer.setPollException(new OffsetOutOfRangeException(Map.of(ZERO, 7L))),
                () -> {
                    assertThat(consumer.position(ZERO)).isZero();
                    add(ZERO, 0, call("a"));
                    add(ZERO, 6, call("c"));
                });
        assertThat(stored(ledger)).containsExactly("a", "b", "c");
        assertThat(state(ZERO)).contains("7");
        assertThat(problems).hasSize(2);
        assertThat(problems.get(1)).contains("ends before offset 7");
        assertThat(counters.snapshot().missed()).isZero();
    }

    /** By its name and its offsets it is the same. */
    @Test
    void topicThatWasMadeAgain_isReadFromItsBeginning_andTold() {
        run(() -> assign(ZERO), () -> add(ZERO, 1, call("a")));
        ids.put(TOPIC, new Uuid(2, 2));
        restart();
        run(() -> assign(ZERO), () -> {
            assertThat(consumer.position(ZERO)).isZero();
            add(ZERO, 0, call("b"));
        });
        assertThat(problems).hasSize(1);
        assertThat(problems.get(0)).contains("calls-0", "up to offset 2", "removed and made again");
        assertThat(stored(ledger)).containsExactly("a", "b");
        restart();
        run(
                () -> assign(ZERO),
                () -> {
                    add(ZERO, 1, call("never"));
                    ids.put(TOPIC, new Uuid(3, 3));
                },
                () -> {},
                () -> {
                    assertThat(consumer.position(ZERO)).isZero();
                    add(ZERO, 0, call("c"));
                });
        assertThat(stored(ledger)).containsExactly("a", "b", "c");
        assertThat(state(ZERO)).contains("1");
        assertThat(ledger.readerStates("kafka:calls:")).hasSize(3);
    }

    @Test
    void brokersWithoutTopicIds_andWhatKafkaForbids_stopTheRun() {
        ids.put(TOPIC, Uuid.ZERO_UUID);
        assertThatThrownBy(() -> run(() -> assign(ZERO)))
                .isInstanceOf(KafkaImportException.class)
                .hasMessageContaining("topic ids");
        ids.put(TOPIC, new Uuid(1, 1));
        restart();
        assertThatThrownBy(() -> run(() -> consumer.setPollException(new TopicAuthorizationException(Set.of(TOPIC)))))
                .isInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void stateThatIsNoOffset_stopsTheRun() {
        for (String state : List.of("x", "-1", "1/", "1/x", " 1", "9999999999999999999")) {
            ledger.write(Batch.builder().readerState(key(ZERO), state).build());
            restart();
            assertThatThrownBy(() -> run(() -> assign(ZERO)))
                    .isInstanceOf(KafkaImportException.class)
                    .hasMessageContaining(key(ZERO));
            assertThat(state(ZERO)).contains(state);
        }
    }

    @Test
    void lag_isWhatIsInTheTopicsAndNotInTheLedger() {
        run(() -> assign(ZERO, ONE), () -> {
            consumer.updateEndOffsets(Map.of(ZERO, 10L, ONE, 1L));
            add(ZERO, 0, call("a"));
        });
        assertThat(counters.snapshot().lag()).hasValue(10);
    }
}
