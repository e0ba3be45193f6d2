package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.model.ModelIdentity;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BundledPricesTest {

    private final PriceLayer bundled = PriceBook.bundled().layers().get(0);

    @Test
    void everyEntry_saysWhereItIsFrom_andSurvivesItsText() {
        assertThat(bundled.entries()).hasSize(214).allSatisfy(entry -> {
            assertThat(entry.source()).contains(" and ");
            assertThat(PriceEntry.ofText(entry.toText())).isEqualTo(entry);
            assertThat(entry.rates().perMillion(TokenClass.INPUT)).isPresent();
        });
    }

    @Test
    void datedEntries_takeOverAtTheirDay() {
        ModelIdentity luna = ModelIdentity.ofReference("gpt-5.6-luna");
        assertInput(luna, "2026-07-29T23:59:59.999999Z", "1");
        assertInput(luna, "2026-07-30T00:00:00Z", "0.2");
    }

    private static void assertInput(ModelIdentity model, String at, String rate) {
        PriceEntry entry = PriceBook.bundled().find(model, Instant.parse(at)).orElseThrow();
        assertThat(entry.rates().perMillion(TokenClass.INPUT).orElseThrow().toPlainString())
                .isEqualTo(rate);
    }
}
