package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KimiSourceTest extends LogTest {

    private static final String LONG_ID = "chatcmpl-6f1d0a9b3c7e42aa";
    private static final String CODE = "sessions/wd_garden_0a1b2c3d4e5f/session_s-1/agents/main/wire.jsonl";
    private static final String REQUEST =
            "{\"type\":\"llm.request\",\"model\":\"kimi-k2.6\",\"modelAlias\":\"kimi-code/k2\",\"turnStep\":\"1.1\","
                    + "\"time\":1780925700000,\"messages\":[{\"role\":\"user\",\"content\":\"prune the roses\"}]}";

    private final KimiSource source = new KimiSource();

    private static String step(String id, int input, int output) {
        return """
                {"timestamp":1770983427.5,"message":{"type":"StatusUpdate","payload":{"context_usage":0.1,"message_id":"%s",\
                "token_usage":{"input_other":%s,"input_cache_read":30,"input_cache_creation":4,"output":%s}}}}""".formatted(id, input, output);
    }

    private static String record(String alias, long time, int input) {
        return """
                {"type":"usage.record","model":"%s","usage":{"inputOther":%s,"output":5,"inputCacheRead":11,\
                "inputCacheCreation":0},"usageScope":"turn","time":%s}""".formatted(alias, input, time);
    }

    @Test
    void stepsOfKimiCli_haveFourDisjointClasses() throws IOException {
        write(
                "sessions/h/s-1/wire.jsonl",
                "{\"type\":\"metadata\",\"protocol_version\":\"1.3\"}",
                "{\"timestamp\":1770983426,\"message\":{\"type\":\"TurnBegin\",\"payload\":{\"user_input\":\"hello\"}}}",
                step("m-1", 7, 2));
        assertThat(run(source).appended()).isEqualTo(1);
        UsageRecord record = record();
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(7)
                        .output(2)
                        .cacheCreation(4)
                        .cacheRead(30)
                        .build());
        assertThat(record.timestamp()).contains(Instant.parse("2026-02-13T11:50:27.500Z"));
        assertThat(record.sessionId()).isEqualTo("s-1");
        assertThat(record.upstreamRequestId()).isEqualTo("m-1");
        assertThat(record.notes()).contains("model_missing", "cache_split_missing");
    }

    @Test
    void modelAndFolderOfKimiCli_areThoseOfItsSettings() throws IOException {
        write("kimi.json", "{\"work_dirs\":[{\"path\":\"/srv/other\"},{\"path\":\"abc\",\"kaos\":\"local\"}]}");
        write(
                "config.toml",
                "default_model = \"k2\" # chosen",
                "[models.k1]",
                "model = \"kimi-k1\"",
                "[models.\"k2\"]",
                "provider = 'moonshot'",
                "model = 'kimi-k2.6'",
                "[providers.moonshot]",
                "model = \"no-model\"");
        write("sessions/900150983cd24fb0d6963f7d28e17f72/s-1/wire.jsonl", step("m-1", 7, 2));
        run(source);
        assertThat(record().identity().model()).isEqualTo("kimi-k2.6");
        assertThat(record().notes()).contains("model_inferred").doesNotContain("model_missing");
        assertThat(record().attributes()).isEqualTo(Map.of("project", "abc"));
    }

    @Test
    void stepIsKnownByItsMessage_andAShortIdByItsSessionToo() throws IOException {
        write("sessions/h/s-1/wire.jsonl", step(LONG_ID, 7, 2), step("m-1", 8, 2), step("m-1", 8, 2));
        write("sessions/h/s-2/wire.jsonl", step(LONG_ID, 7, 2), step("m-1", 9, 2));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(3);
        assertThat(total().totalInputTokens()).isEqualTo(7 + 8 + 9);
    }

    /** A parent's file repeats what its sub-agents do; their own files have it. */
    @Test
    void subAgent_countsByItsOwnFile() throws IOException {
        write(
                "sessions/h/s-1/wire.jsonl",
                step("m-1", 7, 2),
                "{\"timestamp\":1770983427,\"message\":{\"type\":\"SubagentEvent\",\"payload\":{\"event\":{\"type\":\"StatusUpdate\","
                        + "\"payload\":{\"message_id\":\"m-9\",\"token_usage\":{\"input_other\":99,\"output\":9}}}}}}");
        write("sessions/h/s-1/subagents/a-7/wire.jsonl", step("m-9", 99, 9));
        write("sessions/h/s-1/context.jsonl", step("m-3", 1_000, 9));
        assertThat(run(source).appended()).isEqualTo(2);
        assertThat(records())
                .extracting(record -> record.tokens().input() + " " + record.conversationId() + " " + record.role())
                .containsExactlyInAnyOrder("7 s-1 ", "99 s-1/a-7 delegate");
    }

    @Test
    void aliasOfKimiCode_isTheModelOfItsRequest_alsoOfAnEarlierImport() throws IOException {
        Path file = write(CODE, REQUEST, record("kimi-code/k2", 1_780_925_702_183L, 100));
        write("sessions/wd_garden_0a1b2c3d4e5f/session_s-1/state.json", "{\"workDir\":\"/home/me/garden\"}");
        assertThat(run(source).appended()).isEqualTo(1);
        assertThat(record().tokens())
                .isEqualTo(
                        TokenCounts.builder().input(100).output(5).cacheRead(11).build());
        assertThat(record().timestamp()).contains(Instant.ofEpochMilli(1_780_925_702_183L));
        assertThat(record().attributes()).containsEntry("project", "/home/me/garden");
        assertThat(record().sessionId()).isEqualTo("session_s-1");

        append(
                file,
                record("kimi-code/k2", 1_780_925_703_000L, 200),
                record("other/model-x", 1_780_925_704_000L, 300),
                record("__secondary__", 1_780_925_705_000L, 400));
        assertThat(run(source).appended()).isEqualTo(3);
        assertThat(records())
                .extracting(record -> record.identity().upstreamModel())
                .containsExactly("kimi-k2.6", "kimi-k2.6", "other/model-x", "kimi-k2.6");
    }

    @Test
    void usageOutsideATurn_counts_andAForkedSessionAddsNothing() throws IOException {
        String compaction = record("k", 1_780_925_709_000L, 50).replace("\"turn\"", "\"session\"");
        write(CODE, record("k", 1_780_925_702_183L, 100), compaction);
        assertThat(run(source).appended()).isEqualTo(2);
        write(
                CODE.replace("s-1", "s-2"),
                record("k", 1_780_925_702_183L, 100),
                compaction,
                record("k", 1_780_925_710_000L, 1));
        ImportReport report = run(source);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(report.corrected()).isZero();
        write(CODE.replace("main", "agent-1"), record("k", 1_780_925_702_183L, 100));
        assertThat(run(source).appended()).isEqualTo(1);
        assertThat(run(source).calls()).isZero();
    }

    @Test
    void cutLine_isReadAgainOnceItIsWhole() throws IOException {
        String whole = record("k", 1_780_925_702_183L, 100);
        Path file = write(CODE, REQUEST);
        Files.writeString(file, REQUEST + "\n" + whole.substring(0, 60));
        assertThat(run(source).skippedReasons()).isEqualTo(Map.of("incomplete_line", 1L));
        Files.writeString(file, REQUEST + "\n" + whole + "\n");
        assertThat(run(source).appended()).isEqualTo(1);
    }

    @Test
    void impossibleFigures_areSkipped() throws IOException {
        write(
                CODE,
                record("k", 1_780_925_702_183L, -100),
                record("k", 1_780_925_702_183L, 100).replace(",\"time\":1780925702183", ""),
                record("k", 1_780_925_702_184L, 100)
                        .replace("inputOther", "a")
                        .replace("output", "b")
                        .replace("inputCacheRead", "c")
                        .replace("inputCacheCreation", "d"),
                step("m-1", 7, -2),
                step("m-1", 7, 2).replace("\"timestamp\":1770983427.5,", ""));
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 5L));
        assertThat(records()).isEmpty();
    }

    @Test
    void folders_areThoseOfBothPrograms() {
        assertThat(source.defaultFolders(Map.of("KIMI_SHARE_DIR", "/k"), Path.of("/h")))
                .containsExactly(Path.of("/h/.kimi-code"), Path.of("/k"));
    }
}
