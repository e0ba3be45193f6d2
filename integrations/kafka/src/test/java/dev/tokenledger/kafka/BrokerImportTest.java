package dev.tokenledger.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.RecordGenerator;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Calls on topics of a real broker, brought into ledgers by processes that are killed, taken for dead, and share the work. */
@Tag("kafka")
class BrokerImportTest {

    private static final Duration MOST = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    private final KafkaBroker broker = KafkaBroker.shared();

    /** An import on a thread of its own. */
    private static final class Running implements AutoCloseable {

        private final KafkaImport calls;
        private final ExecutorService thread = Executors.newSingleThreadExecutor();
        private final Future<?> run;

        Running(KafkaImport calls) {
            this.calls = calls;
            run = thread.submit(calls::run);
        }

        KafkaImportStatistics statistics() {
            return calls.statistics();
        }

        /** Waits until something is so, as long as the import goes on. */
        void await(BooleanSupplier until) throws Exception {
            BrokerImportTest.await(() -> run.isDone() || until.getAsBoolean());
            if (run.isDone()) {
                run.get();
            }
        }

        @Override
        public void close() {
            calls.close();
            thread.shutdown();
        }
    }

    private static void await(BooleanSupplier until) {
        long deadline = System.nanoTime() + MOST.toNanos();
        while (!until.getAsBoolean()) {
            assertThat(System.nanoTime()).as("waited too long").isLessThan(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private Running run(Ledger ledger, String topic, String group, List<String> problems) {
        return new Running(builder(ledger, topic, group, problems).open());
    }

    private KafkaImport.Builder builder(Ledger ledger, String topic, String group, List<String> problems) {
        return KafkaImport.into(ledger)
                .kafka(ImportChild.settings(broker.address(), group))
                .topics(topic)
                .problems(problems::add);
    }

    private static String call(String id) {
        return RecordJson.write(Samples.record(id));
    }

    private void send(String topic, int partition, String... values) throws Exception {
        List<ProducerRecord<byte[], byte[]>> messages = new ArrayList<>();
        for (String value : values) {
            messages.add(new ProducerRecord<>(topic, partition, null, value.getBytes(StandardCharsets.UTF_8)));
        }
        send(messages);
    }

    /** Returns once the broker has them all; what it did not take is sent again. */
    private void send(List<ProducerRecord<byte[], byte[]>> messages) throws Exception {
        try (KafkaProducer<byte[], byte[]> producer = broker.producer(Map.of())) {
            List<ProducerRecord<byte[], byte[]>> left = messages;
            for (int i = 1; !left.isEmpty(); i++) {
                List<Future<?>> sent = new ArrayList<>();
                for (ProducerRecord<byte[], byte[]> message : left) {
                    sent.add(producer.send(message));
                }
                List<ProducerRecord<byte[], byte[]>> failed = new ArrayList<>();
                for (int k = 0; k < sent.size(); k++) {
                    try {
                        sent.get(k).get(MOST.toSeconds(), TimeUnit.SECONDS);
                    } catch (ExecutionException e) {
                        assertThat(i)
                                .as("tries, the last of which failed by %s", e)
                                .isLessThan(5);
                        failed.add(left.get(k));
                    }
                }
                left = failed;
            }
        }
    }

    private static List<String> stored(Ledger ledger) {
        return ledger
                .records(RecordQuery.over(TimeWindow.all())
                        .limit(RecordQuery.MAX_LIMIT)
                        .build())
                .entries()
                .stream()
                .map(entry -> entry.id().value())
                .sorted()
                .toList();
    }

    /** Some messages of random records, alone and in groups, many of them sent again; and a ledger that has each once. */
    private final class Calls {

        final Ledger expected = InMemoryLedger.open(Samples.prices());
        final String topic;
        private final RandomGenerator random;
        private final RecordGenerator records;
        private final List<String> sent = new ArrayList<>();
        long messages;

        Calls(RandomGenerator random, int partitions) throws Exception {
            this.random = random;
            records = new RecordGenerator(random);
            topic = broker.newTopic(partitions);
        }

        private String record() {
            if (!sent.isEmpty() && random.nextInt(5) == 0) {
                return sent.get(random.nextInt(sent.size()));
            }
            while (true) {
                UsageRecord drawn = records.builder("call-" + sent.size()).build();
                String json = RecordJson.write(drawn.at(drawn.timestamp().orElse(Samples.NOW)));
                if (expected.append(RecordJson.parse(json)) instanceof AppendResult.Appended) {
                    sent.add(json);
                    return json;
                }
            }
        }

        void send(int count) throws Exception {
            List<ProducerRecord<byte[], byte[]>> drawn = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                List<String> objects = new ArrayList<>(List.of(record()));
                while (random.nextInt(3) == 0) {
                    objects.add(record());
                }
                String value = random.nextBoolean() ? String.join("\n", objects) : objects.toString();
                byte[] key = Integer.toString(random.nextInt()).getBytes(StandardCharsets.UTF_8);
                drawn.add(new ProducerRecord<>(topic, key, value.getBytes(StandardCharsets.UTF_8)));
            }
            BrokerImportTest.this.send(drawn);
            messages = broker.end(topic);
        }

        void assertStoredOnce(Ledger ledger) {
            assertThat(ImportChild.read(ledger, topic)).isEqualTo(messages);
            assertThat(records(ledger)).isEqualTo(records(expected));
            for (Dimension dimension : Dimension.all()) {
                assertThat(ledger.summaryBy(dimension, TimeWindow.all()))
                        .isEqualTo(expected.summaryBy(dimension, TimeWindow.all()));
            }
            assertThat(ledger.verify().differences()).isEmpty();
        }

        private static Map<String, String> records(Ledger ledger) {
            Map<String, String> records = new TreeMap<>();
            RecordQuery.Builder query = RecordQuery.over(TimeWindow.all()).history(true);
            Optional<RecordQuery.Cursor> next;
            do {
                var page = ledger.records(query.build());
                for (LedgerEntry entry : page.entries()) {
                    records.put(
                            entry.id().value(), entry.kind() + " " + entry.cost() + RecordJson.write(entry.record()));
                }
                next = page.next();
                next.ifPresent(query::after);
            } while (next.isPresent());
            return records;
        }
    }

    private interface InPlace {
        void run(String place, RandomGenerator random) throws Exception;
    }

    /** In a file or a schema that is new. */
    private void in(String engine, InPlace test) {
        Seeds.run(1, random -> {
            if (engine.equals("sqlite")) {
                test.run(folder.resolve("usage.db").toString(), random);
                return;
            }
            PostgresServer server = PostgresServer.shared(Version.NEWEST);
            String schema = server.newSchemaName();
            try {
                test.run(server.address() + "?schema=" + schema, random);
            } finally {
                server.dropSchema(schema);
            }
        });
    }

    /** Each process ends at another step: before its first commit, after it, before its second, … */
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql"})
    void processThatIsKilledBeforeAndAfterItsCommits_storesEachRecordOnce(String engine) {
        in(engine, (place, random) -> {
            Calls calls = new Calls(random, 2);
            calls.send(120);
            ImportChild.open(place).close();
            int killed = 0;
            String last = "";
            for (int i = 0; !last.endsWith("done"); i++) {
                assertThat(i).as("processes, the last of which said " + last).isLessThan(60);
                Process child = ImportChild.process(
                                broker.address(),
                                calls.topic,
                                broker.newName("group"),
                                place,
                                calls.messages,
                                i % 4 + 1)
                        .start();
                last = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
                killed += child.waitFor() == 9 ? 1 : 0;
            }
            assertThat(killed).isGreaterThan(4);
            try (Ledger ledger = ImportChild.open(place)) {
                calls.assertStoredOnce(ledger);
            }
        });
    }

    /** One after the other of two processes is killed, and another takes part, while calls go on to come. */
    @ParameterizedTest
    @ValueSource(strings = {"sqlite", "postgresql"})
    void processesThatShareATopic_andAreKilled_storeEachRecordOnce(String engine) {
        in(engine, (place, random) -> {
            Calls calls = new Calls(random, 4);
            String group = broker.newName("group");
            List<Process> children = new ArrayList<>();
            try (Ledger ledger = ImportChild.open(place)) {
                for (int i = 0; i < 4; i++) {
                    children.add(ImportChild.process(broker.address(), calls.topic, group, place, Long.MAX_VALUE, 0)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start());
                    calls.send(100);
                    if (children.size() > 2) {
                        children.get(children.size() - 3).destroyForcibly();
                    }
                    await(() -> ImportChild.read(ledger, calls.topic) >= calls.messages);
                }
                calls.assertStoredOnce(ledger);
            } finally {
                for (Process child : children) {
                    child.destroyForcibly().waitFor();
                }
            }
        });
    }

    /** It stands still before a commit for so long that the group gives its partition away, and then goes on with the commit. */
    @Test
    void ownerThatWasTakenForDead_writesNothingOverItsSuccessor() throws Exception {
        String topic = broker.newTopic(1);
        String group = broker.newName("group");
        send(topic, 0, call("a"), call("b"));
        List<String> problems = new CopyOnWriteArrayList<>();
        try (Ledger ledger = SqliteLedger.open(folder.resolve("usage.db"), Samples.prices())) {
            CountDownLatch standing = new CountDownLatch(1);
            CountDownLatch goOn = new CountDownLatch(1);
            AtomicBoolean first = new AtomicBoolean(true);
            Ledger slow = ImportChild.around(
                    ledger,
                    () -> {
                        if (ledger.readerStates("kafka:").isEmpty() || !first.compareAndSet(true, false)) {
                            return;
                        }
                        standing.countDown();
                        try {
                            assertThat(goOn.await(MOST.toSeconds(), TimeUnit.SECONDS))
                                    .isTrue();
                        } catch (InterruptedException e) {
                            throw new IllegalStateException(e);
                        }
                    },
                    () -> {});
            Map<String, Object> impatient = Map.of("max.poll.interval.ms", 1_000);
            try (Running owner = new Running(builder(slow, topic, group, problems)
                            .kafka(impatient)
                            .open());
                    Running successor = successor(standing, ledger, topic, group, problems)) {
                successor.await(() -> successor.statistics().messages() == 2);
                send(topic, 0, call("c"));
                successor.await(() -> successor.statistics().messages() == 3);
                goOn.countDown();
                owner.await(() -> owner.statistics().lostRaces() == 1);
                assertThat(owner.statistics().stored()).isZero();
                send(topic, 0, call("d"));
                await(() -> ImportChild.read(ledger, topic) == 4);
                assertThat(stored(ledger)).containsExactly("a", "b", "c", "d");
                assertThat(owner.statistics().duplicates()
                                + successor.statistics().duplicates())
                        .isZero();
            }
        }
    }

    private Running successor(CountDownLatch standing, Ledger ledger, String topic, String group, List<String> problems)
            throws InterruptedException {
        assertThat(standing.await(MOST.toSeconds(), TimeUnit.SECONDS)).isTrue();
        return run(ledger, topic, group, problems);
    }

    /** By either protocol of groups, whose consumers are two programs. */
    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void messagesThatKafkaRemovedUnread_areCountedAndTold(String protocol) throws Exception {
        String topic = broker.newTopic(1);
        List<String> problems = new CopyOnWriteArrayList<>();
        try (Ledger ledger = InMemoryLedger.open(Samples.prices())) {
            send(topic, 0, call("a"));
            try (Running calls = new Running(ofProtocol(protocol, ledger, topic, problems))) {
                calls.await(() -> calls.statistics().messages() == 1);
            }
            assertThat(problems).isEmpty();
            send(topic, 0, call("b"), call("c"), call("d"));
            broker.admin()
                    .deleteRecords(Map.of(new TopicPartition(topic, 0), RecordsToDelete.beforeOffset(3)))
                    .all()
                    .get(1, TimeUnit.MINUTES);
            try (Running calls = new Running(ofProtocol(protocol, ledger, topic, problems))) {
                calls.await(() -> calls.statistics().messages() == 1);
                assertThat(calls.statistics().missed()).isEqualTo(2);
                assertThat(calls.statistics().lastProblem())
                        .startsWith("LOST: ")
                        .contains("offsets 1 to 2");
            }
            assertThat(stored(ledger)).containsExactly("a", "d");
        }
    }

    private KafkaImport ofProtocol(String protocol, Ledger ledger, String topic, List<String> problems) {
        return KafkaImport.into(ledger)
                .kafka(Map.of(
                        "bootstrap.servers", broker.address(),
                        "group.id", broker.newName("group"),
                        "group.protocol", protocol))
                .topics(topic)
                .problems(problems::add)
                .open();
    }

    /** The second topic of the name has as many messages as were read of the first: by the offset alone nothing is to be read. */
    @Test
    void topicThatIsMadeAgain_isReadFromItsBeginning() throws Exception {
        String topic = broker.newTopic(1);
        List<String> problems = new CopyOnWriteArrayList<>();
        try (Ledger ledger = InMemoryLedger.open(Samples.prices())) {
            send(topic, 0, call("a"), call("b"));
            try (Running calls = run(ledger, topic, broker.newName("group"), problems)) {
                calls.await(() -> calls.statistics().messages() == 2);
            }
            broker.admin().deleteTopics(List.of(topic)).all().get(1, TimeUnit.MINUTES);
            await(() -> {
                try {
                    return !broker.admin()
                            .listTopics()
                            .names()
                            .get(1, TimeUnit.MINUTES)
                            .contains(topic);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            broker.create(topic, 1);
            send(topic, 0, call("c"), call("d"));
            try (Running calls = run(ledger, topic, broker.newName("group"), problems)) {
                calls.await(() -> calls.statistics().messages() == 2);
                assertThat(calls.statistics().lastProblem()).contains("removed and made again");
            }
            assertThat(stored(ledger)).containsExactly("a", "b", "c", "d");
        }
    }

    @Test
    void transactionsThatWereAborted_areNotRead_andTheirEndsAreNoMessages() throws Exception {
        String topic = broker.newTopic(1);
        List<String> problems = new CopyOnWriteArrayList<>();
        try (Ledger ledger = InMemoryLedger.open(Samples.prices());
                KafkaProducer<byte[], byte[]> producer =
                        broker.producer(Map.of("transactional.id", broker.newName("transaction")))) {
            producer.initTransactions();
            for (String id : List.of("a", "b", "c")) {
                producer.beginTransaction();
                // On the broker before its transaction ends: one that is aborted earlier is never sent.
                producer.send(new ProducerRecord<>(topic, call(id).getBytes(StandardCharsets.UTF_8)))
                        .get(1, TimeUnit.MINUTES);
                if (id.equals("b")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
            try (Running calls = run(ledger, topic, broker.newName("group"), problems)) {
                // Three messages, and the ends of three transactions.
                calls.await(() -> ImportChild.read(ledger, topic) == 6);
                assertThat(calls.statistics().messages()).isEqualTo(2);
            }
            assertThat(stored(ledger)).containsExactly("a", "c");
            assertThat(problems).isEmpty();
        }
    }

    @Test
    void badMessages_areInTheirTopic() throws Exception {
        String topic = broker.newTopic(1);
        String bad = broker.newTopic(1);
        List<String> problems = new CopyOnWriteArrayList<>();
        send(topic, 0, call("a"), "no record", call("b"));
        try (Ledger ledger = InMemoryLedger.open(Samples.prices())) {
            try (Running calls = new Running(builder(ledger, topic, broker.newName("group"), problems)
                    .deadLetterTopic(bad)
                    .open())) {
                calls.await(() -> calls.statistics().messages() == 3);
            }
            assertThat(stored(ledger)).containsExactly("a", "b");
        }
        Map<String, Object> settings = new HashMap<>(Map.of("bootstrap.servers", broker.address()));
        try (KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            TopicPartition partition = new TopicPartition(bad, 0);
            consumer.assign(List.of(partition));
            consumer.seek(partition, 0);
            List<ConsumerRecord<byte[], byte[]>> letters = new ArrayList<>();
            await(() -> {
                consumer.poll(Duration.ofMillis(100)).forEach(letters::add);
                return !letters.isEmpty();
            });
            assertThat(letters).hasSize(1);
            assertThat(new String(letters.get(0).value(), StandardCharsets.UTF_8))
                    .isEqualTo("no record");
            assertThat(new String(
                            letters.get(0)
                                    .headers()
                                    .lastHeader("tokenledger.offset")
                                    .value(),
                            StandardCharsets.UTF_8))
                    .isEqualTo("1");
        }
    }
}
