package dev.tokenledger.formats.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SummaryJsonTest {

    private static final TimeWindow NOVEMBER =
            TimeWindow.of(Instant.parse("2026-11-01T00:00:00Z"), Instant.parse("2026-12-01T00:00:00Z"));
    private static final String OPUS = "claude-opus-4-20250514";

    private Ledger ledger;

    @BeforeEach
    void open() {
        ledger = InMemoryLedger.open(
                PriceBook.of(List.of(PriceEntry.simple(OPUS, new BigDecimal("15.0"), new BigDecimal("75.0")))));
        ledger.append(record(OPUS, "2026-11-02T10:00:00Z")
                .inputTokens(3000)
                .outputTokens(1500)
                .cacheCreation5mInputTokens(4000)
                .cacheReadInputTokens(8000)
                .build());
        ledger.append(record("house/none", "2026-11-03T10:00:00Z").build());
    }

    @AfterEach
    void close() {
        ledger.close();
    }

    @Test
    void total_hasTheDocumentedNamesAndPlainDigits() {
        assertThat(write(SummaryQuery.over(NOVEMBER).build())).isEqualTo("""
                        {"start":"2026-11-01T00:00:00Z","end":"2026-12-01T00:00:00Z","summary":{"total_records":2,\
                        "total_input_tokens":3000,"total_output_tokens":1500,"total_cache_creation_input_tokens":4000,\
                        "total_cache_creation_5m_input_tokens":4000,"total_cache_creation_1h_input_tokens":0,\
                        "total_cache_read_input_tokens":8000,"total_reasoning_tokens":0,"total_cost_usd":0.2445,\
                        "priced_records":1,"partial_records":0,"unpriced_records":1,"cache_hit_rate":0.6667,\
                        "cache_read_share":0.5333,"doubtful_records":0,"output_incomplete_records":0,\
                        "cache_split_missing_records":0},\
                        "group_by":[],"groups":[]}""");
    }

    @Test
    void groups_haveKeyKeysAndTheTotalIsTheirSum() {
        String json = write(SummaryQuery.over(NOVEMBER)
                .by(Dimension.MODEL, Dimension.PROVIDER)
                .build());
        assertThat(json)
                .contains("\"group_by\":[\"model\",\"provider\"]")
                .contains("{\"key\":\"" + OPUS + " / anthropic\",\"keys\":{\"model\":\"" + OPUS
                        + "\",\"provider\":\"anthropic\"},\"summary\":{\"total_records\":1,")
                .contains("{\"key\":\"house/none / \"")
                .startsWith("{\"start\":\"2026-11-01T00:00:00Z\",\"end\":\"2026-12-01T00:00:00Z\","
                        + "\"summary\":{\"total_records\":2,")
                .doesNotContain("other");
    }

    @Test
    void buckets_stateTheirOffsetAndSeconds() {
        String json = write(SummaryQuery.over(NOVEMBER)
                .every(CalendarBucket.MONTH, ZoneId.of("Europe/Paris"))
                .build());
        assertThat(json)
                .contains(
                        "\"group_by\":[],\"groups\":[{\"bucket\":\"2026-11-01T00:00:00+01:00\",\"key\":\"\",\"keys\":{},");
    }

    @Test
    void limit_marksTheRowOfAllOthers() {
        String json =
                write(SummaryQuery.over(NOVEMBER).by(Dimension.MODEL).limit(1).build());
        assertThat(json).contains("\"keys\":{},\"other\":true,\"summary\":{\"total_records\":1,");
    }

    @Test
    void unboundedSides_areNull() {
        assertThat(write(SummaryQuery.over(TimeWindow.all()).build())).startsWith("{\"start\":null,\"end\":null,");
    }

    @Test
    void cost_isNeverInExponentForm() {
        ledger.append(record("cheap", "2026-11-04T00:00:00Z")
                .cost(dev.tokenledger.money.Usd.ofPicos(1))
                .build());
        ledger.append(record("dear", "2026-11-04T00:00:00Z")
                .cost(dev.tokenledger.money.Usd.parse("9000000"))
                .build());
        String json = write(SummaryQuery.over(NOVEMBER).by(Dimension.MODEL).build());
        assertThat(json)
                .contains("\"total_cost_usd\":9000000.244500000001,")
                .contains("\"total_cost_usd\":0.000000000001,")
                .contains("\"total_cost_usd\":9000000,");
    }

    private String write(SummaryQuery query) {
        return SummaryJson.write(query, ledger.summaries(query));
    }

    private static UsageRecord.Builder record(String model, String timestamp) {
        return UsageRecord.builder().model(model).timestamp(Instant.parse(timestamp));
    }
}
