package dev.tokenledger.kafka;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerInterruptedException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Brings calls from Kafka topics into a ledger, each once, whatever stops when.
 *
 * <p>A message's value is what {@code POST /v1/records} takes: a record as a JSON object, an array of them, or one a line. How far
 * each partition was read is written with its records, in one commit; reading begins there, and Kafka's own offsets of the group
 * count for nothing. So neither Kafka's transactions nor settings for delivery "exactly once" are needed, and a ledger that is
 * restored from a backup goes on where it was then. Records with an id that the ledger has are duplicates, from wherever they came.
 *
 * <p>Several processes with the same {@code group.id} share the partitions. One that was taken for dead, and wakes, writes nothing
 * over what its successor wrote. Each ledger needs a group of its own.
 *
 * <p>A <em>bad</em> message has no record, one that is invalid, one whose id belongs to another record, or one that the ledger
 * rejects. Nothing of it is stored. Reading stops there, with an exception that names the place and never the content; or, if a
 * {@linkplain Builder#deadLetterTopic topic for bad messages} is named, it is sent there and acknowledged before reading goes on.
 *
 * <p>{@link #run} reads on the calling thread; all other methods may be called by any.
 */
public final class KafkaImport implements AutoCloseable {

    /** How long a run is waited for to end, and the longest pause after failures. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(30);

    /** How long an answer of Kafka is waited for, before it counts as a failure. */
    private static final Duration KAFKA_WAIT = Duration.ofSeconds(10);

    private static final Set<String> OWN_SETTINGS = Set.of(
            ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
            ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
            ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG,
            ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG);

    private final Set<String> topics;
    private final org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer;
    private final TopicIds topicIds;
    private final @Nullable DeadLetters deadLetters;
    private final Counters counters;
    private final ImportLoop loop;
    private final AtomicBoolean started = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean stopping;

    KafkaImport(
            Ledger ledger,
            Set<String> topics,
            org.apache.kafka.clients.consumer.Consumer<byte[], byte[]> consumer,
            TopicIds topicIds,
            @Nullable DeadLetters deadLetters,
            ImportLoop.Bounds bounds,
            Counters counters) {
        this.topics = topics;
        this.consumer = consumer;
        this.topicIds = topicIds;
        this.deadLetters = deadLetters;
        this.counters = counters;
        loop = new ImportLoop(ledger, consumer, topicIds, deadLetters, bounds, counters);
    }

    /** Starts the settings of an import into a ledger, which stays its owner's to close, after the import. */
    public static Builder into(Ledger ledger) {
        return new Builder(ledger);
    }

    /**
     * Reads until {@link #close} is called, or the thread is interrupted, which stays set. While the ledger or Kafka is away it is
     * tried again and again, after pauses of 100 ms to 30 s.
     *
     * @throws KafkaImportException if something is wrong that does not pass by itself: a bad message, or what Kafka does not allow
     * @throws dev.tokenledger.LedgerException if the ledger fails in a way that does not pass by itself
     * @throws IllegalStateException if it was called before, or after {@link #close}
     */
    public void run() {
        if (!started.compareAndSet(false, true)) {
            throw new IllegalStateException("an import runs once; open another one");
        }
        try {
            loop.run(topics, () -> stopping);
        } catch (WakeupException e) {
            if (!stopping) {
                throw e;
            }
        } catch (InterruptException | LedgerInterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (KafkaException e) {
            throw new KafkaImportException(
                    "cannot read on from Kafka: " + e.getMessage()
                            + "; what was read is in the ledger, and the next run goes on there",
                    e);
        } finally {
            release();
            ended.countDown();
        }
    }

    /** What it has done. */
    public KafkaImportStatistics statistics() {
        return counters.snapshot();
    }

    /**
     * Stops reading and waits for {@link #run} to return, 30 s at most: a commit that is under way is waited for. Closing again does
     * nothing.
     */
    @Override
    public void close() {
        boolean first = !stopping;
        stopping = true;
        if (started.compareAndSet(false, true)) {
            release();
            ended.countDown();
            return;
        }
        if (first) {
            consumer.wakeup();
        }
        try {
            if (!ended.await(MAX_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                counters.problem("the import has not stopped after " + MAX_WAIT.toSeconds()
                        + " s: the ledger has not answered; it stops when it does");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void release() {
        // An interrupted thread would leave the group without saying so.
        boolean interrupted = Thread.interrupted();
        try {
            consumer.close();
        } catch (KafkaException e) {
            counters.problem("the group was left without a farewell: " + e.getMessage());
        } finally {
            topicIds.close();
            if (deadLetters != null) {
                deadLetters.close();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** The settings of an import. Not safe for use by several threads. */
    public static final class Builder {

        private final Ledger ledger;
        private final Map<String, Object> settings = new HashMap<>();
        private final Set<String> topics = new LinkedHashSet<>();
        private String deadLetterTopic = "";
        private boolean fromEnd;
        private int batchRecords = 1_000;
        private long batchBytes = 8L << 20;
        private Consumer<String> problems = message ->
                System.getLogger("dev.tokenledger.kafka").log(System.Logger.Level.WARNING, "tokenledger: {0}", message);

        private Builder(Ledger ledger) {
            this.ledger = Objects.requireNonNull(ledger, "ledger");
        }

        /**
         * Settings of Kafka's consumer by their names, {@code bootstrap.servers} and {@code group.id} at least. Those of the connection hold for
         * the topic of bad messages too. Messages of transactions that were aborted are not read, unless {@code isolation.level} says so.
         *
         * @throws IllegalArgumentException if one is an import's own: deserializers, {@code enable.auto.commit} and {@code auto.offset.reset}
         */
        public Builder kafka(Map<String, ?> more) {
            for (String own : new TreeSet<>(OWN_SETTINGS)) {
                if (more.containsKey(own)) {
                    throw new IllegalArgumentException(own + ": leave it out; the import has to set it");
                }
            }
            settings.putAll(more);
            return this;
        }

        /** Topics to read. */
        public Builder topics(String... names) {
            return topics(List.of(names));
        }

        /** Topics to read. */
        public Builder topics(Collection<String> names) {
            topics.addAll(names);
            return this;
        }

        /** The topic that bad messages are sent to; default: none, and the first one ends the run. */
        public Builder deadLetterTopic(String name) {
            deadLetterTopic = Objects.requireNonNull(name, "name");
            return this;
        }

        /**
         * Leaves out what is in a partition when it is read for the first time; default: everything is read that is there. Has no effect on
         * partitions that the ledger knows.
         */
        public Builder fromEnd() {
            fromEnd = true;
            return this;
        }

        /** The most records of one commit, 1 to 50,000, unless a single message has more; default: 1,000. */
        public Builder batchRecords(int most) {
            if (most < 1 || most > 50_000) {
                throw new IllegalArgumentException("batchRecords: expected 1 to 50000, found " + most);
            }
            batchRecords = most;
            return this;
        }

        /** The most bytes of the messages of one commit, unless a single message has more; default: 8 MiB. */
        public Builder batchBytes(long most) {
            if (most < 1) {
                throw new IllegalArgumentException("batchBytes: expected at least 1, found " + most);
            }
            batchBytes = most;
            return this;
        }

        /** Where problems are told, on the thread that runs; default: the platform's logger, as warnings. */
        public Builder problems(Consumer<String> report) {
            problems = Objects.requireNonNull(report, "report");
            return this;
        }

        /**
         * Opens the connections, without waiting for a broker.
         *
         * @throws IllegalArgumentException if there is no topic, or a setting is missing or wrong
         */
        public KafkaImport open() {
            if (topics.isEmpty()) {
                throw new IllegalArgumentException("topics: name one at least");
            }
            if (topics.contains(deadLetterTopic)) {
                throw new IllegalArgumentException("deadLetterTopic: " + deadLetterTopic
                        + " is read itself; bad messages would go round and round");
            }
            for (String needed : List.of(ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, ConsumerConfig.GROUP_ID_CONFIG)) {
                if (!settings.containsKey(needed)) {
                    throw new IllegalArgumentException(needed + ": state it");
                }
            }
            ImportLoop.Bounds bounds = new ImportLoop.Bounds(
                    batchRecords,
                    batchBytes,
                    Duration.ofSeconds(1),
                    KAFKA_WAIT,
                    Duration.ofMillis(100),
                    MAX_WAIT,
                    fromEnd);
            Counters counters = new Counters(problems);
            KafkaConsumer<byte[], byte[]> consumer = null;
            TopicIds topicIds = null;
            try {
                consumer = new KafkaConsumer<>(
                        consumerSettings(), new ByteArrayDeserializer(), new ByteArrayDeserializer());
                topicIds = TopicIds.by(Admin.create(of(AdminClientConfig.configNames())), KAFKA_WAIT);
                DeadLetters deadLetters = deadLetterTopic.isEmpty() ? null : deadLetters();
                return new KafkaImport(
                        ledger, new LinkedHashSet<>(topics), consumer, topicIds, deadLetters, bounds, counters);
            } catch (KafkaException e) {
                if (consumer != null) {
                    consumer.close();
                }
                if (topicIds != null) {
                    topicIds.close();
                }
                throw new IllegalArgumentException(
                        "Kafka's settings: " + deepest(e).getMessage(), e);
            }
        }

        private static Throwable deepest(Throwable failure) {
            Throwable deepest = failure;
            while (deepest.getCause() != null) {
                deepest = deepest.getCause();
            }
            return deepest;
        }

        private Map<String, Object> consumerSettings() {
            Map<String, Object> all = new HashMap<>();
            all.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
            all.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
            all.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, batchRecords);
            all.putAll(settings);
            all.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
            all.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
            return all;
        }

        /** Those of the settings that another client understands. */
        private Map<String, Object> of(Set<String> names) {
            Map<String, Object> known = new HashMap<>(settings);
            known.keySet().retainAll(names);
            return known;
        }

        private DeadLetters deadLetters() {
            Map<String, Object> all = of(ProducerConfig.configNames());
            // Of the same name, and of another kind.
            all.remove(ProducerConfig.INTERCEPTOR_CLASSES_CONFIG);
            all.put(ProducerConfig.ACKS_CONFIG, "all");
            all.put(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, true);
            all.put(ProducerConfig.LINGER_MS_CONFIG, 0);
            all.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, KAFKA_WAIT.toMillis());
            all.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) KAFKA_WAIT.toMillis());
            all.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, (int) KAFKA_WAIT.toMillis() / 2);
            all.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, MessageReader.MAX_BYTES * 2);
            return new DeadLetters(
                    new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer()),
                    deadLetterTopic,
                    KAFKA_WAIT);
        }
    }
}
