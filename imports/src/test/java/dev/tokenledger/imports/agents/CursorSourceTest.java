package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportReport;
import dev.tokenledger.imports.Importer;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CursorSourceTest extends LogTest {

    private static final String HEADER =
            "Date,Kind,Model,Max Mode,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Total Tokens,Cost";

    private ImportReport read(String... lines) {
        return read((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    private ImportReport read(byte[] text) {
        ImportReport report = Importer.into(ledger)
                .build()
                .run(new CursorSource(), ImportFile.of("export.csv", new ByteArrayInputStream(text)));
        assertThat(report.lines()).isEqualTo(report.used() + report.ignored() + report.skipped());
        return report;
    }

    private static String row(String date, String kind, String with, String without, String total, String cost) {
        return "\"%s\",\"%s\",\"gpt-5.4\",\"No\",\"%s\",\"%s\",\"700\",\"80\",\"%s\",\"%s\""
                .formatted(date, kind, with, without, total, cost);
    }

    @Test
    void row_isACall() {
        ImportReport report = read(
                HEADER,
                row("2026-11-02T09:00:00.120Z", "On-Demand", "50", "20", "850", "$0.05"),
                row("2026-11-02T09:00:01.120Z", "Included", "0", "20", "800", "Included"),
                "\"2026-11-02T09:00:02.120Z\",\"Errored, No Charge\",\"gpt-5.4\",\"No\",\"0\",\"0\",\"0\",\"0\",\"0\",\"-\"",
                "");
        assertThat(report.appended()).isEqualTo(2);
        assertThat(report.ignored()).isEqualTo(3);
        UsageRecord record = records().get(0);
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(20)
                        .output(80)
                        .cacheCreation(50)
                        .cacheRead(700)
                        .build());
        assertThat(record.timestamp()).contains(Instant.parse("2026-11-02T09:00:00.120Z"));
        assertThat(record.reportedCost().orElseThrow().toString()).startsWith("0.05");
        assertThat(record.identity().provider()).isEqualTo("cursor");
        assertThat(record.identity().upstreamModel()).isEqualTo("gpt-5.4");
        assertThat(record.attributes()).isEqualTo(Map.of("kind", "On-Demand", "max_mode", "No"));
        assertThat(record.notes()).containsExactly("cache_split_missing");
        assertThat(records().get(1).reportedCost()).isEmpty();
        assertThat(records().get(1).notes()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"850, 50, 20, 50, ''", "830, 50, 20, 30, ''", "999, 50, 20, 50, total_differs", "780, 0, 0, 0, ''"})
    void total_decidesWhetherOneInputContainsTheOther(
            String total, String with, String without, int written, String note) {
        read(HEADER, row("2026-11-02T09:00:00Z", "Included", with, without, total, "0.01"));
        assertThat(record().tokens().cacheCreation()).isEqualTo(written);
        assertThat(record().tokens().input()).isEqualTo(Long.parseLong(without));
        assertThat(record().notes().contains("total_differs")).isEqualTo(!note.isEmpty());
    }

    @Test
    void columns_areFoundByName_andOverlappingExportsAddNothing() {
        String date = "2026-11-02T09:00:00.120Z";
        read(
                HEADER,
                row(date, "Included", "50", "20", "850", "0.05"),
                row(date, "Included", "50", "20", "850", "0.05"));
        assertThat(records()).hasSize(2);
        ImportReport again = read(
                "\uFEFFModel,Date,Cloud Agent ID,Input (w/ Cache Write),Input (w/o Cache Write),Cache Read,Output Tokens,Cost,Cost to you",
                "gpt-5.4," + date + ",agent-1,50,20,700,80,0.05,0",
                "gpt-5.4," + date + ",agent-1,50,20,700,80,0.05,0",
                "\"gpt \"\"house\"\", 5\",2026-11-02T09:00:01Z,agent-1,50,20,700,80,\"$1,200.50\",0\r");
        assertThat(again.duplicates()).isEqualTo(2);
        assertThat(again.appended()).isEqualTo(1);
        UsageRecord last = records().get(2);
        assertThat(last.identity().upstreamModel()).isEqualTo("gpt \"house\", 5");
        assertThat(last.reportedCost().orElseThrow().toString()).startsWith("1200.5");
        assertThat(last.sessionId()).isEqualTo("agent-1");
    }

    @Test
    void wrongRows_costNoOther_andAnotherFileIsUnreadable() {
        ImportReport report = read(
                HEADER,
                row("yesterday", "Included", "50", "20", "850", "0.05"),
                row("2026-11-02T09:00:00Z", "Included", "-50", "20", "850", "0.05"),
                row("2026-11-02T09:00:00Z", "Included", "50.5", "20", "850", "0.05"),
                "\"2026-11-02T09:00:00Z\",\"Included\",\"gpt",
                "2026-11-02T09:00:00Z,Included",
                row("2026-11-02T09:00:00Z", "Included", "50", "20", "850", "0.05"));
        assertThat(report.skippedReasons()).isEqualTo(Map.of("invalid_record", 5L));
        assertThat(report.appended()).isEqualTo(1);
        assertThat(read("a,b", "1,2").unreadableFiles()).isEqualTo(1);
    }

    /** Whatever is wrong with a line, it is told of once, and costs no other. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void rowsThatStayedWhole_count(long seed) {
        Random random = new Random(seed);
        List<byte[]> lines = new ArrayList<>();
        lines.add((HEADER + "\n").getBytes(StandardCharsets.UTF_8));
        long whole = 0;
        for (int i = 0; i < 40; i++) {
            String time = Instant.parse("2026-11-02T09:00:00Z").plusSeconds(i).toString();
            byte[] line = (row(time, "Für dich", "50", Integer.toString(1_000 + i), "", "0.05") + "\n")
                    .getBytes(StandardCharsets.UTF_8);
            switch (random.nextInt(4)) {
                case 0 -> line[random.nextInt(line.length - 1)] ^= (byte) (1 << random.nextInt(8));
                case 1 ->
                    line = (new String(line, 0, random.nextInt(line.length), StandardCharsets.ISO_8859_1) + "\n")
                            .getBytes(StandardCharsets.ISO_8859_1);
                default -> whole |= 1L << i;
            }
            lines.add(line);
        }
        byte[] text = new byte[lines.stream().mapToInt(line -> line.length).sum()];
        int at = 0;
        for (byte[] line : lines) {
            System.arraycopy(line, 0, text, at, line.length);
            at += line.length;
        }
        read(text);
        for (int i = 0; i < 40; i++) {
            long input = 1_000L + i;
            if ((whole & 1L << i) != 0) {
                assertThat(records().stream().filter(record -> record.tokens().input() == input))
                        .as("seed %s, row %s", seed, i)
                        .isNotEmpty();
            }
        }
        int before = records().size();
        read(text);
        assertThat(records()).as("seed %s", seed).hasSize(before);
    }
}
