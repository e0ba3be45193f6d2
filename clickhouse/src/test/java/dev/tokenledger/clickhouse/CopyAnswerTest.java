package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.tokenledger.sql.engine.CopyState;
import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.engine.RecordCopy.Failure;
import dev.tokenledger.sql.engine.RecordCopy.Failure.Reason;
import dev.tokenledger.sql.engine.RecordCopy.Row;
import dev.tokenledger.sql.engine.Scan;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What a server may answer, and what becomes of it. */
class CopyAnswerTest {

    private static final long ENTRIES = 3;

    private static final Scan.Alike ALIKE = new Scan.Alike(new int[] {0, 1, 1}, List.of("team", "user"));

    private static final RecordCopy.Question QUESTION = new RecordCopy.Question(
            new Scan.Wanted(Set.of(Scan.Column.ATTRIBUTES), List.of(), 1, Long.MAX_VALUE, ALIKE),
            0,
            1_000,
            new CopyState("usage_records_1", 7, 1, 0, ENTRIES, 0),
            Duration.ofMinutes(1));

    /** A row as ClickHouse sends it. */
    private static byte[] row(long occurred, int combination, String team, String user, long figure) {
        byte[] teamBytes = team.getBytes(StandardCharsets.UTF_8);
        byte[] userBytes = user.getBytes(StandardCharsets.UTF_8);
        ByteBuffer buffer = ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN);
        buffer.putLong(occurred).putInt(combination).putInt(5);
        for (byte[] text : List.of(teamBytes, userBytes)) {
            int length = text.length;
            while (length >= 0x80) {
                buffer.put((byte) (length | 0x80));
                length >>= 7;
            }
            buffer.put((byte) length).put(text);
        }
        buffer.putInt(9);
        for (int i = 0; i < 10; i++) {
            buffer.putLong(figure + i);
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private static byte[] count(long rows) {
        return row(rows, CopyQuestion.COUNT, "", "", 0);
    }

    private static byte[] joined(byte[]... parts) {
        ByteBuffer all = ByteBuffer.allocate(
                Arrays.stream(parts).mapToInt(part -> part.length).sum());
        for (byte[] part : parts) {
            all.put(part);
        }
        return all.array();
    }

    private static SpooledBytes spooled(byte[] bytes, int maxMemory, int chunk) throws Exception {
        BodySubscriber<SpooledBytes> subscriber = SpooledBytes.subscriber(maxMemory, 1 << 20);
        subscriber.onSubscribe(new Flow.Subscription() {
            @Override
            public void request(long many) {}

            @Override
            public void cancel() {}
        });
        for (int at = 0; at < bytes.length; at += chunk) {
            subscriber.onNext(List.of(ByteBuffer.wrap(bytes, at, Math.min(chunk, bytes.length - at))));
        }
        subscriber.onComplete();
        return subscriber.getBody().toCompletableFuture().get();
    }

    private static List<Row> rows(byte[] bytes) throws Exception {
        try (CopyAnswer answer = new CopyAnswer(spooled(bytes, 1 << 20, 1 << 20), 2, ENTRIES)) {
            return rows(answer);
        }
    }

    private static List<Row> rows(CopyAnswer answer) throws SQLException, Failure {
        List<Row> rows = new ArrayList<>();
        answer.forEach(rows::add);
        return rows;
    }

    private static String text(Row row) {
        return row.occurred() + " " + row.combination() + " " + row.thread() + " " + row.values() + " "
                + row.rareFields() + " " + Arrays.toString(row.figures());
    }

    @Test
    void rows_areReadWhereverTheyAreKept_twice() throws Exception {
        String longText = "ü".repeat(300);
        byte[] bytes = joined(
                row(11, 1, "a", longText, 40), count(ENTRIES), row(Long.MIN_VALUE, -1, "", "x", Long.MAX_VALUE - 9));
        for (int maxMemory : new int[] {0, 1, 100, 10_000}) {
            for (int chunk : new int[] {1, 7, 5_000}) {
                try (SpooledBytes spooled = spooled(bytes, maxMemory, chunk);
                        CopyAnswer answer = new CopyAnswer(spooled, 2, ENTRIES)) {
                    assertThat(spooled.length()).isEqualTo(bytes.length);
                    for (int time = 0; time < 2; time++) {
                        assertThat(rows(answer).stream().map(CopyAnswerTest::text))
                                .containsExactly(
                                        "11 1 5 [a, " + longText
                                                + "] 9 [40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 0, 0, 0]",
                                        Long.MIN_VALUE + " -1 5 [, x] 9 ["
                                                + Long.toString(Long.MAX_VALUE - 9) + ", "
                                                + Long.toString(Long.MAX_VALUE - 8) + ", "
                                                + Long.toString(Long.MAX_VALUE - 7) + ", "
                                                + Long.toString(Long.MAX_VALUE - 6) + ", "
                                                + Long.toString(Long.MAX_VALUE - 5) + ", "
                                                + Long.toString(Long.MAX_VALUE - 4) + ", "
                                                + Long.toString(Long.MAX_VALUE - 3) + ", "
                                                + Long.toString(Long.MAX_VALUE - 2) + ", "
                                                + Long.toString(Long.MAX_VALUE - 1) + ", " + Long.MAX_VALUE
                                                + ", 0, 0, 0]");
                    }
                }
            }
        }
    }

    @Test
    void answerThatIsCutAnywhere_isNone() throws Exception {
        byte[] whole = joined(row(11, 1, "a", "b", 40), row(12, 1, "a", "b", 40), count(ENTRIES));
        assertThat(rows(whole)).hasSize(2);
        for (int length = 0; length < whole.length; length++) {
            byte[] cut = Arrays.copyOf(whole, length);
            assertThatThrownBy(() -> rows(cut))
                    .isInstanceOfSatisfying(
                            Failure.class,
                            failure -> assertThat(failure.reason()).isEqualTo(Reason.ERROR));
        }
    }

    @Test
    void tableWithFewerRowsThanWereWritten_isUnfit() {
        assertThatThrownBy(() -> rows(joined(row(11, 1, "a", "b", 40), count(ENTRIES - 1))))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.reason()).isEqualTo(Reason.UNFIT))
                .hasMessage("its table has 2 rows, and 3 were written to it");
        assertThatThrownBy(() -> rows(joined(count(ENTRIES), count(ENTRIES)))).isInstanceOf(Failure.class);
    }

    @Test
    void answerThatIsTooLong_isNotKept() {
        BodySubscriber<SpooledBytes> subscriber = SpooledBytes.subscriber(10, 100);
        subscriber.onNext(List.of(ByteBuffer.allocate(100), ByteBuffer.allocate(1)));
        subscriber.onNext(List.of(ByteBuffer.allocate(1)));
        subscriber.onComplete();
        assertThatThrownBy(() -> subscriber.getBody().toCompletableFuture().get())
                .isInstanceOf(ExecutionException.class)
                .hasMessageContaining("longer than 100 bytes");
    }

    /** A server that answers with these bytes, or says more than it then sends. */
    private static Failure failureOf(int status, byte[] body, int announced) throws Exception {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status, announced);
            exchange.getResponseBody().write(body);
            exchange.getResponseBody().flush();
            exchange.close();
        });
        server.start();
        try {
            return failureOf(server.getAddress().getPort(), QUESTION);
        } finally {
            server.stop(0);
        }
    }

    private static Failure failureOf(int port, RecordCopy.Question question) throws Exception {
        ClickHouseAddress address = ClickHouseAddress.parse("clickhouse://127.0.0.1:" + port, Map.of(), warning -> {});
        try (ClickHouseCopy copy = ClickHouseCopy.at(address);
                RecordCopy.Answer answer = copy.ask(question)) {
            answer.forEach(row -> {});
            throw new AssertionError("there was an answer");
        } catch (Failure e) {
            return e;
        }
    }

    @Test
    void serverThatRefuses_orLeavesOff_orIsNotThere_givesNoAnswer() throws Exception {
        byte[] row = row(11, 1, "a", "b", 40);
        assertThat(failureOf(500, said("Code: 241. DB::Exception: too much 'secret'"), 0))
                .hasMessage("error 241 of ClickHouse")
                .satisfies(failure -> assertThat(failure.reason()).isEqualTo(Reason.ERROR));
        assertThat(failureOf(500, said("Code: 279. DB::Exception: a shard"), 0).reason())
                .isEqualTo(Reason.AWAY);
        assertThat(failureOf(404, said("Code: 60. DB::Exception: no table"), 0).reason())
                .isEqualTo(Reason.UNFIT);
        assertThat(failureOf(500, said("Code: 159. DB::Exception: late"), 0).reason())
                .isEqualTo(Reason.SLOW);
        assertThat(failureOf(200, row, row.length + 500).reason()).isEqualTo(Reason.AWAY);
        assertThat(failureOf(200, row, row.length).reason()).isEqualTo(Reason.ERROR);
        assertThat(failureOf(200, said("garbage"), 0).reason()).isEqualTo(Reason.ERROR);
        int nobody;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = socket.getLocalPort();
        }
        assertThat(failureOf(nobody, QUESTION).reason()).isEqualTo(Reason.AWAY);
    }

    private static byte[] said(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** It takes the connection and says nothing. */
    @Test
    void serverThatDoesNotAnswer_isWaitedForSoLongAndNoLonger_andNotAtAllOnceInterrupted() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            RecordCopy.Question hasty = new RecordCopy.Question(
                    QUESTION.wanted(), QUESTION.from(), QUESTION.to(), QUESTION.state(), Duration.ofMillis(50));
            assertThat(failureOf(silent.getLocalPort(), hasty).reason()).isEqualTo(Reason.SLOW);

            RecordCopy.Question patient = new RecordCopy.Question(
                    QUESTION.wanted(), QUESTION.from(), QUESTION.to(), QUESTION.state(), Duration.ofDays(1));
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            CountDownLatch asking = new CountDownLatch(1);
            Thread asked = new Thread(() -> {
                asking.countDown();
                try {
                    failureOf(silent.getLocalPort(), patient);
                } catch (Exception e) {
                    thrown.set(e);
                }
            });
            asked.start();
            asking.await();
            asked.interrupt();
            asked.join();
            assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        }
    }
}
