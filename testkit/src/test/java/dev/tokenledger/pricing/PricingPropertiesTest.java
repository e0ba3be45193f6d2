package dev.tokenledger.pricing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Explanation.Line;
import dev.tokenledger.testkit.PriceGenerator;
import dev.tokenledger.testkit.RecordGenerator;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** What must hold of any entry and any record. Here and not in core, because the generators build on core. */
class PricingPropertiesTest {

    @Test
    void everyEntry_survivesItsText() {
        Seeds.run(2_000, random -> {
            PriceGenerator prices = new PriceGenerator(random);
            PriceEntry entry = prices.builder("m" + random.nextInt(5))
                    .hours(prices.weekly())
                    .from(Instant.ofEpochSecond(random.nextInt(1_000_000_000), random.nextInt(1_000_000_000)))
                    .build();
            PriceEntry read = PriceEntry.ofText(entry.toText());
            assertThat(read).isEqualTo(entry);
            assertThat(read.id()).isEqualTo(entry.id());
            UsageRecord record = withoutCost(new RecordGenerator(random));
            assertThat(read.price(record)).isEqualTo(entry.price(record));
        });
    }

    @Test
    void everyExplanation_addsUpToThePrice_classByClass() {
        Seeds.run(5_000, random -> {
            PriceEntry entry = new PriceGenerator(random).entry("m");
            UsageRecord record = withoutCost(new RecordGenerator(random));
            Explanation explanation = entry.explain(record);
            Cost cost = entry.price(record);
            assertThat(explanation.cost()).isEqualTo(cost);
            assertThat(Usd.rounded(explanation.lines().stream()
                            .flatMap(line -> line.amount().stream())
                            .reduce(BigDecimal.ZERO, BigDecimal::add)))
                    .isEqualTo(cost.amount());
            explanation.lines().forEach(PricingPropertiesTest::assertProduct);
            // Every token is in one line, and those without a rate are the unpriced ones.
            TokenCounts tokens = record.tokens();
            assertThat(explanation.lines().stream()
                            .filter(line -> line.unit() == Explanation.Unit.TOKENS)
                            .mapToLong(Line::count)
                            .sum())
                    .isEqualTo(tokens.totalInput() + tokens.output());
            assertThat(explanation.lines().stream()
                            .filter(line -> line.rate().isEmpty())
                            .mapToLong(Line::count)
                            .sum())
                    .isEqualTo(sum(cost.unpricedTokens().values())
                            + sum(cost.unpricedCalls().values()));
            boolean whole =
                    cost.unpricedTokens().isEmpty() && cost.unpricedCalls().isEmpty();
            assertThat(cost.status()).isEqualTo(whole ? PricingStatus.PRICED : PricingStatus.PARTIAL);
        });
    }

    private static void assertProduct(Line line) {
        assertThat(line.amount().isPresent()).isEqualTo(line.rate().isPresent());
        line.rate().ifPresent(rate -> {
            BigDecimal product = rate.multiply(BigDecimal.valueOf(line.count()));
            assertThat(line.amount().orElseThrow())
                    .isEqualByComparingTo(line.unit() == Explanation.Unit.TOKENS ? product.movePointLeft(6) : product);
        });
    }

    private static long sum(Iterable<Long> counts) {
        long sum = 0;
        for (long count : counts) {
            sum += count;
        }
        return sum;
    }

    @Test
    void everyInstant_findsTheEntryThatANaiveSearchFinds() {
        Seeds.run(2_000, random -> {
            PriceGenerator prices = new PriceGenerator(random);
            List<PriceEntry> own = prices.history("m", "anthropic");
            List<PriceEntry> any = prices.history("m", "");
            List<PriceEntry> all = new ArrayList<>(own);
            all.addAll(any);
            Collections.shuffle(all, new Random(random.nextLong()));
            PriceBook book = PriceBook.of(all);
            for (int i = 0; i < 20; i++) {
                Instant at = instant(random, all);
                Optional<PriceEntry> expected = naive(own, at).or(() -> naive(any, at));
                assertThat(book.find(new ModelIdentity("m", "m", "", "anthropic"), at))
                        .as("at %s", at)
                        .isEqualTo(expected);
                assertThat(book.find(new ModelIdentity("m", "m", "", "x"), at))
                        .as("at %s", at)
                        .isEqualTo(naive(any, at));
            }
        });
    }

    /** The last entry that has begun, if it has not ended: what "ends where the next begins" means. */
    private static Optional<PriceEntry> naive(List<PriceEntry> history, Instant at) {
        return history.stream()
                .filter(entry -> entry.from().map(from -> !at.isBefore(from)).orElse(true))
                .max(Comparator.comparing(entry -> entry.from().orElse(Instant.MIN)))
                .filter(entry -> entry.until().map(at::isBefore).orElse(true));
    }

    private static Instant instant(RandomGenerator random, List<PriceEntry> entries) {
        PriceEntry entry = entries.get(random.nextInt(entries.size()));
        Instant edge =
                (random.nextBoolean() ? entry.from() : entry.until()).orElse(Instant.parse("2025-06-01T00:00:00Z"));
        return switch (random.nextInt(3)) {
            case 0 -> edge;
            case 1 -> edge.minusNanos(1_000);
            default -> edge.plusSeconds(random.nextInt(10_000_000));
        };
    }

    private static UsageRecord withoutCost(RecordGenerator records) {
        UsageRecord record = records.next();
        while (record.givenCost().isPresent()) {
            record = records.next();
        }
        return record;
    }
}
