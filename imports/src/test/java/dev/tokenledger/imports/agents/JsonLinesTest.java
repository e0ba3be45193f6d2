package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.imports.ImportReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What may stand on a line, whichever program wrote it; shown by the messages of one that says all on each. */
class JsonLinesTest extends LogTest {

    private static final String ONE = message(1);
    private static final String TWO = message(2);

    private final PiSource source = new PiSource();

    private static String message(int output) {
        return """
                {"type":"message","message":{"role":"assistant","provider":"anthropic","model":"claude-opus-4-5","usage":{"input":0,\
                "output":%1$s,"cacheRead":0,"cacheWrite":0,"cost":{"total":0}},"timestamp":177000000000%1$s,\
                "content":[{"type":"toolCall","id":null,"text":"grüße"}]}}""".formatted(output);
    }

    private Path raw(String... text) throws IOException {
        return Files.writeString(folder.resolve("a.jsonl"), String.join("", text));
    }

    @Test
    void byteOrderMarkAndCarriageReturns_belongToNoLine() throws IOException {
        raw("\ufeff", ONE, "\r\n", TWO, "\r\n");
        ImportReport report = run(source);
        assertThat(report.lines()).isEqualTo(2);
        assertThat(report.used()).isEqualTo(2);
        append(folder.resolve("a.jsonl"), message(4) + "\r");
        assertThat(run(source).used()).isEqualTo(1);
        assertThat(total().totalOutputTokens()).isEqualTo(7);
    }

    @Test
    void spacesAroundColonsAndCommas_areNothing() throws IOException {
        raw(" ", ONE.replace(":", " : ").replace(",", " ,\t"), " \n");
        assertThat(run(source).used()).isEqualTo(1);
        assertThat(total().totalOutputTokens()).isEqualTo(1);
    }

    @Test
    void severalObjectsOnALine_areAllRead() throws IOException {
        raw(ONE, TWO, "\n", message(4), " {\"type\":\"model_change\"} ", message(8), "\n");
        ImportReport report = run(source);
        assertThat(report.lines()).isEqualTo(2);
        assertThat(report.used()).isEqualTo(2);
        assertThat(report.appended()).isEqualTo(4);
        assertThat(total().totalOutputTokens()).isEqualTo(15);
    }

    @Test
    void whatIsWrongOnALine_costsNoOtherObjectOfIt() throws IOException {
        raw(ONE.replace("\"output\":1", "\"output\":-1"), TWO, "\n", message(4), " {\"type\":\n", message(8), "\n");
        ImportReport report = run(source);
        // A line counts as what its first object was; what is wrong with a further one is told all the same.
        assertThat(report.used()).isEqualTo(2);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_record", 1L));
        assertThat(report.problems())
                .extracting(problem -> problem.line() + " " + problem.reason())
                .containsExactly("1 invalid_record", "2 invalid_json");
        assertThat(total().totalOutputTokens()).isEqualTo(14);
    }

    @Test
    void bytesThatAreNoUtf8_areTheReason() throws IOException {
        byte[] broken = (ONE + "\n" + TWO + "\n").getBytes(StandardCharsets.UTF_8);
        int letter = ONE.indexOf('ü');
        broken[letter] = (byte) 0xff;
        Files.write(folder.resolve("a.jsonl"), broken);
        ImportReport report = run(source);
        assertThat(report.used()).isEqualTo(1);
        assertThat(report.problems())
                .extracting(Object::toString)
                .containsExactly(folder.toRealPath().resolve("a.jsonl") + ":1: not valid UTF-8");
        assertThat(report.skippedReasons()).containsExactly(Map.entry("invalid_utf8", 1L));
    }

    @Test
    void tornLastLine_isReadAgainWhenItIsWhole() throws IOException {
        Path file = raw(ONE, "\n", TWO.substring(0, TWO.length() - 20));
        ImportReport report = run(source);
        assertThat(report.lines()).isEqualTo(2);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("incomplete_line", 1L));
        assertThat(report.used() + report.ignored() + report.skipped()).isEqualTo(2);
        assertThat(report.clean()).isTrue();
        Files.writeString(file, TWO.substring(TWO.length() - 20), StandardOpenOption.APPEND);
        report = run(source);
        assertThat(report.lines()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(1);
        Files.writeString(file, "\n" + message(4) + "\n", StandardOpenOption.APPEND);
        report = run(source);
        // The line that had no end is read once more, for it might have grown.
        assertThat(report.duplicates()).isEqualTo(1);
        assertThat(report.appended()).isEqualTo(1);
        assertThat(total().totalOutputTokens()).isEqualTo(7);
    }

    @Test
    void blankLinesAndOtherJson_areIgnored() throws IOException {
        raw("\n", "   \t\r\n", "[1, {\"type\":\"message\"}]\n", "7\n", "null\n", ONE, "\n");
        ImportReport report = run(source);
        assertThat(report.ignored()).isEqualTo(5);
        assertThat(report.skipped()).isZero();
        assertThat(report.used()).isEqualTo(1);
    }

    @Test
    void lineAboveTheLimit_isSkippedWithoutBeingHeld() throws IOException {
        raw(ONE, "\n", "x".repeat(Fields.MAX_BYTES + 1), "\n", TWO, "\n");
        ImportReport report = run(source);
        assertThat(report.skippedReasons()).containsExactly(Map.entry("line_too_long", 1L));
        assertThat(report.problems()).extracting("line").containsExactly(2L);
        assertThat(total().totalOutputTokens()).isEqualTo(3);
    }
}
