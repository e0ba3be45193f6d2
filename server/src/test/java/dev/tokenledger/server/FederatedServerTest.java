package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.FederatedLedger;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A server of two ledgers, of which one is away until it comes. */
class FederatedServerTest {

    private static final String MISSING = "\"missing_ledgers\":[{\"name\":\"us\",\"reason\":\"cannot be read\"}]";
    private static final String WORDS = "Partial: us cannot be read; what is there is not in these figures.";
    private static final String CALL = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":"
            + "{\"name\":\"cost_summary\",\"arguments\":{\"period\":\"all\"}}}";

    @TempDir
    Path folder;

    private final AtomicReference<@Nullable Ledger> us = new AtomicReference<>();
    private @Nullable RunningServer running;

    private static Ledger holding(String id, String usd) {
        Ledger ledger = InMemoryLedger.open(PriceBook.bundled(), InstantSource.fixed(RunningServer.NOW));
        ledger.append(UsageRecord.builder()
                .id(id)
                .timestamp(RunningServer.NOW.minusSeconds(60))
                .model("model-" + id)
                .inputTokens(10)
                .cost(Usd.parse(usd))
                .build());
        return ledger;
    }

    @BeforeEach
    void away() {
        us.set(null);
    }

    private RunningServer start(UnaryOperator<TokenledgerServer.Builder> settings) {
        FederatedLedger both = FederatedLedger.builder()
                .ledger("eu", holding("e1", "1.5"))
                .ledger("us", () -> {
                    Ledger ledger = us.get();
                    if (ledger == null) {
                        throw new LedgerUnavailableException("cannot open /secret/us.db: it is away", null);
                    }
                    return ledger;
                })
                .prices(PriceBook.bundled())
                .build();
        RunningServer server = new RunningServer(both, settings);
        running = server;
        return server;
    }

    @AfterEach
    void stop() {
        if (running != null) {
            running.close();
        }
    }

