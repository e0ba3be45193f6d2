package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import org.junit.jupiter.api.Test;

/** Calls as CSV: all of them, or plainly not all of them. */
class CallsDownloadTest {

    private static final String ALL = "/calls.csv?period=all";
    private static final String GET = "GET " + ALL + " HTTP/1.1\r\nHost: localhost\r\n\r\n";

    /** More than the ledger gives on a page, of which some are of one time. */
    private static final int CALLS = 2 * RecordQuery.MAX_LIMIT + 1;

    private static void fill(Ledger ledger) {
        Batch.Builder batch = Batch.builder();
        for (int i = 0; i < CALLS; i++) {
            batch.append(UsageRecord.builder()
                    .id("call-" + i)
                    .model(i % 2 == 0 ? "even" : "odd")
                    .timestamp(RunningServer.NOW.minusSeconds(i / 3))
                    .inputTokens(i)
                    .build());
        }
        ledger.write(batch.build());
    }

    @Test
    void calls_areAllThere_andAddUp() {
        try (RunningServer server = RunningServer.start()) {
            fill(server.ledger());
            List<String> lines = server.get(ALL).body().lines().toList();
            int input = List.of(lines.get(0).split(",")).indexOf("input_tokens");
            List<String> calls = lines.subList(1, lines.size());
            assertThat(calls).hasSize(CALLS).doesNotHaveDuplicates();
            assertThat(calls.get(0)).startsWith("call-");
            assertThat(calls.stream()
                            .mapToLong(line -> Long.parseLong(line.split(",")[input]))
                            .sum())
                    .isEqualTo(server.ledger().summary(TimeWindow.all()).totalInputTokens());
            assertThat(server.get(ALL + "&where.model=odd").body().lines()).hasSize(1 + CALLS / 2);
            assertThat(server.send(server.request(ALL)
                                    .method("HEAD", BodyPublishers.noBody())
                                    .build())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(server.failures()).isEmpty();
        }
    }

    @Test
    void attributes_haveAColumnEach_andKeepAnyValuesApart() {
        try (RunningServer server = RunningServer.start()) {
            server.ledger()
                    .append(UsageRecord.builder()
                            .id("a")
                            .model("m")
                            .timestamp(RunningServer.NOW)
                            .attribute("team", "search; ads=1")
                            .attribute("area", "c=\"d\"")
                            .build());
            server.ledger()
                    .append(UsageRecord.builder()
                            .id("b")
                            .model("m")
                            .timestamp(RunningServer.NOW.minusSeconds(1))
                            .build());
            List<String> lines = server.get(ALL).body().lines().toList();
            assertThat(lines.get(0)).endsWith(",attribute.area,attribute.team");
            assertThat(lines.get(1))
                    .contains("\"{\"\"area\"\":\"\"c=\\\"\"d\\\"\"\"\",\"\"team\"\":\"\"search; ads=1\"\"}\"")
                    .endsWith(",\"c=\"\"d\"\"\",search; ads=1");
            assertThat(lines.get(2)).endsWith(",,");
        }
    }

    @Test
    void ledgerThatFailsInTheMiddle_breaksTheDownloadOff() {
        try (RunningServer server = new RunningServer(new Pages(3), settings -> settings)) {
            assertThatThrownBy(() -> server.get(ALL))
                    .isInstanceOf(UncheckedIOException.class)
                    .hasCauseInstanceOf(IOException.class);
            assertThat(server.failures())
                    .singleElement()
                    .asString()
                    .startsWith("cannot finish answering GET /calls.csv: ")
                    .contains("no more pages");
        }
    }

    @Test
    void ledgerThatFailsAtOnce_isAProblem() {
        try (RunningServer server = new RunningServer(new Pages(0), settings -> settings)) {
            HttpResponse<String> answer = server.get(ALL);
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Content-Disposition")).isEmpty();
            assertThat(answer.body()).contains("the ledger is busy");
        }
    }

    /** That a client goes away is no failure, and makes room for the next one. */
    @Test
    void downloads_areBounded_andEndWithTheirClients() throws Exception {
        try (RunningServer server = new RunningServer(new Pages(Integer.MAX_VALUE), settings -> settings)) {
            List<RawClient> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                RawClient client = new RawClient(server.server().port());
                clients.add(client);
                assertThat(client.send(GET).status()).isEqualTo(200);
            }
            HttpResponse<String> refused = server.get(ALL);
            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.headers().firstValue("Retry-After")).contains("1");
            assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
            for (RawClient client : clients) {
                client.close();
            }
            TokenledgerServerTest.await(() -> {
                try (RawClient next = new RawClient(server.server().port())) {
                    return next.send(GET).status() == 200;
                }
            });
            assertThat(server.failures()).isEmpty();
        }
    }

    /** As many pages as are wanted, the same each time, and then none. */
    private static final class Pages extends UnusableLedger {

        private final Ledger calls = InMemoryLedger.open(PriceBook.empty());
        private final int pages;
        private int asked;

        Pages(int pages) {
            this.pages = pages;
            fill(calls);
        }

        @Override
        public synchronized RecordPage records(RecordQuery query) {
            if (asked == pages) {
                throw failure();
            }
            asked++;
            return new RecordPage(
                    calls.records(query).entries(),
                    Optional.of(new RecordQuery.Cursor(Long.MAX_VALUE, Long.MAX_VALUE)));
        }

        @Override
        public SortedSet<String> attributeKeys() {
            return Collections.emptySortedSet();
        }

        @Override
        RuntimeException failure() {
            return new LedgerBusyException("no more pages", null);
        }
    }
}
