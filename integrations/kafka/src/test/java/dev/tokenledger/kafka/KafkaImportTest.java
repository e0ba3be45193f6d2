package dev.tokenledger.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.FederatedLedger;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.RecordId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerInterceptor;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaImportTest {

    /** A port where nobody listens, on this machine. */
    private static final Map<String, Object> SETTINGS = Map.of("bootstrap.servers", "127.0.0.1:9", "group.id", "g");

    private static final TopicPartition ZERO = new TopicPartition("calls", 0);

    private final Ledger ledger = InMemoryLedger.open(PriceBook.empty());
    private final List<String> problems = new ArrayList<>();

    private KafkaImport.Builder builder() {
        return KafkaImport.into(ledger).problems(problems::add);
    }

    @ParameterizedTest
    @ValueSource(strings = {"enable.auto.commit", "auto.offset.reset", "key.deserializer", "value.deserializer"})
    void settingThatTheImportHasToMake_isRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().kafka(Map.of(name, "x")))
                .withMessageStartingWith(name + ": ");
    }

    @Test
    void whatIsMissingOrWrong_isNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().kafka(SETTINGS).open())
                .withMessageStartingWith("topics: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        builder().topics("calls").kafka(Map.of("group.id", "g")).open())
                .withMessageStartingWith("bootstrap.servers: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .topics("calls")
                        .kafka(Map.of("bootstrap.servers", "127.0.0.1:9"))
                        .open())
                .withMessageStartingWith("group.id: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .topics("calls")
                        .kafka(SETTINGS)
                        .kafka(Map.of("session.timeout.ms", "soon"))
                        .open())
                .withMessageContaining("session.timeout.ms");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .topics("calls", "bad")
                        .deadLetterTopic("bad")
                        .kafka(SETTINGS)
                        .open())
                .withMessageStartingWith("deadLetterTopic: ");
        assertThatIllegalArgumentException().isThrownBy(() -> builder().batchRecords(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().batchRecords(50_001));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().batchBytes(0));
    }

    /** A setting that a consumer and a producer have by the same name is of another kind for each. */
    @Test
    void interceptorOfTheConsumer_isNoneOfTheProducer() {
        KafkaImport.Builder builder =
                builder().topics("calls").kafka(SETTINGS).kafka(Map.of("interceptor.classes", Passing.class.getName()));
        builder.open().close();
        builder.deadLetterTopic("bad").open().close();
        assertThat(problems).isEmpty();
    }

    /** An interceptor that changes nothing. */
    public static final class Passing implements ConsumerInterceptor<byte[], byte[]> {

        @Override
        public ConsumerRecords<byte[], byte[]> onConsume(ConsumerRecords<byte[], byte[]> messages) {
            return messages;
        }

        @Override
        public void onCommit(Map<TopicPartition, OffsetAndMetadata> offsets) {}

        @Override
        public void close() {}

        @Override
        public void configure(Map<String, ?> settings) {}
    }

    @Test
    void importThatIsClosed_doesNotRun_andClosesAgain() {
        KafkaImport calls = builder().topics("calls").kafka(SETTINGS).open();
        calls.close();
        calls.close();
        assertThatIllegalStateException().isThrownBy(calls::run);
        assertThat(calls.statistics().messages()).isZero();
        assertThat(calls.statistics().lag()).isEmpty();
    }

    /** Over the consumer that Kafka's client has for tests. */
    private KafkaImport over(MockConsumer<byte[], byte[]> consumer, Ledger into, AtomicBoolean idsClosed) {
        consumer.updateBeginningOffsets(Map.of(ZERO, 0L));
        TopicIds ids = new TopicIds() {
            @Override
            public Map<String, Uuid> of(Set<String> topics) {
                return Map.of("calls", new Uuid(1, 1));
            }

            @Override
            public void close() {
                idsClosed.set(true);
            }
        };
        ImportLoop.Bounds bounds = new ImportLoop.Bounds(
                100, 1 << 20, Duration.ZERO, Duration.ofSeconds(10), Duration.ofMillis(1), Duration.ofMillis(1), false);
        return new KafkaImport(into, Set.of("calls"), consumer, ids, null, bounds, new Counters(problems::add));
    }

    private static void add(MockConsumer<byte[], byte[]> consumer, long offset, String value) {
        consumer.addRecord(new ConsumerRecord<>("calls", 0, offset, null, value.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void close_endsTheRun_andItsConnections() throws Exception {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        AtomicBoolean idsClosed = new AtomicBoolean();
        CountDownLatch polled = new CountDownLatch(1);
        consumer.schedulePollTask(polled::countDown);
        KafkaImport calls = over(consumer, ledger, idsClosed);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> run = thread.submit(calls::run);
            assertThat(polled.await(1, TimeUnit.MINUTES)).isTrue();
            calls.close();
            assertThat(consumer.closed()).isTrue();
            assertThat(idsClosed).isTrue();
            run.get(1, TimeUnit.MINUTES);
            calls.close();
            assertThatIllegalStateException().isThrownBy(calls::run);
            assertThat(problems).isEmpty();
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void runThatStops_closesItsConnections_andSaysWhy() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        AtomicBoolean idsClosed = new AtomicBoolean();
        consumer.schedulePollTask(() -> consumer.setPollException(new TopicAuthorizationException(Set.of("calls"))));
        KafkaImport calls = over(consumer, ledger, idsClosed);
        assertThatThrownBy(calls::run)
                .isInstanceOf(KafkaImportException.class)
                .hasMessageContaining("calls")
                .hasCauseInstanceOf(TopicAuthorizationException.class);
        assertThat(consumer.closed()).isTrue();
        assertThat(idsClosed).isTrue();
        calls.close();
    }

    /** Nothing is stored of what it was about to write. */
    @Test
    void interruptedThread_leavesTheRun_andStaysInterrupted() {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        consumer.schedulePollTask(() -> consumer.rebalance(List.of(ZERO)));
        consumer.schedulePollTask(() -> {
            add(consumer, 0, "{\"id\":\"a\",\"model\":\"m\"}");
            Thread.currentThread().interrupt();
        });
        KafkaImport calls = over(consumer, ledger, new AtomicBoolean());
        calls.run();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(consumer.closed()).isTrue();
        assertThat(ledger.find(RecordId.of("a"))).isEmpty();
        assertThat(ledger.readerStates("kafka:")).hasSize(1).containsValue("0");
    }

    @Test
    void ledgerThatFailsForGood_orIsClosed_endsTheRun() {
        Ledger closed = InMemoryLedger.open(PriceBook.empty());
        closed.close();
        Ledger readOnly = FederatedLedger.builder()
                .ledger("one", ledger)
                .ledger("two", InMemoryLedger.open(PriceBook.empty()))
                .build();
        assertEnds(closed, IllegalStateException.class);
        assertEnds(readOnly, LedgerReadOnlyException.class);
    }

    private void assertEnds(Ledger into, Class<? extends RuntimeException> failure) {
        MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("none");
        consumer.schedulePollTask(() -> consumer.rebalance(List.of(ZERO)));
        KafkaImport calls = over(consumer, into, new AtomicBoolean());
        assertThatThrownBy(calls::run).isInstanceOf(failure);
        assertThat(consumer.closed()).isTrue();
    }
}
