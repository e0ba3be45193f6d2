package dev.tokenledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ObservedLedgerTest {

    private final ObservedLedger ledger = ObservedLedger.of(InMemoryLedger.open(PriceBook.bundled()));
    private final List<LedgerEntry> seen = new ArrayList<>();

    private static UsageRecord record(String id, long output) {
        return UsageRecord.builder()
                .id(id)
                .upstreamModel("gpt-4.1")
                .provider("openai")
                .outputTokens(output)
                .build();
    }

    @Test
    void listener_isToldOfEntriesAsTheyArePriced_andOfNothingElse() {
        ledger.addListener(seen::addAll);

        ledger.append(record("a", 1));
        ledger.append(record("a", 1));
        ledger.append(record("a", 2));

        assertThat(seen).containsExactly(ledger.find(record("a", 1).id()).orElseThrow());
        assertThat(seen.get(0).cost().amount().signum()).isPositive();
    }

    @Test
    void listener_isToldOfWhatAConditionLetThrough_andOfNothingElse() {
        ledger.addListener(seen::addAll);
        Batch batch = Batch.builder()
                .append(record("a", 1))
                .readerState("offset", "1")
                .build();

        ledger.writeIf("offset", "0", batch);
        ledger.writeIf("offset", "", batch);
        ledger.writeIf(
                "offset",
                "1",
                Batch.builder()
                        .append(record("b", 1))
                        .append(record("a", 2))
                        .readerState("offset", "2")
                        .build());

        assertThat(seen).containsExactly(ledger.find(record("a", 1).id()).orElseThrow());
    }

    @Test
    void correction_isToldAsAReversalAndARecord_soThatSumsAreTheLedgersTotal() {
        ledger.addListener(seen::addAll);

        ledger.revise("a", record("a", 1), Merge.LATEST);
        ledger.revise("a", record("a", 5), Merge.LATEST);
        ledger.append(record("b", 7));
        ledger.replace(record("b", 7).id(), record("c", 9), "typing error");
        ledger.reverse(record("c", 9).id(), "no call");

        long output = seen.stream()
                .mapToLong(entry -> entry.kind() == Kind.REVERSAL
                        ? -entry.record().tokens().output()
                        : entry.record().tokens().output())
                .sum();
        assertThat(output).isEqualTo(5);
        assertThat(ledger.summary(TimeWindow.all()).totalOutputTokens()).isEqualTo(5);
        assertThat(seen)
                .extracting(LedgerEntry::kind)
                .containsExactly(
                        Kind.USAGE, Kind.REVERSAL, Kind.USAGE, Kind.USAGE, Kind.REVERSAL, Kind.USAGE, Kind.REVERSAL);
    }

    @Test
    void listenerThatThrows_isCounted_andHoldsUpNobody() {
        ledger.addListener(entries -> {
            throw new IllegalStateException("meter broken");
        });
        ledger.addListener(seen::addAll);

        assertThat(ledger.append(record("a", 1))).isInstanceOf(AppendResult.Appended.class);
        assertThat(seen).hasSize(1);
        assertThat(ledger.failures()).isEqualTo(1);
    }
}
