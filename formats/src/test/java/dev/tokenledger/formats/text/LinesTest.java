package dev.tokenledger.formats.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LinesTest {

    private record Line(long number, String text, boolean terminated, boolean tooLong, long position) {}

    @Test
    void ends_areLfOrCrLf() throws IOException {
        assertThat(lines("a\nb\r\n\r\n\nc\rd", 10))
                .containsExactly(
                        new Line(1, "a", true, false, 2),
                        new Line(2, "b", true, false, 5),
                        new Line(3, "", true, false, 7),
                        new Line(4, "", true, false, 8),
                        new Line(5, "c\rd", false, false, 11));
    }

    @Test
    void nothing_hasNoLines() throws IOException {
        assertThat(lines("", 10)).isEmpty();
        assertThat(lines("\ufeff", 10)).isEmpty();
        assertThat(lines("\n", 10)).containsExactly(new Line(1, "", true, false, 1));
    }

    @Test
    void byteOrderMark_belongsToNoLine() throws IOException {
        assertThat(lines("\ufeffa\n\ufeffb", 10))
                .containsExactly(new Line(1, "a", true, false, 5), new Line(2, "\ufeffb", false, false, 9));
    }

    @Test
    void limit_countsTheLineWithoutItsEnd() throws IOException {
        assertThat(lines("aaaa\r\naaaaa\r\naaaa", 4))
                .containsExactly(
                        new Line(1, "aaaa", true, false, 6),
                        new Line(2, "", true, true, 13),
                        new Line(3, "aaaa", false, false, 17));
        assertThat(lines("aaaaa", 4)).containsExactly(new Line(1, "", false, true, 5));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void anyStream_isSplitAsTextIs(long seed) throws IOException {
        Random random = new Random(seed);
        for (int round = 0; round < 30; round++) {
            int limit = 1 + random.nextInt(100_000);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            List<Line> expected = new ArrayList<>();
            int count = random.nextInt(12);
            for (int i = 1; i <= count; i++) {
                int length = random.nextInt(4) == 0 ? limit + random.nextInt(5) - 2 : random.nextInt(300_000);
                String text = "x".repeat(Math.max(1, length));
                boolean last = i == count && random.nextBoolean();
                bytes.writeBytes((text + (last ? "" : random.nextBoolean() ? "\n" : "\r\n"))
                        .getBytes(StandardCharsets.US_ASCII));
                boolean tooLong = text.length() > limit;
                expected.add(new Line(i, tooLong ? "" : text, !last, tooLong, bytes.size()));
            }
            assertThat(lines(new Dribbling(bytes.toByteArray(), random), limit))
                    .as("seed %d, round %d", seed, round)
                    .isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatIsSought_isFoundInTheLinesThatHoldIt(long seed) throws IOException {
        Random random = new Random(seed);
        Lines.Buffers buffers = new Lines.Buffers();
        byte[] sought = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
        for (int round = 0; round < 60; round++) {
            StringBuilder text = new StringBuilder();
            List<Boolean> expected = new ArrayList<>();
            int count = random.nextInt(40);
            for (int i = 0; i < count; i++) {
                boolean holds = random.nextBoolean();
                String filler = "\"usage ".repeat(random.nextInt(random.nextInt(10) == 0 ? 40_000 : 20));
                text.append(filler)
                        .append(holds ? "\"usage\"" : "")
                        .append(filler)
                        .append('\n');
                expected.add(holds);
            }
            List<Boolean> found = new ArrayList<>();
            byte[] bytes = text.toString().getBytes(StandardCharsets.US_ASCII);
            try (Lines lines = new Lines(new Dribbling(bytes, random), 1 << 24, sought, buffers)) {
                while (lines.next()) {
                    found.add(lines.holdsSought());
                    String line = new String(lines.bytes(), lines.offset(), lines.length(), StandardCharsets.US_ASCII);
                    assertThat(lines.holdsSought()).isEqualTo(line.contains("\"usage\""));
                }
            }
            assertThat(found).as("seed %d, round %d", seed, round).isEqualTo(expected);
        }
    }

    @Test
    void whatIsSought_doesNotReachFromOneLineIntoTheNext() throws IOException {
        byte[] text = "\"usa\nge\"\n\"usage\"".getBytes(StandardCharsets.US_ASCII);
        byte[] sought = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
        try (Lines lines = new Lines(new ByteArrayInputStream(text), 10, sought, new Lines.Buffers())) {
            for (boolean expected : new boolean[] {false, false, true}) {
                assertThat(lines.next()).isTrue();
                assertThat(lines.holdsSought()).isEqualTo(expected);
            }
            assertThat(lines.next()).isFalse();
        }
    }

    /** Gives as much as it likes at a time. */
    private static final class Dribbling extends InputStream {

        private final ByteArrayInputStream in;
        private final Random random;

        Dribbling(byte[] bytes, Random random) {
            this.in = new ByteArrayInputStream(bytes);
            this.random = random;
        }

        @Override
        public int read() {
            return in.read();
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            return in.read(buffer, offset, Math.min(length, 1 + random.nextInt(random.nextBoolean() ? 10 : 100_000)));
        }
    }

    private static List<Line> lines(String text, int longest) throws IOException {
        return lines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), longest);
    }

    private static List<Line> lines(InputStream in, int longest) throws IOException {
        List<Line> found = new ArrayList<>();
        try (Lines lines = new Lines(in, longest)) {
            while (lines.next()) {
                String text = new String(lines.bytes(), lines.offset(), lines.length(), StandardCharsets.UTF_8);
                found.add(new Line(lines.number(), text, lines.terminated(), lines.tooLong(), lines.position()));
            }
            assertThat(lines.next()).isFalse();
        }
        return found;
    }
}
