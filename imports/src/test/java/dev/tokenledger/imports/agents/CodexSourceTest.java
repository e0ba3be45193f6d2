package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
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
        assertThat(first.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(60)
                        .output(10)
                        .cacheRead(40)
                        .reasoning(4)
                        .build());
        assertThat(second.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(40)
                        .output(20)
                        .cacheRead(160)
                        .reasoning(1)
                        .build());
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

    private static String written(long input, long cached, long written, long output) {
        return usage(input, cached, output, 0)
                .replace("\"output_tokens", "\"cache_write_input_tokens\":" + written + ",\"output_tokens");
    }

    private static String response(int second, String id, String turn, String usage) {
        return String.format(Locale.ROOT, """
                {"timestamp":"2026-03-01T10:00:%02d.000Z","type":"token_usage_record","payload":{"turn_id":"%s",\
                "response_id":"%s","usage":%s}}""", second, turn, id, usage);
    }

    private static String tier(String json) {
        return """
                {"timestamp":"2026-03-01T10:00:00.700Z","type":"event_msg","payload":{"type":"thread_settings_applied",\
                "thread_settings":{"model":"gpt-5.6"%s}}}""".formatted(json);
    }

    @Test
    void writtenTokens_areAClassOfTheirOwn() throws IOException {
        Path file = write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5.6"),
                count(1, written(1_000, 100, 800, 10), written(1_000, 100, 800, 10)));
        run(source);
        append(file, count(2, written(3_000, 1_000, 1_500, 30), ""));
        run(source);

        assertThat(records().get(0).tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(100)
                        .output(10)
                        .cacheCreation(800)
                        .cacheRead(100)
                        .build());
        assertThat(records().get(1).tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(400)
                        .output(20)
                        .cacheCreation(700)
                        .cacheRead(900)
                        .build());
    }

    @Test
    void moreCachedAndWrittenThanRead_isSkipped() throws IOException {
        write("a.jsonl", meta("s-1", ""), model("gpt-5.6"), count(1, written(100, 60, 50, 10), ""));
        assertThat(run(source).skippedReasons()).containsExactly(Map.entry("invalid_record", 1L));
    }

    @Test
    void serviceTier_isTheOneInForce() throws IOException {
        Path file = write(
                "a.jsonl", meta("s-1", ""), model("gpt-5.6"), FIRST, tier(",\"service_tier\":\"priority\""), SECOND);
        run(source);
        append(
                file,
                count(3, usage(400, 250, 40, 5), ""),
                tier(",\"service_tier\":\"flex\""),
                count(4, usage(500, 250, 50, 5), ""),
                tier(",\"service_tier\":null"),
                count(5, usage(600, 250, 60, 5), ""));
        run(source);

        assertThat(records())
                .extracting(UsageRecord::serviceTier)
                .containsExactly("", "priority", "priority", "flex", "");
    }

    /** Told by a line of its own and by the running total: one call, whichever comes before the next import. */
    @Test
    void responses_countOnceBesideTheRunningTotal() throws IOException {
        String first = usage(100, 40, 10, 4);
        String second = usage(200, 160, 20, 1);
        Path file = write(
                "a.jsonl", meta("s-1", ""), turn("t-1"), model("gpt-5.6"), response(1, "resp_1", "t-1", first), FIRST);
        run(source);
        append(file, response(2, "resp_2", "t-1", second));
        run(source);
        append(file, SECOND, response(3, "resp_3", "t-1", first));
        ImportReport report = run(source);

        assertThat(report.appended()).isEqualTo(1);
        assertThat(records()).extracting(UsageRecord::upstreamRequestId).containsExactly("resp_1", "resp_2", "resp_3");
        assertThat(records()).extracting(record -> record.tokens().totalInput()).containsExactly(100L, 200L, 100L);
        assertThat(records()).noneMatch(UsageRecord::aggregate);
    }

    /** The running total does not move for it. */
    @Test
    void compaction_isACallThatNoTotalTells() throws IOException {
        write(
                "a.jsonl",
                meta("s-1", ""),
                turn("t-1"),
                model("gpt-5.6"),
                response(1, "resp_1", "t-1", usage(100, 40, 10, 4)),
                FIRST,
                response(2, "resp_2", "t-1", usage(5_000, 0, 700, 0)),
                FIRST,
                response(3, "resp_3", "t-1", usage(200, 160, 20, 1)),
                SECOND);
        run(source);

        assertThat(records()).extracting(record -> record.tokens().output()).containsExactly(10L, 700L, 20L);
        assertThat(records()).allSatisfy(record -> assertThat(record.notes()).isEmpty());
    }

    /** As when a compaction and the call after it are told before the total moves. */
    @Test
    void severalResponsesBeforeATotal_areTheCalls() throws IOException {
        write(
                "a.jsonl",
                meta("s-1", ""),
                turn("t-1"),
                model("gpt-5.6"),
                response(1, "resp_1", "t-1", usage(5_000, 0, 700, 0)),
                response(2, "resp_2", "t-1", usage(100, 40, 10, 4)),
                FIRST,
                // Of two calls one was told alone.
                response(3, "resp_3", "t-1", usage(50, 10, 5, 0)),
                SECOND);
        run(source);

        assertThat(records()).extracting(record -> record.tokens().output()).containsExactly(700L, 15L, 10L, 5L);
        assertThat(records().get(1).notes()).containsExactly("calls_missing");
    }

    @Test
    void rolloutOfResponsesAlone_isRead() throws IOException {
        write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5.6"),
                response(1, "resp_1", "", usage(100, 40, 10, 4)),
                response(2, "resp_2", "", usage(200, 160, 20, 1)));
        assertThat(run(source).appended()).isEqualTo(2);
        assertThat(run(source).lines()).isZero();
        assertThat(total().totalOutputTokens()).isEqualTo(30);
    }

    /** A copy of the history lacks the lines of single responses. */
    @Test
    void copyOfRecordedResponses_isKnownByItsTotals() throws IOException {
        write(
                "a.jsonl",
                meta("s-1", ""),
                turn("t-1"),
                model("gpt-5.6"),
                response(1, "resp_1", "t-1", usage(100, 40, 10, 4)),
                FIRST,
                response(2, "resp_2", "t-1", usage(5_000, 0, 700, 0)),
                FIRST,
                response(3, "resp_3", "t-1", usage(200, 160, 20, 1)),
                SECOND);
        write(
                "b.jsonl",
                meta("s-2", ",\"source\":{\"subagent\":{\"thread_spawn\":{\"parent_thread_id\":\"s-1\"}}}"),
                turn("t-1"),
                model("gpt-5.6"),
                FIRST.replace("10:00:01", "10:11:00"),
                SECOND.replace("10:00:02", "10:11:00"),
                turn("t-2"),
                response(40, "resp_4", "t-2", usage(50, 0, 5, 0)),
                count(41, usage(350, 200, 35, 5), usage(50, 0, 5, 0)));
        run(source);

        assertThat(records()).extracting(record -> record.tokens().output()).containsExactly(10L, 700L, 20L, 5L);
        assertThat(records()).extracting(UsageRecord::sessionId).containsOnly("s-1");
        assertThat(records().get(3).role()).isEqualTo("delegate");
    }

    @Test
    void spawnedThreads_withoutTurns_countTheirParentsEventsOnce() throws IOException {
        String spawned = ",\"source\":{\"subagent\":{\"thread_spawn\":{\"parent_thread_id\":\"s-1\",\"depth\":1}}}";
        write("a.jsonl", meta("s-1", ""), model("gpt-5"), FIRST, SECOND);
        write(
                "b.jsonl",
                meta("s-2", spawned),
                model("gpt-5"),
                FIRST.replace("10:00:01", "10:11:00"),
                SECOND.replace("10:00:02", "10:11:00"),
                count(700, usage(350, 240, 35, 5), usage(50, 40, 5, 0)));
        write(
                "c.jsonl",
                meta("s-3", spawned),
                model("gpt-5"),
                FIRST.replace("10:00:01", "10:12:00"),
                count(730, usage(500, 240, 60, 5), usage(400, 200, 50, 1)));
        run(source);

        assertThat(records()).extracting(record -> record.tokens().output()).containsExactly(10L, 20L, 5L, 50L);
        assertThat(records()).extracting(UsageRecord::sessionId).containsOnly("s-1");
        assertThat(records()).extracting(UsageRecord::conversationId).containsExactly("s-1", "s-1", "s-2", "s-3");
    }

    @Test
    void usageOfAnUnknownShapeOrMember_isNotedOrNamed() throws IOException {
        String more = usage(100, 40, 10, 4).replace("}", ",\"image_input_tokens\":9}");
        write(
                "a.jsonl",
                meta("s-1", ""),
                model("gpt-5"),
                count(1, more, more),
                count(2, usage(300, 200, 30, 5).replace("}", ",\"image_input_tokens\":9}"), usage(200, 160, 20, 1)),
                count(3, "{\"prompt_tokens\":7}", ""));
        ImportReport report = run(source);
        assertThat(records().get(0).notes()).containsExactly("unpriced_member_image_input_tokens");
        assertThat(records().get(1).notes()).isEmpty();
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_record", 1L));
    }

    /** Zstandard's plain frame: a magic number, a header, and the bytes as they are. */
    private static byte[] compressed(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.writeBytes(new byte[] {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, (byte) 0xa0});
        frame.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(bytes.length)
                .array());
        int header = bytes.length << 3 | 1;
        frame.writeBytes(new byte[] {(byte) header, (byte) (header >> 8), (byte) (header >> 16)});
        frame.writeBytes(bytes);
        return frame.toByteArray();
    }

    @Test
    void compressedRollout_isTheSame() throws IOException {
        Path plain = write("sessions/rollout-a.jsonl", meta("s-1", ""), model("gpt-5"), FIRST, SECOND);
        assertThat(run(source).appended()).isEqualTo(2);
        Path file = folder.resolve("sessions/rollout-a.jsonl.zst");
        Files.write(file, compressed(Files.readString(plain)));
        Files.delete(plain);

        ImportReport report = run(source);

        assertThat(report.duplicates()).isEqualTo(2);
        assertThat(report.appended()).isZero();
        assertThat(run(source).unchangedFiles()).isEqualTo(1);
    }

    @Test
    void damagedCompressedRollout_isNamed() throws IOException {
        byte[] whole = compressed(String.join("\n", meta("s-1", ""), model("gpt-5"), FIRST, SECOND) + "\n");
        Files.createDirectories(folder.resolve("sessions"));
        Files.write(folder.resolve("sessions/a.jsonl.zst"), Arrays.copyOf(whole, whole.length - 20));
        Files.write(folder.resolve("sessions/b.jsonl.zst"), "no such thing".getBytes(StandardCharsets.UTF_8));

        ImportReport report = run(source);

        assertThat(report.unreadableFiles()).isEqualTo(2);
        assertThat(report.problems())
                .extracting(problem -> problem.message())
                .allMatch(text -> text.contains("Zstandard"));
    }

    /** What 0.1 carried from one import to the next had neither a tier nor what was written to the cache. */
    @Test
    void stateOfAnOlderVersion_isReadOn() {
        CodexRollout rollout =
                new CodexRollout("s-1\ts-1\t\tinteractive\t/app\tmain\t0.99.0\topenai\tt-1\tgpt-5\t100-40-10-4-110");

        assertThat(rollout.carry())
                .isEqualTo(
                        "s-1\ts-1\t\tinteractive\t/app\tmain\t0.99.0\topenai\tt-1\tgpt-5\t\t0-0-0-0-0\t100-40-10-4-110");
        assertThat(new CodexRollout(rollout.carry()).carry()).isEqualTo(rollout.carry());
    }
}
