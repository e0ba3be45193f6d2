package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pages found by way of roll-ups are those of the plain list. */
class FilteredCallsTest {

    private static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");
    private static final int SECONDS = 40 * 86_400;

    private final Ledger ledger = InMemoryLedger.open(PriceBook.empty());

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void pages_areThoseOfTheWholeList(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 600; i++) {
            // Many at the same moment, in clusters, some of them rare.
            long cluster = random.nextInt(12) * (SECONDS / 12L);
            Instant instant = NOW.minusSeconds(cluster + (long) random.nextInt(5) * random.nextInt(900));
            ledger.append(UsageRecord.builder()
                    .id("call-" + i)
                    .model(random.nextInt(40) == 0 ? "rare" : "model-" + random.nextInt(3))
                    .role(random.nextBoolean() ? "a" : "")
                    .timestamp(instant)
                    .sessionId("s" + random.nextInt(9))
                    .attribute("team", "t" + random.nextInt(3))
                    .inputTokens(1)
                    .build());
        }
        for (int i = 0; i < 60; i++) {
            ledger.reverse(RecordId.of("call-" + random.nextInt(600)), "wrong");
        }
        for (Map<String, String> filters : List.of(
                Map.of("where.model", "rare"),
                Map.of("where.model", "model-1"),
                Map.of("where.model", "nobody"),
                Map.of("where.role", ""),
                Map.of("where.model", "model-2", "where.role", "a"),
                Map.of("where.session", "s3"),
                Map.of("where.attribute.team", "t1", "where.model", "model-0"),
                Map.<String, String>of())) {
            for (String period : List.of("all", "last_7_days")) {
                for (int rows : new int[] {1, 7, 50}) {
                    assertThat(paged(filters, period, rows))
                            .as("seed %d, %s, %s, %d", seed, filters, period, rows)
                            .isEqualTo(listed(filters, period));
                }
            }
        }
    }

    private static View view(Map<String, String> filters, String period, Optional<RecordQuery.Cursor> after) {
        Map<String, List<String>> parameters = new HashMap<>();
        parameters.put("period", List.of(period));
        filters.forEach((name, value) -> parameters.put(name, List.of(value)));
        after.ifPresent(cursor -> parameters.put("after", List.of(cursor.toString())));
        return new View(parameters, NOW, ZoneOffset.UTC);
    }

    private List<String> paged(Map<String, String> filters, String period, int rows) {
        List<String> ids = new ArrayList<>();
        Optional<RecordQuery.Cursor> after = Optional.empty();
        do {
            RecordPage page = FilteredCalls.page(ledger, view(filters, period, after), rows);
            assertThat(page.entries()).hasSizeLessThanOrEqualTo(rows);
            page.entries().forEach(entry -> ids.add(entry.id().value()));
            after = page.next();
        } while (after.isPresent());
        return ids;
    }

    private List<String> listed(Map<String, String> filters, String period) {
        RecordQuery query =
                view(filters, period, Optional.empty()).calls().limit(1_000).build();
        return ledger.records(query).entries().stream()
                .map(LedgerEntry::id)
                .map(id -> id.value())
                .toList();
    }
}
