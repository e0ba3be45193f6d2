package dev.tokenledger.formats.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BytesTest {

    /** Bytes that lie beside those sought, and so would show a borrow that went too far. */
    private static final byte[] NEIGHBOURS = {
        0, 1, '\t', '\n', 11, 31, ' ', '!', '"', '#', '[', '\\', ']', 'a', '~', 127, -128, -127, -96, -1, (byte) 0x8a
    };

    @Test
    void everyByte_isFoundAtEveryPlace() {
        for (int sought = 0; sought < 256; sought++) {
            for (int place = 0; place < 20; place++) {
                byte[] bytes = new byte[20];
                Arrays.fill(bytes, (byte) (sought + 1));
                bytes[place] = (byte) sought;
                assertThat(Bytes.indexOf(bytes, (byte) sought, 0, 20)).isEqualTo(place);
                assertThat(Bytes.indexOf(bytes, (byte) sought, place + 1, 20)).isEqualTo(-1);
                assertThat(Bytes.indexOf(bytes, (byte) sought, 0, place)).isEqualTo(-1);
            }
        }
    }

    @Test
    void plainText_endsAtWhatDoesNotStandForItself() {
        for (int end = 0; end < 256; end++) {
            boolean plain = end >= ' ' && end < 0x80 && end != '"' && end != '\\';
            for (int place = 0; place < 20; place++) {
                byte[] bytes = "aaaaaaaaaaaaaaaaaaaa".getBytes(StandardCharsets.US_ASCII);
                bytes[place] = (byte) end;
                assertThat(Bytes.endOfPlainText(bytes, 0, 20))
                        .as("byte %d", end)
                        .isEqualTo(plain ? 20 : place);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyBytes_areSearchedAsByALoop(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = NEIGHBOURS[random.nextInt(NEIGHBOURS.length)];
            }
            int from = random.nextInt(bytes.length + 1);
            int to = from + random.nextInt(bytes.length - from + 1);
            byte sought = NEIGHBOURS[random.nextInt(NEIGHBOURS.length)];

            assertThat(Bytes.indexOf(bytes, sought, from, to)).isEqualTo(indexByLoop(bytes, sought, from, to));
            assertThat(Bytes.endOfPlainText(bytes, from, to)).isEqualTo(endByLoop(bytes, from, to));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyTextOrLineFeed_isFoundAsByString(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 40_000; round++) {
            String searched = text(random, random.nextInt(60), random.nextBoolean() ? "ab\"" : "ab\"\n");
            String sought = text(random, 2 + random.nextInt(10));
            int from = random.nextInt(searched.length() + 1);
            int to = from + random.nextInt(searched.length() - from + 1);
            int text = searched.substring(0, to).indexOf(sought, from);
            int lineFeed = searched.substring(0, to).indexOf('\n', from);

            int found = Bytes.indexOfLineFeedOr(
                    sought.getBytes(StandardCharsets.US_ASCII), searched.getBytes(StandardCharsets.US_ASCII), from, to);

            assertThat(found)
                    .as("seed %d: %s in %s from %d to %d", seed, sought, searched, from, to)
                    .isEqualTo(text < 0 || lineFeed < 0 ? Math.max(text, lineFeed) : Math.min(text, lineFeed));
        }
    }

    @Test
    void aText_isFoundAtEveryPlace() {
        byte[] sought = "\"usage\"".getBytes(StandardCharsets.US_ASCII);
        for (int length = sought.length; length < 40; length++) {
            for (int place = 0; place <= length - sought.length; place++) {
                byte[] bytes = new byte[length];
                Arrays.fill(bytes, (byte) '"');
                System.arraycopy(sought, 0, bytes, place, sought.length);
                int end = place + sought.length;
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, 0, length)).isEqualTo(place);
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, place, end)).isEqualTo(place);
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, place + 1, length))
                        .isEqualTo(-1);
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, 0, end - 1)).isEqualTo(-1);
            }
        }
    }

    @Test
    void aLineFeed_isFoundAtEveryPlaceAmongItsNeighbours() {
        byte[] sought = {11, '\n' + 1};
        for (byte neighbour : NEIGHBOURS) {
            for (int place = 0; place < 20 && neighbour != '\n' && neighbour != 11; place++) {
                byte[] bytes = new byte[20];
                Arrays.fill(bytes, neighbour);
                bytes[place] = '\n';
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, 0, 20)).isEqualTo(place);
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, place, 20)).isEqualTo(place);
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, place + 1, 20))
                        .isEqualTo(-1);
                assertThat(Bytes.indexOfLineFeedOr(sought, bytes, 0, place)).isEqualTo(-1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void anyText_standsWhereStringsSay(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            String text = text(random, random.nextInt(40));
            int at = random.nextInt(text.length() + 1);
            int to = at + random.nextInt(text.length() - at + 1);
            String sought = random.nextBoolean() ? text(random, random.nextInt(4)) : text.substring(at, to);

            boolean stands = Bytes.standAt(
                    text.getBytes(StandardCharsets.US_ASCII), at, to, sought.getBytes(StandardCharsets.US_ASCII));

            assertThat(stands)
                    .as("%s in %s from %d to %d", sought, text, at, to)
                    .isEqualTo(text.substring(at, to).startsWith(sought));
        }
    }

    private static String text(Random random, int length) {
        return text(random, length, "ab\"");
    }

    private static String text(Random random, int length, String letters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(letters.charAt(random.nextInt(letters.length())));
        }
        return text.toString();
    }

    private static int indexByLoop(byte[] bytes, byte sought, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == sought) {
                return i;
            }
        }
        return -1;
    }

    private static int endByLoop(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] >= ' ' && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }
}
