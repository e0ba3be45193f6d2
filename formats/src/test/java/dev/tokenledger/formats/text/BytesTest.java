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
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append("ab\"".charAt(random.nextInt(3)));
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
