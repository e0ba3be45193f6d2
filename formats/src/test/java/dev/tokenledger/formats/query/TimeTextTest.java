package dev.tokenledger.formats.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeTextTest {

    private static final ZoneId ZONE = ZoneId.of("Asia/Kathmandu");

    /** A time that a record may state over HTTP can be typed as well. */
    @ParameterizedTest
    @CsvSource({
        "2016-12-31T23:59:60Z,2017-01-01T00:00:00Z",
        "2016-12-31 23:59:60z,2017-01-01T00:00:00Z",
        "2026-01-05T10:00:00+23:59,2026-01-04T10:01:00Z",
        "2026-01-05T10:00:00.1234567891Z,2026-01-05T10:00:00.123456789Z",
        "2026-01-05t10:00:00Z,2026-01-05T10:00:00Z",
        "2026-01-05T10:00Z,2026-01-05T10:00:00Z",
        "2026-01-05T10:00,2026-01-05T04:15:00Z",
        "2026-01-05 10:00:00.5,2026-01-05T04:15:00.5Z",
        "2026-01-05,2026-01-04T18:15:00Z"
    })
    void times(String text, Instant expected) {
        assertThat(TimeText.parse(text, ZONE)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"2026-01-05T10:00:60Z", "2026-02-30", "2026-02-30T00:00:00Z", "2026-01-05T24:00:01Z", "noon", ""
            })
    void noTimes(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TimeText.parse(text, ZONE))
                .withMessageStartingWith("expected a date such as 2026-11-01 or a time such as ");
    }
}
