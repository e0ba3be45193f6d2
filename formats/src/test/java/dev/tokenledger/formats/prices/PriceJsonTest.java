package dev.tokenledger.formats.prices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PriceJsonTest {

    /** Products may be larger and finer than any rate that can be stated. */
    @ParameterizedTest
    @CsvSource({"600000, 1200000, 60000", "0.000000000003, 0.000000000006, 0.0000000000003"})
    void cacheRatesByMultiplier_areWrittenOut(BigDecimal input, String written1h, String read) {
        PriceEntry entry = PriceEntry.simple("big-model", input, BigDecimal.TEN);
        PriceBook prices = PriceBook.of(List.of(entry));

        assertThat(PriceJson.write(PriceListing.find(prices, "", Optional.empty())))
                .contains("\"cache_write_1h\":" + written1h, "\"cache_read\":" + read);
        PriceEntry ofProvider = PriceEntry.builder("big-model")
                .provider("p")
                .rates(entry.rates())
                .cacheByMultiplier(true)
                .build();
        assertThat(PriceFile.format(List.of(ofProvider))).contains("cache_write_1h: " + written1h + "\n");
    }
}
