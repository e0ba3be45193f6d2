package dev.tokenledger.formats.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Rfc3339Test {

    @ParameterizedTest
    @CsvSource({
        "2026-01-05T10:00:00Z,2026-01-05T10:00:00Z",
        "2026-01-05t10:00:00z,2026-01-05T10:00:00Z",
        "2026-01-05T10:00:00.5Z,2026-01-05T10:00:00.5Z",
        "2026-01-05T10:00:00.123456789123456Z,2026-01-05T10:00:00.123456789Z",
        "2026-01-05T10:00:00+05:45,2026-01-05T04:15:00Z",
        "2026-01-05T10:00:00-23:59,2026-01-06T09:59:00Z",
        "2026-01-05T10:00:00-00:00,2026-01-05T10:00:00Z",
        "2024-02-29T23:59:59Z,2024-02-29T23:59:59Z",
        "2016-12-31T23:59:60Z,2017-01-01T00:00:00Z",
        "2017-01-01T00:59:60.9+01:00,2017-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z,0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z,9999-12-31T23:59:59Z"
    })
    void time_isRead(String text, String instant) {
        assertThat(Rfc3339.parse(text)).isEqualTo(Instant.parse(instant));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2026",
                "2026-01-05",
                "2026-01-05T10:00Z",
                "2026-01-05T10:00:00",
                "2026-01-05 10:00:00Z",
                "2026-01-05T10:00:00.Z",
                "2026-01-05T10:00:00,5Z",
                "2026-01-05T10:00:00+0100",
                "2026-01-05T10:00:00+01",
                "2026-01-05T10:00:00+24:00",
                "2026-01-05T10:00:00+01:60",
                "2026-01-05T24:00:00Z",
                "2026-01-05T10:60:00Z",
                "2026-01-05T10:00:60Z",
                "2026-01-05T10:00:61Z",
                "2026-13-05T10:00:00Z",
                "2026-02-29T10:00:00Z",
                "2026-00-05T10:00:00Z",
                "+2026-01-05T10:00:00Z",
                "2026-01-05T10:00:00ZZ",
                "2026-01-05T10:00:00Z ",
                "2026-01-05T10:00:00[UTC]",
                "2026-1-5T10:00:00.000Z",
                "２026-01-05T10:00:00Z",
                "2026-W01-1T10:00:00Z",
                "2026-01-05T10:00:00.1234567890123456789012345678901234567890123456789Z"
            })
    void anythingElse_isRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> Rfc3339.parse(text));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyTime_isReadAsTheLibraryReadsIt(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            OffsetDateTime time = Instant.ofEpochSecond(
                            random.nextLong(-62_000_000_000L, 253_000_000_000L), random.nextInt(1_000_000_000))
                    .atOffset(ZoneOffset.ofTotalSeconds(60 * random.nextInt(-1079, 1080)));
            String text = DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(time);
            assertThat(Rfc3339.parse(text)).as("seed %d: %s", seed, text).isEqualTo(time.toInstant());
        }
    }
}
