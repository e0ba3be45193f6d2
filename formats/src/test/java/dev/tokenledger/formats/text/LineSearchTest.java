package dev.tokenledger.formats.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LineSearchTest {

    /** Bytes that lie beside those sought, and so would show a borrow that went too far. */
    private static final byte[] NEIGHBOURS = {
        0, 1, '\t', '\n', 11, 31, ' ', '!', '"', '#', '[', '\\', ']', 'a', '~', 127, -128, -127, -96, -1, (byte) 0x8a
    };

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyTextOrLineFeed_isFoundAsByString(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40_000; round++) {
            String searched = text(random, random.nextInt(80), random.nextBoolean() ? "ab\"" : "ab\"\n");
            String sought = text(random, 2 + random.nextInt(10), "ab\"");
            int from = random.nextInt(searched.length() + 1);
            int to = from + random.nextInt(searched.length() - from + 1);
            int text = searched.substring(0, to).indexOf(sought, from);
            int lineFeed = searched.substring(0, to).indexOf('\n', from);

            int found = new LineSearch(sought.getBytes(StandardCharsets.US_ASCII))
                    .next(searched.getBytes(StandardCharsets.US_ASCII), from, to);

            assertThat(found)
                    .as("seed %d: %s in %s from %d to %d", seed, sought, searched, from, to)
                    .isEqualTo(text < 0 || lineFeed < 0 ? Math.max(text, lineFeed) : Math.min(text, lineFeed));
        }
    }

    @Test
    void aText_isFoundAtEveryPlace() {
        byte[] sought = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
        for (int length = sought.length; length < 60; length++) {
            for (int place = 0; place <= length - sought.length; place++) {
                byte[] bytes = new byte[length];
                Arrays.fill(bytes, (byte) '"');
                System.arraycopy(sought, 0, bytes, place, sought.length);
                int end = place + sought.length;
                assertThat(new LineSearch(sought).next(bytes, 0, length)).isEqualTo(place);
                assertThat(new LineSearch(sought).next(bytes, place, end)).isEqualTo(place);
                assertThat(new LineSearch(sought).next(bytes, place + 1, length))
                        .isEqualTo(-1);
                assertThat(new LineSearch(sought).next(bytes, 0, end - 1)).isEqualTo(-1);
            }
        }
    }

    @Test
    void aLineFeed_isFoundAtEveryPlaceAmongItsNeighbours() {
        byte[] sought = {11, '\n' + 1};
        for (byte neighbour : NEIGHBOURS) {
            for (int place = 0; place < 40 && neighbour != '\n' && neighbour != 11; place++) {
                byte[] bytes = new byte[40];
                Arrays.fill(bytes, neighbour);
                bytes[place] = '\n';
                assertThat(new LineSearch(sought).next(bytes, 0, 40)).isEqualTo(place);
                assertThat(new LineSearch(sought).next(bytes, place, 40)).isEqualTo(place);
                assertThat(new LineSearch(sought).next(bytes, place + 1, 40)).isEqualTo(-1);
                assertThat(new LineSearch(sought).next(bytes, 0, place)).isEqualTo(-1);
            }
        }
    }

    private static String text(Random random, int length, String letters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }
}
