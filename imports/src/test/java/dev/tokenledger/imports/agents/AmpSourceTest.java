package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class AmpSourceTest extends LogTest {

    private static final String MESSAGES = """
            "messages":[
              {"role":"user","messageId":0,"content":[{"type":"text","usage":{"inputTokens":9}}]},
              {"role":"assistant","messageId":1,"usage":{"model":"claude-sonnet-4-5","inputTokens":10,"outputTokens":178,\
            "cacheCreationInputTokens":986,"cacheReadInputTokens":11372,"credits":4.2,\
            "timestamp":"2026-05-01T11:42:10.652Z"}}]""";
    private static final String LEDGER = """
            "usageLedger":{"events":[
              {"id":"e-1","timestamp":"2026-05-01T11:42:10.652Z","model":"claude-sonnet-4-5","credits":4.2,\
            "tokens":{"input":10,"output":178},"toMessageId":1},
              {"id":"e-2","timestamp":"2026-05-01T11:43:00.000Z","model":"gpt-5","credits":1,\
            "tokens":{"input":7,"output":3}}]}""";

    private final AmpSource source = new AmpSource();

    private static String thread(String... parts) {
        return "{\"v\":1,\"id\":\"T-a\",\"env\":{\"initial\":{\"trees\":[{\"uri\":\"file:///home/ada/my%20app\"}]}},"
                + String.join(",", parts) + "}";
    }

    @Test
    void ledgerEvents_areCallsWithTheirMessagesCache() throws IOException {
        write("threads/T-a.json", thread(MESSAGES, LEDGER));
        ImportReport report = run(source);
        assertThat(report.used()).isEqualTo(2);
        assertThat(report.ignored()).isEqualTo(2);
        UsageRecord first = records().get(0);
        assertThat(first.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(178)
                        .cacheCreation(986)
                        .cacheRead(11372)
                        .build());
        assertThat(first.reportedCost()).isEmpty();
        assertThat(first.identity().provider()).isEqualTo("anthropic");
        assertThat(first.sessionId()).isEqualTo("T-a");
        assertThat(first.requestId()).isEqualTo("e-1");
        assertThat(first.attributes()).containsExactly(Map.entry("project", "/home/ada/my app"));
        assertThat(first.notes()).containsExactly("cache_split_missing");
        assertThat(records().get(1).tokens()).isEqualTo(TokenCounts.of(7, 3));
        assertThat(records().get(1).identity().provider()).isEqualTo("openai");
    }

    @Test
    void messages_countWhereThereIsNoLedger() throws IOException {
        write("T-a.json", thread(MESSAGES));
        run(source);
        assertThat(record().tokens().totalInput()).isEqualTo(12_368);
        assertThat(record().tokens().output()).isEqualTo(178);
    }

    @Test
    void threadThatLosesItsLedger_isNotCountedAgain() throws IOException {
        write("T-a.json", thread(MESSAGES, LEDGER));
        run(source);
        write("T-a.json", thread(MESSAGES));
        ImportReport report = run(source);
        assertThat(report.appended()).isZero();
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(total().totalRecords()).isEqualTo(2);
    }

    @Test
    void eventsOfOneMessage_areCallsOfTheirOwn() throws IOException {
        write("T-a.json", thread(MESSAGES, LEDGER.replace("\"output\":3}", "\"output\":3},\"toMessageId\":1")));
        assertThat(run(source).appended()).isEqualTo(2);
        assertThat(total().totalOutputTokens()).isEqualTo(181);
        assertThat(total().totalCacheReadInputTokens()).isEqualTo(11_372);
    }

    @Test
    void unusableEvents_areSkipped() throws IOException {
        write(
                "T-a.json",
                thread(LEDGER.replace("\"input\":10", "\"input\":-10")
                        .replace("{\"input\":7,\"output\":3}", "{\"total\":10}")));
        write("T-b.json", "not json");
        write("notes.json", "{}");
        ImportReport report = run(source);
        assertThat(report.files()).isEqualTo(2);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 2L, "invalid_json", 1L));
        assertThat(total().totalRecords()).isZero();
    }

    @Test
    void folders_followTheEnvironment() {
        Path home = Path.of("/home/me");
        assertThat(source.defaultFolders(Map.of(), home)).containsExactly(Path.of("/home/me/.local/share/amp"));
        assertThat(source.defaultFolders(Map.of("XDG_DATA_HOME", "/x"), home)).containsExactly(Path.of("/x/amp"));
        assertThat(source.defaultFolders(Map.of("AMP_DATA_DIR", "/a"), home)).containsExactly(Path.of("/a"));
    }
}
