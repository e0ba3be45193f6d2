package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OmpSourceTest extends LogTest {

    private static final String TITLE = "{\"type\":\"title\",\"v\":1,\"title\":\"Roses\",\"source\":\"auto\"}";
    private static final String SESSION =
            "{\"type\":\"session\",\"version\":3,\"id\":\"s-1\",\"cwd\":\"/home/me/garden\"}";

    private final OmpSource source = new OmpSource();

    private static String answer(long time, int input) {
        return """
                {"type":"message","timestamp":"2026-02-01T10:00:09.000Z","message":{"role":"assistant","model":"claude-opus-4-5",\
                "provider":"anthropic","usage":{"input":%s,"output":2,"cacheRead":1,"cacheWrite":0,"totalTokens":%s,\
                "cost":{"total":0.5}},"timestamp":%s}}""".formatted(input, input + 3, time);
    }

    @Test
    void sessionBehindItsTitle_isReadAndReadOn() throws IOException {
        Path file = write("sessions/-garden-/a.jsonl", TITLE, SESSION, answer(1_769_940_001_500L, 3));
        write("sessions/-garden-/a/advisor.jsonl", SESSION.replace("s-1", "s-2"), answer(1_769_940_002_500L, 40));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(2);
        assertThat(records())
                .extracting(record -> record.sessionId() + " " + record.source())
                .containsExactly("s-1 omp", "s-2 omp");
        UsageRecord first = records().get(0);
        assertThat(first.tokens())
                .isEqualTo(TokenCounts.builder().input(3).output(2).cacheRead(1).build());
        assertThat(first.reportedCost().orElseThrow().toString()).startsWith("0.5");
        assertThat(first.attributes()).isEqualTo(Map.of("project", "/home/me/garden"));

        append(file, answer(1_769_940_001_500L, 3), answer(1_769_940_003_500L, 5));
        assertThat(run(source).appended()).isEqualTo(1);
        assertThat(records().get(2).sessionId()).isEqualTo("s-1");
    }

    @Test
    void folder_isItsOwn() {
        assertThat(source.defaultFolders(Map.of("PI_CODING_AGENT_DIR", "/pi"), Path.of("/h")))
                .containsExactly(Path.of("/h/.omp/agent"));
    }
}