    private static HttpResponse<String> mcp(RunningServer server) {
        return server.send(server.request("/mcp")
                .header("Content-Type", "application/json")
                .header("Accept", "application/json")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(CALL))
                .build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/summary?group_by=model",
                "/v1/records",
                "/v1/records/e1",
                "/v1/record?id=e1",
                "/v1/dimensions?values_of=model",
                "/v1/budgets"
            })
    void partialAnswer_saysWhatIsMissing(String path) throws IOException {
        Path file = folder.resolve("budgets.yaml");
        Files.writeString(file, "budgets:\n  - name: All\n    period: month\n    usd: 5\n");
        List<Budget> budgets = new BudgetFile(file).read();
        RunningServer server = start(settings -> settings.partial().budgets(() -> budgets));
        HttpResponse<String> partial = server.get(path);
        assertThat(partial.statusCode()).isEqualTo(200);
        assertThat(partial.body()).contains(MISSING).contains("1.5");
        us.set(holding("u1", "2"));
        HttpResponse<String> whole = server.get(path);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).doesNotContain("missing_ledgers");
    }

    @ParameterizedTest
    @CsvSource({
        "false, /v1/summary, 503",
        "false, /v1/summary?partial=true, 200",
        "false, /v1/summary?partial=false, 503",
        "true, /v1/summary, 200",
        "true, /v1/summary?partial=false, 503",
        "true, /v1/records?partial=false, 503",
        "true, /v1/records?partial=perhaps, 400",
        "true, /v1/records?partial=true&partial=true, 400"
    })
    void caller_saysWhetherAnAnswerMayBePartial(boolean usually, String path, int status) {
        RunningServer server = start(settings -> usually ? settings.partial() : settings);
        HttpResponse<String> answer = server.get(path);
        assertThat(answer.statusCode()).isEqualTo(status);
        if (status == 503) {
            assertThat(answer.body())
                    .contains("the ledger us cannot be read; ask again later")
                    .doesNotContain("secret");
            assertThat(server.failures()).anyMatch(failure -> failure.contains("/secret/us.db: it is away"));
        }
    }

    @Test
    void ledgerThatComesBack_isAddedUpAgain() {
        RunningServer server = start(settings -> settings);
        assertThat(server.get("/v1/summary").statusCode()).isEqualTo(503);
        assertThat(server.get("/readyz").statusCode()).isEqualTo(503);
        us.set(holding("u1", "2"));
        assertThat(server.get("/v1/summary").body()).contains("\"total_cost_usd\":3.5");
        assertThat(server.get("/readyz").statusCode()).isEqualTo(200);
    }

    @Test
    void recordThatMayBeInTheMissingLedger_isNotSaidToBeNowhere() {
        RunningServer server = start(settings -> settings.partial());
        assertThat(server.get("/v1/records/u1").statusCode()).isEqualTo(503);
        us.set(holding("u1", "2"));
        assertThat(server.get("/v1/records/u1").statusCode()).isEqualTo(200);
        assertThat(server.get("/v1/records/none").statusCode()).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/calls.csv", "/summary.csv", "/metrics"})
    void whatHasNoPlaceToSaySo_isWholeOrFails(String path) {
        RunningServer server = start(settings -> settings.partial());
        HttpResponse<String> answer = server.get(path);
        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).contains("the ledger us cannot be read");
        us.set(holding("u1", "2"));
        assertThat(server.get(path).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/calls", "/calendar", "/unpriced", "/call?id=e1"})
    void dashboard_saysWhatIsMissing(String path) {
        RunningServer server = start(settings -> settings.partial());
        assertThat(server.get(path).body()).contains(WORDS);
        us.set(holding("u1", "2"));
        HttpResponse<String> whole = server.get(path);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).doesNotContain("Partial:");
    }

    @Test
    void agents_areToldWhatIsMissing() {
        RunningServer server = start(settings -> settings.partial());
        assertThat(mcp(server).body())
                .contains(WORDS)
                .contains(MISSING)
                .contains("$1.5 for 1 call")
                .contains("\"isError\":false");
        us.set(holding("u1", "2"));
        assertThat(mcp(server).body()).contains("$3.5 for 2 calls").doesNotContain("missing_ledgers");
    }

    @Test
    void agents_areToldByAnErrorWhereAnswersAreWhole() {
        RunningServer server = start(settings -> settings);
        HttpResponse<String> answer = mcp(server);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body())
                .contains("the ledger us cannot be read; ask again later")
                .contains("\"isError\":true")
                .doesNotContain("secret");
    }

    @ParameterizedTest
    @CsvSource({
        "/v1/records, '{\"model\":\"m\"}'",
        "/v1/budgets/admit, '{\"model\":\"m\"}'",
        "/v1/budgets/release, '{\"reservation\":\"r\"}'",
        "/v1/reversals, '{\"id\":\"e1\",\"reason\":\"why\"}'",
        "/v1/traces, '{}'",
        "/v1/logs, '{}'",
        "/v1/metrics, '{}'"
    })
    void whatWrites_isRefusedForGood(String path, String body) {
        us.set(holding("u1", "2"));
        RunningServer server = start(settings -> settings.partial());
        HttpResponse<String> answer = server.post(path, "application/json", body);
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(answer.body()).contains("this server only reads: it adds up the ledgers eu, us; nothing was stored");
        assertThat(server.get("/v1/summary").body()).contains("\"total_records\":2");
    }

    @Test
    void whatNeedsNoLedger_isAnsweredAsEver() {
        RunningServer server = start(settings -> settings);
        assertThat(server.get("/healthz").statusCode()).isEqualTo(200);
        assertThat(server.get("/openapi.json").body()).contains("missing_ledgers");
        assertThat(server.post("/v1/cost", "application/json", "{\"model\":\"gpt-5\",\"provider\":\"openai\"}")
                        .statusCode())
                .isEqualTo(200);
    }
}
