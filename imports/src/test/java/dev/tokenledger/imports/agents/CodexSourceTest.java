package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CodexSourceTest extends LogTest {

    private final CodexSource source = new CodexSource();

    private static String meta(String id, String more) {
        return """
                {"timestamp":"2026-03-01T10:00:00.000Z","type":"session_meta","payload":{"id":"%s","cwd":"/home/ada/app",\
                "cli_version":"0.99.0","model_provider":"openai","git":{"branch":"main"}%s}}""".formatted(id, more);
    }

    private static String model(String name) {
        return """
                {"timestamp":"2026-03-01T10:00:00.500Z","type":"turn_context","payload":{"model":"%s"}}""".formatted(name);
    }

    private static String turn(String id) {
        return """
                {"timestamp":"2026-03-01T10:00:00.600Z","type":"event_msg","payload":{"type":"task_started","turn_id":"%s"}}""".formatted(id);
    }

    private static String usage(long input, long cached, long output, long reasoning) {
        return """
                {"input_tokens":%s,"cached_input_tokens":%s,"output_tokens":%s,"reasoning_output_tokens":%s,\
                "total_tokens":%s}""".formatted(input, cached, output, reasoning, input + output);
    }

    private static String count(int second, String total, String last) {
        return String.format(
                Locale.ROOT,
                """
                {"timestamp":"2026-03-01T10:%02d:%02d.000Z","type":"event_msg","payload":{"type":"token_count","info":{\
                "total_token_usage":%s%s,"model_context_window":272000},"rate_limits":null}}""",
                second / 60,
                second % 60,
                total,
                last.isEmpty() ? "" : ",\"last_token_usage\":" + last);
    }

    private static final String FIRST = count(1, usage(100, 40, 10, 4), usage(100, 40, 10, 4));
    private static final String SECOND = count(2, usage(300, 200, 30, 5), usage(200, 160, 20, 1));

    @Test
    void runningTotals_becomeCallsByTheirDifferences() throws IOException {
        write(
                "sessions/2026/03/01/rollout-a.jsonl",
                meta("s-1", ""),
                model("gpt-5-codex"),
                "{\"timestamp\":\"2026-03-01T10:00:00.000Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"token_count\","
                        + "\"info\":null}}",
                FIRST,
                "{\"type\":\"response_item\",\"payload\":{\"type\":\"message\",\"content\":[{\"id\":null}]}}",
                model("gpt-5.1-codex"),
                SECOND);
        ImportReport report = run(source);
        assertThat(report.used()).isEqualTo(2);
        assertThat(report.skipped()).isZero();
        UsageRecord first = records().get(0);
        UsageRecord second = records().get(1);
        assertThat(first.tokens()).isEqualTo(new TokenCounts(60, 10, 0, 0, 0, 40, 4, 0, 0, 0, 0));
        assertThat(second.tokens()).isEqualTo(new TokenCounts(40, 20, 0, 0, 0, 160, 1, 0, 0, 0, 0));
        assertThat(first.identity().model()).isEqualTo("gpt-5-codex");
        assertThat(second.identity().model()).isEqualTo("gpt-5.1-codex");
        assertThat(first.identity().provider()).isEqualTo("openai");
        assertThat(first.sessionId()).isEqualTo("s-1");
        assertThat(first.role()).isEqualTo("interactive");
        assertThat(first.attributes())
                .isEqualTo(Map.of("project", "/home/ada/app", "git_branch", "main", "agent_version", "0.99.0"));
        assertThat(first.timestamp()).contains(Instant.parse("2026-03-01T10:00:01Z"));
        assertThat(first.notes()).isEmpty();
        assertThat(first.aggregate()).isFalse();
    }

    @Test
    void archivedSession_isTheSame() throws IOException {
        Path rollout = write("sessions/2026/03/01/rollout-a.jsonl", meta("s-1", ""), model("gpt-5"), FIRST, SECOND);
        assertThat(run(source).appended()).isEqualTo(2);
        Path archive = Files.createDirectories(folder.resolve("archived_sessions"));
        Files.move(rollout, archive.resolve("rollout-a.jsonl"));
        ImportReport report = run(source);
        assertThat(report.appended()).isZero();
        assertThat(report.corrected()).isZero();
        assertThat(total().totalRecords()).isEqualTo(2);
    }

    @Test
    void totalsToldAgain_countOnce() throws IOException {
        write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5"),
                FIRST,
                FIRST,
                SECOND,
                FIRST,
                SECOND,
                count(9, usage(400, 250, 40, 5), usage(100, 50, 10, 0)));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(3);
        assertThat(report.ignored()).isEqualTo(5);
        assertThat(total().totalInputTokens() + total().totalCacheReadInputTokens())
                .isEqualTo(400);
        assertThat(total().totalOutputTokens()).isEqualTo(40);
    }

    @Test
    void fallenTotals_areACounterThatBeganAnew() throws IOException {
        write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5"),
                FIRST,
                SECOND,
                count(3, usage(50, 0, 5, 0), usage(50, 0, 5, 0)),
                count(4, usage(70, 10, 7, 0), ""));
        run(source);
        assertThat(records()).extracting(record -> record.tokens().totalInput()).containsExactly(100L, 200L, 50L, 20L);
        assertThat(total().totalOutputTokens()).isEqualTo(37);
    }

    @Test
    void fullWindow_isNoCall() throws IOException {
        // When a context is full Codex sets the sum to the window and all else to 0.
        String full = count(
                3,
                "{\"input_tokens\":0,\"cached_input_tokens\":0,\"output_tokens\":0,"
                        + "\"reasoning_output_tokens\":0,\"total_tokens\":272000}",
                "{\"input_tokens\":0,\"total_tokens\":1}");
        write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5"),
                FIRST,
                full,
                count(4, usage(90, 0, 9, 0), usage(90, 0, 9, 0)));
        run(source);
        assertThat(records()).extracting(record -> record.tokens().totalInput()).containsExactly(100L, 90L);
    }

    @Test
    void rolledBackTotal_isGoneOnFrom() throws IOException {
        // After FIRST, SECOND a rollback restores FIRST; the next call leads on from there, not from SECOND.
        write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5"),
                FIRST,
                SECOND,
                FIRST,
                count(9, usage(600, 40, 60, 4), usage(500, 0, 50, 0)));
        run(source);
        assertThat(records()).extracting(record -> record.tokens().totalInput()).containsExactly(100L, 200L, 500L);
    }

    @Test
    void missingEvents_areWithinTheDifferenceAndSaidToBe() throws IOException {
        write("a.jsonl", meta("s-1", ""), model("gpt-5"), FIRST, count(9, usage(900, 40, 90, 4), usage(500, 0, 50, 0)));
        run(source);
        UsageRecord record = records().get(1);
        assertThat(record.tokens().totalInput()).isEqualTo(800);
        assertThat(record.aggregate()).isTrue();
        assertThat(record.notes()).containsExactly("calls_missing");
    }

    @Test
    void fork_countsItsParentsEventsOnceAtTheirTime() throws IOException {
        String own = count(700, usage(350, 240, 35, 5), usage(50, 40, 5, 0));
        Path child = write(
                "sessions/b.jsonl",
                meta("s-2", ",\"forked_from_id\":\"s-1\""),
                meta("s-1", ""),
                model("gpt-5"),
                FIRST.replace("10:00:01", "10:11:00"),
                SECOND.replace("10:00:02", "10:11:00"),
                own);
        assertThat(run(source, child).appended()).isEqualTo(3);
        Path parent = write(
                "sessions/a.jsonl",
                meta("s-1", ""),
                model("gpt-5"),
                FIRST,
                SECOND,
                count(3, usage(330, 200, 33, 5), usage(30, 0, 3, 0)));
        ImportReport report = run(source, parent);
        assertThat(report.corrected()).isEqualTo(2);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(records()).extracting(UsageRecord::sessionId).containsExactly("s-1", "s-1", "s-1", "s-2");
        assertThat(records())
                .extracting(record -> record.timestamp().orElseThrow().toString())
                .startsWith("2026-03-01T10:00:01Z", "2026-03-01T10:00:02Z");
        assertThat(total().totalOutputTokens()).isEqualTo(38);
        Path again = write(
                "sessions/c.jsonl",
                meta("s-3", ",\"forked_from_id\":\"s-2\""),
                meta("s-2", ""),
                meta("s-1", ""),
                model("gpt-5"),
                FIRST.replace("10:00:01", "10:30:00"),
                SECOND.replace("10:00:02", "10:30:00"),
                own);
        assertThat(run(source, again).duplicates()).isEqualTo(3);
    }

    @Test
    void siblingForks_withEqualFiguresAreTwoCallsWhereTurnsAreNamed() throws IOException {
        String own = count(700, usage(150, 90, 15, 4), usage(50, 50, 5, 0));
        for (String sibling : List.of("s-2", "s-3")) {
            write(
                    sibling + ".jsonl",
                    meta(sibling, ",\"parent_thread_id\":\"s-1\",\"source\":{\"subagent\":{\"thread_spawn\":{}}}"),
                    meta("s-1", ""),
                    turn("t-1"),
                    FIRST.replace("10:00:01", "10:11:00"),
                    turn("t-of-" + sibling),
                    model("gpt-5"),
                    own);
        }
        write("s-1.jsonl", meta("s-1", ""), turn("t-1"), model("gpt-5"), FIRST);
        run(source);
        assertThat(total().totalRecords()).isEqualTo(3);
        assertThat(total().totalOutputTokens()).isEqualTo(20);
        assertThat(records()).extracting(UsageRecord::role).containsExactly("interactive", "delegate", "delegate");
        assertThat(records()).extracting(UsageRecord::conversationId).containsExactly("s-1", "s-2", "s-3");
        assertThat(records()).extracting(UsageRecord::sessionId).containsOnly("s-1");
    }

    @Test
    void independentSessions_withEqualFiguresAreTwoCalls() throws IOException {
        write("a.jsonl", meta("s-1", ""), model("gpt-5"), FIRST);
        write("b.jsonl", meta("s-2", ""), model("gpt-5"), FIRST);
        assertThat(run(source).appended()).isEqualTo(2);
    }

    @Test
    void threadWithoutItsParentsHistory_doesNotCountItsParentsTotal() throws IOException {
        write("a.jsonl", meta("s-2", ",\"forked_from_id\":\"s-1\""), model("gpt-5"), SECOND);
        run(source);
        assertThat(record().tokens().totalInput()).isEqualTo(200);
        assertThat(record().tokens().output()).isEqualTo(20);
    }

    @Test
    void grownFile_isReadOnFromItsTotal() throws IOException {
        Path file = write("a.jsonl", meta("s-1", ""), model("gpt-5"), FIRST);
        run(source);
        append(file, FIRST, SECOND);
        ImportReport report = run(source);
        assertThat(report.lines()).isEqualTo(2);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(records().get(1).tokens().totalInput()).isEqualTo(200);
        assertThat(records().get(1).sessionId()).isEqualTo("s-1");
        assertThat(records().get(1).identity().model()).isEqualTo("gpt-5");
    }

    @Test
    void labelThatARecordCannotKeep_isLeftOutAndBreaksNoState() throws IOException {
        // A tab, by which what is carried from import to import is parted.
        Path file =
                write("a.jsonl", meta("s-1", "").replace("/home/ada/app", "/home/ada\\tapp"), model("gpt-5"), FIRST);
        run(source);
        append(file, SECOND);
        run(source);
        assertThat(records().get(1).tokens().totalInput()).isEqualTo(200);
        assertThat(records()).extracting(UsageRecord::sessionId).containsOnly("s-1");
        assertThat(records())
                .allSatisfy(record -> assertThat(record.attributes()).doesNotContainKey("project"));
    }

    @Test
    void unknownModel_isSaidToBe() throws IOException {
        write("a.jsonl", meta("s-1", ""), FIRST);
        run(source);
        assertThat(record().identity().model()).isEqualTo("unknown");
        assertThat(record().identity().provider()).isEqualTo("openai");
        assertThat(record().notes()).containsExactly("model_missing");
    }

    @Test
    void impossibleFigures_areSkipped() throws IOException {
        write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5"),
                count(1, usage(100, 101, 10, 4), ""),
                count(2, usage(100, 10, 10, 11), ""),
                count(3, usage(-1, 0, 10, 0), ""),
                FIRST.replace("2026-03-01T10:00:01.000Z", "yesterday"),
                SECOND);
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_record", 4L));
        assertThat(total().totalOutputTokens()).isEqualTo(30);
    }

    @Test
    void folders_followTheEnvironment() throws IOException {
        Path home = Path.of("/home/me");
        assertThat(source.defaultFolders(Map.of(), home)).containsExactly(Path.of("/home/me/.codex"));
        assertThat(source.defaultFolders(Map.of("CODEX_HOME", "/c"), home)).containsExactly(Path.of("/c"));
        write("sessions/a.jsonl", "");
        write("archived_sessions/b.jsonl", "");
        write("history.jsonl", "");
        assertThat(run(source).files()).isEqualTo(2);
    }
}
