package dev.tokenledger.imports.agents;

import static dev.tokenledger.imports.agents.Transcript.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.imports.ImportProblem;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Each rule of Claude Code's transcripts. Long because the rules are many, and most of them bear on one row or two. */
class ClaudeCodeSourceTest {

    @TempDir
    Path folder;

    private final Ledger ledger = InMemoryLedger.open(PriceBook.bundled());

    // ---- One row

    @Test
    void row_becomesARecordWithItsSurroundings() throws IOException {
        ImportReport report = run(row());
        assertThat(report.clean()).isTrue();
        assertThat(report.used()).isEqualTo(1);
        UsageRecord record = only();
        assertThat(record.id().value()).isEqualTo("claude-code:msg_1");
        assertThat(record.timestamp()).contains(Instant.parse("2026-03-01T12:00:00.250Z"));
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(10)
                        .output(20)
                        .cacheCreation(30)
                        .cacheCreation5m(12)
                        .cacheCreation1h(18)
                        .cacheRead(40)
                        .build());
        assertThat(record.identity().model()).isEqualTo("claude-sonnet-4-5-20250929");
        assertThat(record.identity().provider()).isEqualTo("anthropic");
        assertThat(record.upstreamRequestId()).isEqualTo("req_1");
        assertThat(record.sessionId()).isEqualTo("session-1");
        assertThat(record.conversationId()).isEqualTo("session-1");
        assertThat(record.attributes())
                .isEqualTo(Map.of("project", "/home/ada/engine", "git_branch", "main", "agent_version", "2.0.14"));
        assertThat(record.role()).isEqualTo("interactive");
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.serviceTier()).isEqualTo("standard");
        assertThat(record.source()).isEqualTo("claude-code");
        assertThat(record.aggregate()).isFalse();
        assertThat(record.notes()).isEmpty();
        assertThat(record.calls()).isEmpty();
    }

    @Test
    void responseWithoutAStopReason_isNotedAsIncomplete() throws IOException {
        run(row().message("stop_reason", "null"));
        assertThat(only().notes()).containsExactly("output_incomplete");
        assertThat(only().outcome()).isEqualTo(Outcome.UNSTATED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":0}", "{}", "null"})
    void writesWithoutASplit_areUnattributedAndNoted(String split) throws IOException {
        run(row().usage("cache_creation", split));
        assertThat(only().tokens().cacheCreation()).isEqualTo(30);
        assertThat(only().tokens().cacheCreationUnattributed()).isEqualTo(30);
        assertThat(only().notes()).containsExactly("cache_split_missing");
    }

    @Test
    void splitWithoutATotal_isTheTotal() throws IOException {
        run(row().usage("cache_creation_input_tokens", null));
        assertThat(only().tokens().cacheCreation()).isEqualTo(30);
        assertThat(only().notes()).isEmpty();
    }

    @Test
    void absentFigures_areZero() throws IOException {
        run(row().usage("cache_creation_input_tokens", null)
                .usage("cache_creation", null)
                .usage("cache_read_input_tokens", "null")
                .usage("service_tier", "null"));
        assertThat(only().tokens()).isEqualTo(TokenCounts.of(10, 20));
        assertThat(only().serviceTier()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "'\"us\"', true",
        "'\"global\"', false",
        "'\"not_available\"', false",
        "'\"\"', false",
        "null, false",
        "7, false"
    })
    void placeThatIsChargedOtherwise_isKept(String place, boolean kept) throws IOException {
        run(row().usage("inference_geo", place));
        assertThat(only().tokens().input()).isEqualTo(10);
        assertThat(only().region()).isEqualTo(kept ? "us" : "");
        assertThat(only().notes()).isEmpty();
    }

    @Test
    void placeThatOneRowStates_isTheCalls() throws IOException {
        run(row().usage("inference_geo", "\"us\""), row());
        assertThat(only().region()).isEqualTo("us");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "cache_creation | {\"ephemeral_5m_input_tokens\":30,\"ephemeral_24h_input_tokens\":9} | unpriced_member_cache_creation_ephemeral_24h_input_tokens",
                "server_tool_use | {\"code_execution_requests\":2} | unpriced_member_server_tool_use_code_execution_requests",
                "audio_tokens | 7 | unpriced_member_audio_tokens",
                "new_object | {\"deeper\":{\"image_count\":1}} | unpriced_member_new_object_deeper_image_count",
                "something | 7 | unknown_member_something",
                "data_region | \"eu\" | unpriced_member_data_region",
                "audio_tokens | 0 | ",
                "output_tokens_per_second | 7 | ",
                "note | \"a text\" | "
            })
    void memberThatIsNotKnown_isNoted(String member, String value, String note) throws IOException {
        run(row().usage(member, value));
        assertThat(only().notes()).isEqualTo(note == null ? Set.of() : Set.of(note));
    }

    @Test
    void webSearches_areCountedAndFetchesAreNot() throws IOException {
        run(row().usage("server_tool_use", "{\"web_search_requests\":3,\"web_fetch_requests\":5}"));
        assertThat(only().calls()).isEqualTo(Map.of("web_search", 3L));
    }

    @Test
    void thinking_isAPartOfTheOutput() throws IOException {
        run(row().usage("output_tokens_details", "{\"thinking_tokens\":15}"));
        assertThat(only().tokens().reasoning()).isEqualTo(15);
        assertThat(only().tokens().output()).isEqualTo(20);
    }

    @Test
    void costOfOldVersions_isKeptAsReported() throws IOException {
        run(row().with("costUSD", "0.012345"));
        assertThat(only().reportedCost()).contains(Usd.parse("0.012345"));
        run(row().with("costUSD", "0.02"), row().with("costUSD", "0.01"));
        assertThat(only().reportedCost()).contains(Usd.parse("0.02"));
        run(row("msg_2", "req_2").with("costUSD", "\"free\""));
        assertThat(records().get(1).reportedCost()).isEmpty();
    }

    @Test
    void fastSpeed_isAServiceTier() throws IOException {
        run(row().usage("speed", "\"fast\""));
        assertThat(only().serviceTier()).isEqualTo("fast");
    }

    @Test
    void compactionPasses_areAddedAndOthersAreNot() throws IOException {
        run(row().usage(
                        "iterations",
                        "[{\"type\":\"compaction\",\"input_tokens\":1000,\"output_tokens\":100},"
                                + "{\"type\":\"message\",\"input_tokens\":10,\"output_tokens\":20},"
                                + "{\"type\":\"advisor_message\",\"input_tokens\":7,\"output_tokens\":7}]"));
        assertThat(only().tokens().input()).isEqualTo(1_010);
        assertThat(only().tokens().output()).isEqualTo(120);
        assertThat(only().aggregate()).isTrue();
        assertThat(only().notes())
                .containsExactly("advisor_not_included", "compaction_included", "unpriced_member_advisor_message");
    }

    private static Transcript unnamed(String second, long input, long output) {
        return row("relay", "")
                .with("requestId", null)
                .with("timestamp", "\"2026-03-01T12:00:" + second + "Z\"")
                .usage("input_tokens", Long.toString(input))
                .output(output);
    }

    private List<String> unnamedCalls() {
        return records().stream()
                .map(record -> record.sessionId() + " " + record.tokens().input() + "/"
                        + record.tokens().output())
                .sorted()
                .toList();
    }

    /** As gateways send it that give every message one id, and no request. */
    @Test
    void oneMessageIdForEverything_isAsManyCallsAsThereMustBe() throws IOException {
        String other =
                unnamed("09", 1_000, 100).with("sessionId", "\"session-2\"").toString();
        String model = unnamed("09", 1_000, 100).message("model", "\"glm-4.7\"").toString();
        ImportReport report = run(
                unnamed("00", 1_000, 100),
                unnamed("01", 2_500, 40),
                unnamed("02", 2_600, 70),
                unnamed("03", 1_000, 90),
                unnamed("04", 1_000, 80),
                other,
                model);
        assertThat(report.appended()).isEqualTo(7);
        assertThat(unnamedCalls())
                .containsExactly(
                        "session-1 1000/100",
                        "session-1 1000/100",
                        "session-1 1000/80",
                        "session-1 1000/90",
                        "session-1 2500/40",
                        "session-1 2600/70",
                        "session-2 1000/100");

        // Again from the beginning, as from a copy of the folder, and with one more.
        ImportReport again = run(
                unnamed("00", 1_000, 100),
                unnamed("01", 2_500, 40),
                unnamed("02", 2_600, 70),
                unnamed("03", 1_000, 90),
                unnamed("04", 1_000, 80),
                other,
                model,
                unnamed("05", 1_000, 70));
        assertThat(again.duplicates()).isEqualTo(7);
        assertThat(again.appended()).isEqualTo(1);
        assertThat(run(unnamed("06", 1_000, 60), unnamed("01", 2_500, 40)).appended())
                .isEqualTo(1);
    }

    /** Rows of one response, whose output grows until it has ended, and which are written down again. */
    @Test
    void rowsWithoutRequest_thatGrow_areOneCall() throws IOException {
        Transcript first =
                unnamed("00", 0, 0).usage("cache_creation_input_tokens", "0").usage("cache_creation", "{}");
        first.usage("cache_read_input_tokens", "0").message("stop_reason", "null");
        run(
                first,
                unnamed("01", 1_000, 3).message("stop_reason", "null"),
                unnamed("01", 1_000, 3).message("stop_reason", "null"),
                unnamed("02", 1_000, 100),
                unnamed("02", 1_000, 100));
        assertThat(unnamedCalls()).containsExactly("session-1 1000/100");
        run(unnamed("02", 1_000, 100));
        assertThat(unnamedCalls()).containsExactly("session-1 1000/100");
    }

    /** A fork copies rows under its own session: an id that nobody else has is one call still. */
    @Test
    void copyInAnotherSession_withoutRequest_isOneCall() throws IOException {
        String id = "\"msg_01AbCdEfGhIjKlMnOpQrStUv\"";
        run(
                unnamed("00", 1_000, 100).message("id", id),
                unnamed("00", 1_000, 100).message("id", id).with("sessionId", "\"session-2\""));
        assertThat(unnamedCalls()).containsExactly("session-1 1000/100");
    }

    /** What 0.1 stored is replaced by the first of the calls that it was made of. */
    @Test
    void recordOfAllCallsUnderOneMessageId_isReplaced() throws IOException {
        ledger.append(UsageRecord.builder()
                .id("claude-code:relay")
                .source("claude-code")
                .model("claude-sonnet-4-5-20250929")
                .provider("anthropic")
                .sessionId("session-1")
                .role("interactive")
                .timestamp(Instant.parse("2026-03-01T12:00:00Z"))
                .outcome(Outcome.SUCCESS)
                .tokens(TokenCounts.builder()
                        .input(2_500)
                        .output(100)
                        .cacheCreation(30)
                        .cacheCreation5m(12)
                        .cacheCreation1h(18)
                        .cacheRead(40)
                        .build())
                .build());

        ImportReport report = run(unnamed("00", 1_000, 100), unnamed("01", 2_500, 40));

        assertThat(report.corrected()).isEqualTo(1);
        assertThat(unnamedCalls()).containsExactly("session-1 1000/100", "session-1 2500/40");
    }

    @Test
    void splitAboveItsTotal_isTheTotal() throws IOException {
        run(row().usage("cache_creation_input_tokens", "29"));
        assertThat(only().tokens().cacheCreation()).isEqualTo(30);
        assertThat(only().tokens().cacheCreation5m()).isEqualTo(12);
        assertThat(only().tokens().cacheCreation1h()).isEqualTo(18);
        assertThat(only().notes()).containsExactly("cache_split_above_total");
    }

    @Test
    void moreThoughtThanWritten_losesNoCall() throws IOException {
        run(row().usage("output_tokens_details", "{\"thinking_tokens\":21}"));
        assertThat(only().tokens().output()).isEqualTo(20);
        assertThat(only().tokens().reasoning()).isZero();
        assertThat(only().notes()).containsExactly("reasoning_above_output");
    }

    private static String advice(String model, long input, long output) {
        return "{\"type\":\"advisor_message\",\"model\":\"" + model + "\",\"input_tokens\":" + input
                + ",\"output_tokens\":" + output + ",\"cache_read_input_tokens\":5}";
    }

    /** A tier is reached by a pass; the record's counts are the sum of all. */
    @Test
    void passes_areKept_alsoWhereTheySayLessThanTheSum() throws IOException {
        String iterations = "[{\"type\":\"message\",\"input_tokens\":4,\"output_tokens\":9,"
                + "\"cache_read_input_tokens\":40,\"cache_creation_input_tokens\":30},"
                + advice("claude-opus-4-8", 20_000, 900)
                + ",{\"type\":\"message\",\"input_tokens\":6,\"output_tokens\":11}]";
        Transcript row = row().usage("iterations", iterations)
                .usage("cache_creation", "{\"ephemeral_5m_input_tokens\":0,\"ephemeral_1h_input_tokens\":30}")
                .usage("output_tokens_details", "{\"thinking_tokens\":12}");
        run(row);
        List<TokenCounts> passes = List.of(
                TokenCounts.builder()
                        .input(4)
                        .output(9)
                        .cacheCreation(30)
                        .cacheCreation1h(30)
                        .cacheRead(40)
                        .reasoning(9)
                        .build(),
                TokenCounts.builder().input(6).output(11).reasoning(3).build());
        assertThat(records())
                .filteredOn(record -> record.identity().model().startsWith("claude-sonnet"))
                .singleElement()
                .satisfies(record -> assertThat(record.passes()).isEqualTo(passes));
        assertThat(run(row.with("uuid", "\"other\"")).corrected()).isZero();
        // Of an early row that does not add up nothing is known.
        run(row.output(3).usage("input_tokens", "3").usage("output_tokens_details", null));
        assertThat(records())
                .filteredOn(record -> record.identity().model().startsWith("claude-sonnet"))
                .singleElement()
                .satisfies(record -> assertThat(record.passes()).isEqualTo(passes));
    }

    @Test
    void adviser_isACallOfItsOwn() throws IOException {
        String iterations = "[{\"type\":\"message\",\"input_tokens\":4,\"output_tokens\":9},"
                + advice("claude-opus-4-8", 20_000, 900)
                + "," + advice("claude-opus-4-8", 30_000, 700)
                + ",{\"type\":\"message\",\"model\":\"claude-sonnet-4-5-20250929\",\"input_tokens\":6,\"output_tokens\":11}]";
        String early = "[" + advice("claude-opus-4-8", 20_000, 100) + "]";
        run(row().usage("iterations", early), row().usage("iterations", iterations), row());

        assertThat(ids())
                .containsExactlyInAnyOrder(
                        "claude-code:msg_1", "claude-code:msg_1:adviser-1", "claude-code:msg_1:adviser-2");
        assertThat(records())
                .filteredOn(record -> record.identity().model().equals("claude-opus-4-8"))
                .extracting(UsageRecord::tokens)
                .containsExactlyInAnyOrder(
                        TokenCounts.builder()
                                .input(20_000)
                                .output(900)
                                .cacheRead(5)
                                .build(),
                        TokenCounts.builder()
                                .input(30_000)
                                .output(700)
                                .cacheRead(5)
                                .build());
        assertThat(records()).allSatisfy(record -> {
            assertThat(record.notes()).isEmpty();
            assertThat(record.sessionId()).isEqualTo("session-1");
            assertThat(record.upstreamRequestId()).isEqualTo("req_1");
        });
        assertThat(run(row().usage("iterations", iterations)).duplicates()).isEqualTo(3);
        // The same message under another request of the session's own thread.
        run(row("msg_1", "req_2").usage("iterations", early));
        assertThat(ids()).hasSize(5);
    }

    @Test
    void passOfAnotherModel_isNoted() throws IOException {
        run(row().usage(
                        "iterations",
                        "[{\"type\":\"fallback_message\",\"model\":\"claude-haiku-4-5\",\"input_tokens\":4}]"));
        assertThat(only().notes()).containsExactly("pass_of_another_model");
    }

    @Test
    void auditOfTheDesktopProgram_isNoTranscript() throws IOException {
        Path sessions = folder.resolve("local-agent-mode-sessions/org/account/local_1");
        Path projects = Files.createDirectories(sessions.resolve(".claude/projects/p"));
        Files.writeString(projects.resolve("s.jsonl"), row() + "\n");
        String audit = row("msg_2", "req_2")
                .with("timestamp", null)
                .with("_audit_timestamp", "\"2026-03-01T12:00:00Z\"")
                .toString();
        Path auditFile = Files.writeString(sessions.resolve("audit.jsonl"), audit + "\n");

        assertThat(run(folder.resolve("local-agent-mode-sessions")).appended()).isEqualTo(1);
        ImportReport named = run(auditFile);
        assertThat(named.ignored()).isEqualTo(1);
        assertThat(named.skipped()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T12:00:00Z, 2026-03-01T12:00:00Z",
        "2026-03-01T12:00:00.123456789Z, 2026-03-01T12:00:00.123456Z",
        "2026-03-01T17:30:00.5+05:30, 2026-03-01T12:00:00.500Z"
    })
    void timestamp_hasAnyFractionAndOffset(String written, String instant) throws IOException {
        run(row().with("timestamp", "\"" + written + "\""));
        assertThat(only().timestamp()).contains(Instant.parse(instant));
    }

    @Test
    void unusableLabel_isLeftOutAndTheCallKept() throws IOException {
        run(row().with("cwd", "\"" + "x".repeat(600) + "\"")
                .with("gitBranch", "\"a\\u0000b\"")
                .with("version", "7"));
        assertThat(only().attributes()).isEmpty();
        assertThat(only().notes()).containsExactly("labels_incomplete");
    }

    // ---- What is a call, and what is not

    @Test
    void syntheticMessages_areNoCalls() throws IOException {
        ImportReport report = run(row().message("model", "\"<synthetic>\""));
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(records()).isEmpty();
    }

    @Test
    void apiErrors_areCallsOnlyIfTheyUsedSomething() throws IOException {
        ImportReport report = run(
                row("msg_1", "req_1")
                        .with("isApiErrorMessage", "true")
                        .message("stop_reason", "null")
                        .usage("input_tokens", "0")
                        .usage("cache_creation_input_tokens", "0")
                        .usage("cache_read_input_tokens", "0")
                        .usage("cache_creation", null)
                        .output(0),
                row("msg_2", "req_2").with("isApiErrorMessage", "true").message("stop_reason", "null"));
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(only().id().value()).isEqualTo("claude-code:msg_2");
        assertThat(only().outcome()).isEqualTo(Outcome.ERROR);
        assertThat(only().notes()).isEmpty();
    }

    @Test
    void usageElsewhereInARow_isNotACall() throws IOException {
        ImportReport report = run(
                "{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[]},\"toolUseResult\":{\"totalTokens\":9,"
                        + "\"usage\":{\"input_tokens\":9,\"output_tokens\":9}}}",
                "{\"type\":\"summary\",\"usage\":{\"input_tokens\":9,\"output_tokens\":9}}",
                row().with("type", "\"user\""),
                "{\"type\":\"progress\",\"data\":{\"message\":\"usage\",\"usage\":{\"input_tokens\":9}}}",
                "{\"type\":\"system\",\"content\":\"nothing\"}",
                "");
        assertThat(report.ignored()).isEqualTo(6);
        assertThat(report.clean()).isTrue();
        assertThat(records()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user",
                "progress",
                "system",
                "summary",
                "file-history-snapshot",
                "queue-operation",
                "pr-link",
                "new"
            })
    void rowsOfOtherTypes_areNoCallsThoughTheyHoldAMessage(String type) throws IOException {
        ImportReport report = run(row().with("type", "\"" + type + "\""));
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(records()).isEmpty();
    }

    @Test
    void toolInput_isNotTakenForTheMessage() throws IOException {
        run(row().message(
                        "content",
                        "[{\"type\":\"tool_use\",\"id\":\"t\",\"input\":{\"id\":null,\"model\":5,"
                                + "\"requestId\":[],\"usage\":{\"input_tokens\":-1,\"output_tokens\":1.5}}}]"));
        assertThat(only().id().value()).isEqualTo("claude-code:msg_1");
        assertThat(only().tokens().input()).isEqualTo(10);
    }

    // ---- Copies of one call

    @Test
    void rowsOfOneResponse_takeTheLargestFiguresAndTheFirstTime() throws IOException {
        ImportReport report = run(
                row().output(3).message("stop_reason", "null").with("timestamp", "\"2026-03-01T12:00:02Z\""),
                row().output(500).usage("input_tokens", "4").with("timestamp", "\"2026-03-01T12:00:01Z\""),
                row().output(70).message("stop_reason", "null").with("timestamp", "\"2026-03-01T12:00:03Z\""));
        assertThat(report.used()).isEqualTo(3);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.corrected()).isZero();
        assertThat(only().tokens().output()).isEqualTo(500);
        assertThat(only().tokens().input()).isEqualTo(10);
        assertThat(only().timestamp()).contains(Instant.parse("2026-03-01T12:00:01Z"));
        assertThat(only().notes()).isEmpty();
    }

    @Test
    void copiesInSeveralFiles_areOneCall() throws IOException {
        write("projects/p/one.jsonl", row().output(5));
        write("projects/p/two.jsonl", row().with("sessionId", "\"session-2\""), row("msg_2", "req_2"));
        ImportReport report = run(folder);
        assertThat(report.calls()).isEqualTo(2);
        assertThat(outputs()).isEqualTo(40);
    }

    @Test
    void forkedSessionImportedLater_addsOnlyWhatIsNew() throws IOException {
        write("projects/p/one.jsonl", row());
        run(folder);
        write("projects/p/two.jsonl", row().with("sessionId", "\"session-2\""), row("msg_2", "req_2"));
        ImportReport report = run(folder);
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.corrected()).isZero();
    }

    @Test
    void figuresThatHaveGrownSinceTheLastImport_areCorrected() throws IOException {
        Path file = write("projects/p/one.jsonl", row().output(5).message("stop_reason", "null"));
        run(folder);
        assertThat(only().notes()).containsExactly("output_incomplete");
        Files.writeString(file, row().output(800) + "\n" + row().output(30) + "\n", StandardOpenOption.APPEND);
        ImportReport report = run(folder);
        assertThat(report.corrected()).isEqualTo(1);
        assertThat(report.calls()).isEqualTo(1);
        assertThat(only().tokens().output()).isEqualTo(800);
        assertThat(only().notes()).isEmpty();
        assertThat(only().id().value()).isEqualTo("claude-code:msg_1~2");
        assertThat(run(folder).lines()).isZero();
    }

    @Test
    void figuresThatAreSmallerLater_changeNothing() throws IOException {
        run(row().output(800));
        ImportReport report = run(row().output(8).usage("input_tokens", "1"));
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(only().tokens().output()).isEqualTo(800);
    }

    @Test
    void sameMessageUnderTwoRequests_isTwoCallsInTheSessionsOwnThread() throws IOException {
        run(row("msg_1", "req_1").output(5), row("msg_1", "req_2").output(7));
        assertThat(ids()).containsExactly("claude-code:msg_1", "claude-code:msg_1:req_2");
        assertThat(outputs()).isEqualTo(12);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void sameMessageUnderTwoRequests_isTwoCallsOverSeveralImports(boolean firstAgain) throws IOException {
        run(row("msg_1", "req_2").output(7));
        run(row("msg_1", "req_1").output(5));
        assertThat(outputs()).isEqualTo(12);
        run(row("msg_1", firstAgain ? "req_1" : "req_2").output(9));
        assertThat(outputs()).isEqualTo(firstAgain ? 16 : 14);
        ImportReport all =
                run(row("msg_1", "req_1").output(1), row("msg_1", "req_2").output(1));
        assertThat(all.duplicates()).isEqualTo(2);
        assertThat(records()).hasSize(2);
    }

    @Test
    void replayInASidechain_givesWayToTheSessionsOwnRows() throws IOException {
        run(
                row("msg_1", "req_9").sidechain().output(900).with("agentId", "\"a1\""),
                row("msg_1", "req_1").output(50));
        assertThat(only().tokens().output()).isEqualTo(50);
        assertThat(only().upstreamRequestId()).isEqualTo("req_1");
        assertThat(only().role()).isEqualTo("interactive");
    }

    @Test
    void replayInASidechain_givesWayWhicheverIsImportedFirst() throws IOException {
        run(row("msg_1", "req_9").sidechain().output(900));
        assertThat(only().role()).isEqualTo("delegate");
        assertThat(run(row("msg_1", "req_1").output(50)).corrected()).isEqualTo(1);
        assertThat(only().tokens().output()).isEqualTo(50);
        assertThat(run(row("msg_1", "req_9").sidechain().output(901)).duplicates())
                .isEqualTo(1);
        assertThat(only().tokens().output()).isEqualTo(50);
    }

    @Test
    void replaysInSidechainsAlone_areOneCall() throws IOException {
        run(
                row("msg_1", "req_9").sidechain().output(9),
                row("msg_1", "req_8").sidechain().output(80));
        assertThat(only().tokens().output()).isEqualTo(80);
        assertThat(only().role()).isEqualTo("delegate");
    }

    @Test
    void rowsOfOneRequestOnBothThreads_areTheSessionsOwn() throws IOException {
        run(row().sidechain().output(90), row().output(50));
        assertThat(only().tokens().output()).isEqualTo(90);
        assertThat(only().role()).isEqualTo("interactive");
    }

    @Test
    void subAgentsCall_isADelegatesInItsOwnConversation() throws IOException {
        run(row().sidechain().with("agentId", "\"a1b2\""));
        assertThat(only().role()).isEqualTo("delegate");
        assertThat(only().sessionId()).isEqualTo("session-1");
        assertThat(only().conversationId()).isEqualTo("session-1/a1b2");
    }

    @Test
    void callInANoticeOfProgress_countsIfItStandsNowhereElse() throws IOException {
        ImportReport report = run(
                row("msg_1", "req_1").output(4).asProgress(),
                row("msg_2", "req_2").output(6).asProgress(),
                row("msg_2", "req_2").sidechain().output(6).toString());
        assertThat(report.used()).isEqualTo(3);
        assertThat(ids()).containsExactly("claude-code:msg_1", "claude-code:msg_2");
        assertThat(outputs()).isEqualTo(10);
        UsageRecord record = records().get(0);
        assertThat(record.role()).isEqualTo("delegate");
        assertThat(record.attributes()).containsEntry("project", "/home/ada/engine");
        assertThat(record.timestamp()).contains(Instant.parse("2026-03-01T12:00:00.250Z"));
    }

    @Test
    void missingIds_areStoodInFor() throws IOException {
        ImportReport report = run(
                row().with("requestId", null),
                row().with("requestId", null),
                row("x", "req_2").message("id", null),
                row("x", "req_2").message("id", "null"),
                row().with("requestId", null).message("id", null).with("uuid", "\"u1\""),
                row().with("requestId", null).message("id", null).with("uuid", "\"u2\""),
                row().with("requestId", null).message("id", null).with("uuid", null));
        assertThat(report.clean()).isTrue();
        assertThat(ids())
                .hasSize(5)
                .contains("claude-code:msg_1", "claude-code:request:req_2", "claude-code:row:u1", "claude-code:row:u2")
                .anyMatch(id -> id.matches("claude-code:[0-9a-f]{32}"));
        assertThat(run(folder).calls()).isZero();
    }

    @Test
    void rowWithoutItsRequest_isOfTheMessagesOwn() throws IOException {
        run(row().output(1), row().with("requestId", null).output(77));
        assertThat(only().tokens().output()).isEqualTo(77);
        assertThat(only().upstreamRequestId()).isEqualTo("req_1");
    }

    @Test
    void rowWithoutItsRequest_isOfTheMessagesOwn_whicheverIsImportedFirst() throws IOException {
        run(row().with("requestId", null).output(77));
        run(row().with("requestId", null).output(77), row().output(1));
        assertThat(only().tokens().output()).isEqualTo(77);
        assertThat(only().upstreamRequestId()).isEqualTo("req_1");
        assertThat(run(row().with("requestId", null).output(78)).corrected()).isEqualTo(1);
        assertThat(only().upstreamRequestId()).isEqualTo("req_1");
    }

    @Test
    void rowWithoutItsRequest_isOfTheFirstOfSeveral() throws IOException {
        run(
                row("m", "r2").output(5),
                row("m", "r1").output(6),
                row("m", "r1").with("requestId", null).output(70));
        assertThat(outputs()).isEqualTo(75);
    }

    @Test
    void labels_areOfTheRowThatStatesMost() throws IOException {
        run(row(), bare());
        assertThat(only().attributes())
                .containsEntry("project", "/home/ada/engine")
                .hasSize(3);
    }

    @Test
    void labels_areOfTheRowThatStatesMost_thoughItIsImportedLater() throws IOException {
        run(bare());
        assertThat(only().attributes()).isEmpty();
        run(row(), bare());
        assertThat(only().attributes())
                .containsEntry("project", "/home/ada/engine")
                .hasSize(3);
    }

    private static Transcript bare() {
        return row().with("cwd", null).with("gitBranch", null).with("version", null);
    }

    @Test
    void unusualIds_areKeyedByTheirDigest() throws IOException {
        run(
                row("x".repeat(500), "req_1"),
                row("m~2", "req_2"),
                row("m:1", "req_3"),
                row("m", "req_4"),
                row("ü", "req_5"));
        assertThat(records()).hasSize(5);
        assertThat(ids()).allMatch(id -> id.length() <= 100).contains("claude-code:m");
    }

    // ---- Lines of every kind

    @Test
    void spacesByteOrderMarkAndCarriageReturns_areFine() throws IOException {
        String spaced = row("msg_2", "req_2").toString().replace("\":", "\" : ").replace(",\"", " , \"");
        ImportReport report = bytes(
                ("\ufeff" + row("msg_1", "req_1") + "\r\n" + spaced + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        assertThat(report.clean()).isTrue();
        assertThat(report.lines()).isEqualTo(3);
        assertThat(outputs()).isEqualTo(40);
        assertThat(records()).hasSize(2);
    }

    @Test
    void twoObjectsOnALine_areBothRead() throws IOException {
        ImportReport report = run(row("msg_1", "req_1") + "" + row("msg_2", "req_2"));
        assertThat(report.lines()).isEqualTo(1);
        assertThat(report.used()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(2);
    }

    @Test
    void tornRowBehindAWholeOne_isToldOfAndTheWholeOneCounts() throws IOException {
        ImportReport report = run(
                row("msg_1", "req_1") + "{\"type\":\"assist",
                row("msg_2", "req_2").toString());
        assertThat(report.used()).isEqualTo(2);
        assertThat(report.skipped()).isZero();
        assertThat(report.problems()).extracting(ImportProblem::reason).containsExactly("invalid_json");
        assertThat(records()).hasSize(2);
    }

    @Test
    void invalidUtf8_isSkipped() throws IOException {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        String[] around = row().toString().split("of words");
        file.writeBytes(around[0].getBytes(StandardCharsets.UTF_8));
        file.write(0xff);
        file.writeBytes((around[1] + "\n" + row("msg_2", "req_2") + "\n").getBytes(StandardCharsets.UTF_8));
        ImportReport report = bytes(file.toByteArray());
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_utf8", 1L));
        assertThat(ids()).containsExactly("claude-code:msg_2");
    }

    @Test
    void tornLine_isSkippedWithItsNumber() throws IOException {
        String torn = row().toString();
        ImportReport report = run(
                torn.substring(0, torn.length() - 9),
                row("msg_2", "req_2").toString(),
                torn.substring(0, torn.indexOf("\"usage\"")),
                "[]");
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_json", 2L));
        assertThat(report.problems()).extracting(ImportProblem::line).containsExactly(1L, 3L);
        assertThat(report.ignored()).isEqualTo(1);
        assertThat(ids()).containsExactly("claude-code:msg_2");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 20, 200, 500})
    void lineThatIsStillBeingWritten_isReadAgain(int length) throws IOException {
        String line = row("msg_2", "req_2").toString();
        Path file = folder.resolve("projects/p/one.jsonl");
        Files.createDirectories(file.getParent());
        Files.writeString(file, row() + "\n" + line.substring(0, length));
        ImportReport first = run(folder);
        assertThat(first.skippedReasons()).containsExactly(Map.entry("incomplete_line", 1L));
        assertThat(first.lines()).isEqualTo(2);
        Files.writeString(file, line.substring(length) + "\n", StandardOpenOption.APPEND);
        ImportReport second = run(folder);
        assertThat(second.lines()).isEqualTo(1);
        assertThat(second.appended()).isEqualTo(1);
        assertThat(second.clean()).isTrue();
    }

    @Test
    void wholeLastLineWithoutAnEnd_countsOnceThoughItIsReadAgain() throws IOException {
        Path file = folder.resolve("projects/p/one.jsonl");
        Files.createDirectories(file.getParent());
        Files.writeString(file, row().toString());
        assertThat(run(folder).appended()).isEqualTo(1);
        Files.writeString(file, "\n" + row("msg_2", "req_2") + "\n", StandardOpenOption.APPEND);
        ImportReport second = run(folder);
        assertThat(second.appended()).isEqualTo(1);
        assertThat(second.duplicates()).isEqualTo(1);
        assertThat(second.lines()).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "input_tokens | 1.5 | message.usage.input_tokens: a count is a whole number from 0 to 1000000000000, found 1.5",
                "output_tokens | -3 | message.usage.output_tokens: a count is 0 to 1000000000000, found -3",
                "output_tokens | 1e3 | message.usage.output_tokens: a count is a whole number from 0 to 1000000000000, found 1e3",
                "cache_read_input_tokens | 99999999999999999999 | message.usage.cache_read_input_tokens: a count is a whole number"
                        + " from 0 to 1000000000000, found 99999999999999999999",
                "cache_read_input_tokens | 1000000000001 | message.usage.cache_read_input_tokens: a count is 0 to 1000000000000,"
                        + " found 1000000000001",
                "input_tokens | \"5\" | message.usage.input_tokens: expected a number",
                "cache_creation | 7 | message.usage.cache_creation: expected an object"
            })
    void impossibleFigures_areRefusedByName(String field, String value, String message) throws IOException {
        ImportReport report = run(row().usage(field, value), row("msg_2", "req_2"));
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_record", 1L));
        assertThat(report.problems()).extracting(ImportProblem::message).containsExactly(message);
        assertThat(ids()).containsExactly("claude-code:msg_2");
    }

    @Test
    void fractionOfZeros_isAWholeNumber() throws IOException {
        run(row().usage("input_tokens", "7.0"));
        assertThat(only().tokens().input()).isEqualTo(7);
    }

    @Test
    void rowsThatNameNoModelOrTime_areSkipped() throws IOException {
        ImportReport report = run(
                row().message("model", null),
                row().with("timestamp", null),
                row().with("timestamp", "\"yesterday\""),
                row().message("model", "5"),
                row().with("requestId", "7"),
                "{\"type\":\"assistant\",\"type\":\"assistant\",\"timestamp\":\"2026-03-01T12:00:00Z\",\"message\":{\"model\":"
                        + "\"claude-x\",\"usage\":{\"input_tokens\":1}}}",
                "{\"type\":\"assistant\",\"timestamp\":\"2026-03-01T12:00:00Z\",\"message\":{\"model\":\"claude-x\","
                        + "\"usage\":{}}}",
                "{\"type\":\"assistant\",\"timestamp\":\"2026-03-01T12:00:00Z\",\"message\":{\"model\":\"claude-x\","
                        + "\"usage\":{\"input_tokens\":1,\"input_tokens\":1}}}");
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_record", 8L));
        assertThat(report.problems())
                .extracting(ImportProblem::message)
                .containsExactly(
                        "message.model: is missing",
                        "timestamp: is missing",
                        "timestamp: expected a time such as 2026-01-05T10:00:00Z or 2026-01-05T11:00:00.25+01:00",
                        "message.model: expected text",
                        "requestId: expected text",
                        "type: duplicate field",
                        "message.usage: none of its counts is there",
                        "message.usage.input_tokens: duplicate field");
        assertThat(records()).isEmpty();
    }

    @Test
    void deepAndLongContent_isPassedOver() throws IOException {
        String deep = "[".repeat(300) + "]".repeat(300);
        run(row().message("content", deep).with("toolUseResult", "\"" + "x".repeat(2_000_000) + "\""));
        assertThat(outputs()).isEqualTo(20);
    }

    // ---- Files

    @Test
    void subAgentsOfOlderVersions_standBesideTheirSession() throws IOException {
        write("projects/p/s.jsonl", row("msg_1", "req_1"));
        write("projects/p/agent-a1.jsonl", row("msg_2", "req_2").sidechain());
        assertThat(run(folder).appended()).isEqualTo(2);
        assertThat(ids()).containsExactly("claude-code:msg_1", "claude-code:msg_2");
    }

    @Test
    void rootFolder_isReadWhereItsTranscriptsAre() throws IOException {
        write("projects/p/s.jsonl", row("msg_1", "req_1"));
        write("projects/p/s/subagents/agent-1.jsonl", row("msg_2", "req_2").sidechain());
        write("projects/p/s/subagents/deep/agent-2.jsonl", row("msg_3", "req_3").sidechain());
        write("projects/p/s/subagents/journal.jsonl", row("msg_4", "req_4"));
        write("projects/p/notes.txt", row("msg_5", "req_5"));
        write("plugins/cache/test.jsonl", row("msg_6", "req_6"));
        ImportReport report = run(folder);
        assertThat(report.files()).isEqualTo(3);
        assertThat(ids()).containsExactly("claude-code:msg_1", "claude-code:msg_2", "claude-code:msg_3");
        assertThat(run(folder.resolve("projects/p/s")).unchangedFiles()).isEqualTo(2);
        assertThat(run(folder.resolve("projects/p/notes.txt")).appended()).isEqualTo(1);
    }

    @Test
    void defaultFolders_areTheConfiguredOnesElseTheUsual() {
        ClaudeCodeSource source = new ClaudeCodeSource();
        Path home = Path.of("/home/ada");
        assertThat(source.defaultFolders(Map.of(), home))
                .containsExactly(
                        Path.of("/home/ada/.config/claude"),
                        Path.of("/home/ada/.claude"),
                        Path.of("/home/ada/.config/Claude/local-agent-mode-sessions"),
                        Path.of("/home/ada/Library/Application Support/Claude/local-agent-mode-sessions"));
        assertThat(source.defaultFolders(Map.of("CLAUDE_CONFIG_DIR", " /a , /b,"), home))
                .containsExactly(Path.of("/a"), Path.of("/b"));
        assertThat(source.defaultFolders(Map.of("XDG_CONFIG_HOME", "/x"), home))
                .startsWith(Path.of("/x/claude"), Path.of("/home/ada/.claude"))
                .contains(Path.of("/x/Claude/local-agent-mode-sessions"));
    }

    // ---- Anything at all

    /** Copies of some calls in any order and in any files come out the same. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void order_doesNotMatter(long seed) throws IOException {
        Random random = new Random(seed);
        List<String> rows = new ArrayList<>();
        for (int i = 0; i < 120; i++) {
            Transcript row = row("msg_" + random.nextInt(12), "req_" + random.nextInt(3))
                    .output(random.nextInt(1_000))
                    .with("timestamp", "\"2026-03-01T12:00:0" + random.nextInt(10) + "Z\"")
                    .with("sessionId", "\"session-" + random.nextInt(3) + "\"");
            if (random.nextInt(3) == 0) {
                row.message("stop_reason", "null");
            }
            if (random.nextBoolean()) {
                row.sidechain();
            }
            if (random.nextInt(4) == 0) {
                row.with("cwd", null);
            }
            if (random.nextInt(4) == 0) {
                row.with("requestId", null);
            }
            rows.add(random.nextInt(5) == 0 ? row.asProgress() : row.toString());
        }
        List<String> expected = null;
        for (int round = 0; round < 6; round++) {
            Path tree = folder.resolve("round" + round);
            Collections.shuffle(rows, random);
            int files = 1 + random.nextInt(7);
            for (int i = 0; i < rows.size(); i++) {
                Path file = tree.resolve(random.nextInt(files) + ".jsonl");
                Files.createDirectories(tree);
                Files.writeString(file, rows.get(i) + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            }
            try (Ledger one = InMemoryLedger.open(PriceBook.empty())) {
                ImportReport report = Importer.into(one)
                        .threads(1 + random.nextInt(4))
                        .build()
                        .run(new ClaudeCodeSource(), List.of(tree));
                assertThat(report.corrected()).as("seed %d", seed).isZero();
                List<String> found = inForce(one).stream()
                        .map(record -> record.id() + " " + record.timestamp() + record.tokens() + record.role()
                                + record.sessionId() + record.upstreamRequestId() + record.notes()
                                + record.attributes())
                        .sorted()
                        .toList();
                expected = expected == null ? found : expected;
                assertThat(found).as("seed %d, round %d", seed, round).isEqualTo(expected);
            }
        }
    }

    private ImportReport run(Object... rows) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Object row : rows) {
            text.append(row).append('\n');
        }
        return bytes(text.toString().getBytes(StandardCharsets.UTF_8));
    }

    private int files;

    /** Imports a file of these bytes, each a new one. */
    private ImportReport bytes(byte[] content) throws IOException {
        Path file = folder.resolve("log" + files++ + ".jsonl");
        Files.write(file, content);
        return run(file);
    }

    private ImportReport run(Path path) {
        return Importer.into(ledger).build().run(new ClaudeCodeSource(), List.of(path));
    }

    private Path write(String name, Transcript... rows) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        StringBuilder text = new StringBuilder();
        for (Transcript row : rows) {
            text.append(row).append('\n');
        }
        return Files.writeString(file, text);
    }

    private UsageRecord only() {
        assertThat(records()).hasSize(1);
        return records().get(0);
    }

    private List<UsageRecord> records() {
        return inForce(ledger);
    }

    private static List<UsageRecord> inForce(Ledger ledger) {
        return ledger
                .records(RecordQuery.over(TimeWindow.all())
                        .limit(RecordQuery.MAX_LIMIT)
                        .build())
                .entries()
                .stream()
                .map(LedgerEntry::record)
                .sorted((one, other) -> one.id().compareTo(other.id()))
                .toList();
    }

    private List<String> ids() {
        return records().stream().map(record -> record.id().value()).toList();
    }

    private long outputs() {
        return ledger.summary(TimeWindow.all()).totalOutputTokens();
    }
}
