package dev.tokenledger.formats.query;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QueryParametersTest {

    private static QueryParameters of(Map<String, String> parameters) {
        Map<String, List<String>> all = new HashMap<>();
        parameters.forEach((name, value) -> all.put(name, List.of(value)));
        return new QueryParameters(
                all, QueryParameters.OF_SUMMARY, Instant.parse("2026-11-22T12:00:00Z"), ZoneOffset.UTC);
    }

    /** A dimension has several names. */
    @Test
    void filters_twoOfOneDimension_areRefused() {
        assertThatThrownBy(() ->
                        of(Map.of("where.model", "a", "where.deployment", "b")).filters())
                .isInstanceOf(ParameterException.class)
                .hasMessage("another filter is by model too; one is expected");
        assertThat(of(Map.of("where.model", "a", "where.role", "b")).filters())
                .isEqualTo(Map.of(Dimension.parse("model"), "a", Dimension.parse("role"), "b"));
    }

    @Test
    void window_boundBeyondWhatARecordCanHave_isMovedToIt() {
        assertThat(of(Map.of("to", "1960-01-01")).window()).isEqualTo(TimeWindow.of(TimeWindow.MIN, TimeWindow.MIN));
        assertThat(of(Map.of("from", "1950-01-01", "to", "1960-01-01")).window().isEmpty())
                .isTrue();
    }

    @Test
    void window_thatEndsBeforeItStarts_isRefused() {
        for (Map<String, String> backwards : List.of(
                Map.of("from", "2026-11-02", "to", "2026-11-01"), Map.of("from", "1960-01-01", "to", "1950-01-01"))) {
            assertThatThrownBy(() -> of(backwards).window())
                    .isInstanceOf(ParameterException.class)
                    .hasMessage("is after to");
        }
    }
}
