package dev.tokenledger.formats.json;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.Tier;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntryJsonTest {

    private static final Instant NOW = Instant.parse("2026-02-01T00:00:00.5Z");

    private final PriceEntry price = PriceEntry.builder("house")
            .rates(Rates.of("1", "10"))
            .tier(new Tier(Tier.Boundary.ABOVE, 10, Rates.of("0.0000025", "1")))
            .build();
    private final InMemoryLedger ledger = InMemoryLedger.open(PriceBook.of(List.of(price)), () -> NOW);

    @Test
    void everyField_isWrittenByTheNameItIsReadBy() {
        String given = RecordJsonTest.EVERY_FIELD;
        LedgerEntry entry = stored(RecordJson.parse(given));
        String written = EntryJson.write(entry);
        assertThat(RecordJson.parse(written)).isEqualTo(entry.record());
        assertThat(written)
                .startsWith(
                        "{\"sequence\":1,\"id\":\"r-1\",\"kind\":\"usage\",\"timestamp\":\"2026-01-05T10:00:00.123456Z\",")
                .endsWith("\"cost_usd\":0.001615,\"pricing_status\":\"partial\",\"price_id\":\"given\","
                        + "\"recorded\":\"2026-02-01T00:00:00.500Z\"}");
    }

    @Test
    void passes_areReadBack() {
        UsageRecord record = RecordJson.parse("{\"model\":\"house\",\"input_tokens\":7,\"output_tokens\":2,\"passes\":"
                + "[{\"input_tokens\":3},{\"input_tokens\":4,\"output_tokens\":2}]}");
        assertThat(record.passes()).hasSize(2);
        assertThat(RecordJson.parse(EntryJson.write(stored(record))).passes()).isEqualTo(record.passes());
    }

    @Test
    void emptyFields_areLeftOut() {
        assertThat(EntryJson.write(
                        stored(UsageRecord.builder().id("a").model("none").build())))
                .isEqualTo(
                        "{\"sequence\":1,\"id\":\"a\",\"kind\":\"usage\",\"timestamp\":\"2026-02-01T00:00:00.500Z\","
                                + "\"model\":\"none\",\"upstream_model\":\"none\",\"cost_usd\":0,"
                                + "\"pricing_status\":\"unpriced\",\"price_id\":\"\",\"recorded\":\"2026-02-01T00:00:00.500Z\"}");
    }

    @Test
    void computedCost_saysHowItCameAbout() {
        LedgerEntry entry = stored(UsageRecord.builder()
                .id("a")
                .model("house")
                .inputTokens(11)
                .cacheReadInputTokens(3)
                .calls("web_search", 2)
                .build());
        assertThat(EntryJson.write(entry))
                .contains(
                        "\"input_tokens\":11,\"cache_read_input_tokens\":3,\"web_search_calls\":2,\"notes\":[\"provider_inferred\"],"
                                // 11 × 0.0000025 per million, rounded half-even
                                + "\"cost_usd\":0.000000000028,\"pricing_status\":\"partial\",\"price_id\":\""
                                + price.id()
                                + "\",\"unpriced_tokens\":{\"cache_read\":3},\"unpriced_calls\":{\"web_search\":2},"
                                + "\"pricing_notes\":[\"tier:above:10\"],");
    }

    @Test
    void reversal_namesWhatItReverses() {
        RecordId id = stored(UsageRecord.builder()
                        .id("a")
                        .model("house")
                        .inputTokens(1)
                        .build())
                .id();
        ledger.reverse(id, "typed \"twice\"");
        LedgerEntry reversed = ledger.find(id).orElseThrow();
        LedgerEntry.Reversal reversal = reversed.reversal().orElseThrow();
        String correction = "\"reversal\":{\"id\":\"" + reversal.id()
                + "\",\"reverses\":\"a\",\"reason\":\"typed \\\"twice\\\"\"}}";
        assertThat(EntryJson.write(reversed)).contains("\"kind\":\"usage\"").endsWith(correction);
        assertThat(EntryJson.write(ledger.find(reversal.id()).orElseThrow()))
                .startsWith("{\"sequence\":2,\"id\":\"" + reversal.id() + "\",\"kind\":\"reversal\",")
                .contains("\"cost_usd\":0.000001,")
                .endsWith(correction);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void anyText_isReadBackAsItWas(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < 500; i++) {
            String text = text(random);
            UsageRecord record = UsageRecord.builder()
                    .id("id" + i)
                    .model("m" + text)
                    .role(text)
                    .sessionId(text)
                    .attribute("k", text)
                    .build();
            LedgerEntry entry = stored(record);
            UsageRecord read = RecordJson.parse(EntryJson.write(entry));
            assertThat(read.role()).as("seed %d, round %d", seed, i).isEqualTo(record.role());
            assertThat(read.identity()).as("seed %d, round %d", seed, i).isEqualTo(record.identity());
            assertThat(read.attributes()).as("seed %d, round %d", seed, i).isEqualTo(record.attributes());
        }
    }

    @Test
    void kind_isWrittenTheSameInEveryLanguage() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("tr"));
        try {
            assertThat(EntryJson.write(stored(UsageRecord.builder().model("m").build())))
                    .contains("\"kind\":\"usage\"")
                    .contains("\"pricing_status\":\"unpriced\"");
        } finally {
            Locale.setDefault(before);
        }
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        int length = random.nextInt(20);
        while (text.length() < length) {
            int c = random.nextInt(4) == 0 ? random.nextInt(0x110000) : ' ' + random.nextInt(95);
            boolean refused = c < ' ' || c == 0x7f || (c >= 0xd800 && c < 0xe000);
            if (!refused) {
                text.appendCodePoint(c);
            }
        }
        return text.toString();
    }

    private LedgerEntry stored(UsageRecord record) {
        ledger.append(record);
        return ledger.find(record.id()).orElseThrow();
    }
}
