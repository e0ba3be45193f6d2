package dev.tokenledger.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is promised of listing records. */
abstract class ListingContract extends CorrectionContract {

    @Test
    void records_comeNewestCallFirst_andAmongEqualInstantsTheLastWritten() {
        append(
                at("noon", 0),
                at("early", -60),
                at("late", 60),
                at("noon too", 0),
                at("late too", 60),
                Samples.builder("a moment later")
                        .timestamp(Samples.NOW.plusNanos(1_000))
                        .build());
        assertThat(ids(RecordQuery.over(TimeWindow.all())))
                .containsExactly("late too", "late", "a moment later", "noon too", "noon", "early");
    }

    @Test
    void records_areThoseOfTheWindow() {
        append(at("before", -1), at("first", 0), at("last", 9), at("end", 10));
        assertThat(ids(RecordQuery.over(TimeWindow.of(Samples.NOW, Samples.NOW.plusSeconds(10)))))
                .containsExactly("last", "first");
        assertThat(ids(RecordQuery.over(TimeWindow.of(Samples.NOW, Samples.NOW))))
                .isEmpty();
    }

    @Test
    void records_leaveOutWhatWasReversed_unlessHistoryIsAsked() {
        append(at("r1", 0), at("r2", 1));
        ledger.reverse(RecordId.of("r1"), "why");
        assertThat(ids(RecordQuery.over(TimeWindow.all()))).containsExactly("r2");
        List<LedgerEntry> all = ledger.records(
                        RecordQuery.over(TimeWindow.all()).history(true).build())
                .entries();
        assertThat(all).hasSize(3);
        assertThat(all.get(0).id()).isEqualTo(RecordId.of("r2"));
        assertThat(all.get(1).kind()).isEqualTo(LedgerEntry.Kind.REVERSAL);
        assertThat(all.get(2)).isEqualTo(entry("r1"));
    }

    @Test
    void attributeKeys_areThoseOfTheRecords_inOrder() {
        assertThat(ledger.attributeKeys()).isEmpty();
        append(
                Samples.builder("r1")
                        .attribute("team", "search")
                        .attribute("city", "Lodz")
                        .build(),
                Samples.builder("r2")
                        .attribute("team", "billing")
                        .attribute("area", "1")
                        .build(),
                at("r3", 0));
        ledger.reverse(RecordId.of("r1"), "why");
        assertThat(ledger.attributeKeys()).contains("team", "area").isSubsetOf("city", "team", "area");
        assertThat(List.copyOf(ledger.attributeKeys())).isSorted();
    }

    @Test
    void pages_goOnWhereTheLastOneEnded() {
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            // Three to an instant, so that pages end among equal ones.
            append(at("r" + i, i / 3));
            expected.add(0, "r" + i);
        }
        assertThat(ids(RecordQuery.over(TimeWindow.all()))).isEqualTo(expected);
        List<String> found = new ArrayList<>();
        RecordQuery.Builder query = RecordQuery.over(TimeWindow.all()).limit(4);
        Optional<RecordQuery.Cursor> next = Optional.empty();
        int pages = 0;
        do {
            next.map(RecordQuery.Cursor::toString)
                    .map(RecordQuery.Cursor::parse)
                    .ifPresent(query::after);
            RecordPage page = ledger.records(query.build());
            page.entries().forEach(entry -> found.add(entry.id().value()));
            next = page.next();
            pages++;
            // What is written while somebody pages does not move the pages that are still to come.
            append(at("later " + pages, 1_000));
        } while (next.isPresent());
        assertThat(found).isEqualTo(expected);
        assertThat(pages).isEqualTo(7);
    }

    @Test
    void lastPage_hasNoNext_evenWhenItIsFull() {
        append(at("r1", 0), at("r2", 1));
        RecordPage page =
                ledger.records(RecordQuery.over(TimeWindow.all()).limit(2).build());
        assertThat(page.entries()).hasSize(2);
        assertThat(page.next()).isEmpty();
        assertThat(ledger.records(RecordQuery.over(TimeWindow.all()).limit(1).build())
                        .next())
                .isPresent();
    }

    @Test
    void filters_areAllMet_inEveryDimension() {
        UsageRecord full = Samples.everyField("full").build();
        append(full, Samples.record("plain"));
        for (Dimension dimension : dimensions()) {
            String value = dimension.valueOf(full, "partial");
            assertThat(ids(RecordQuery.over(TimeWindow.all()).where(dimension, value)))
                    .as("%s = %s", dimension, value)
                    .contains("full");
            assertThat(ids(RecordQuery.over(TimeWindow.all()).where(dimension, "nobody has this")))
                    .isEmpty();
        }
        assertThat(ids(RecordQuery.over(TimeWindow.all())
                        .where(Dimension.ROLE, "delegate")
                        .where(Dimension.attribute("team"), "görsel 🎨")))
                .containsExactly("full");
        assertThat(ids(RecordQuery.over(TimeWindow.all())
                        .where(Dimension.ROLE, "delegate")
                        .where(Dimension.attribute("team"), "")))
                .isEmpty();
    }

    @Test
    void emptyFilter_meansNone() {
        append(Samples.everyField("full").build(), Samples.record("plain"));
        for (Dimension dimension : List.of(Dimension.ROLE, Dimension.SESSION, Dimension.attribute("team"))) {
            assertThat(ids(RecordQuery.over(TimeWindow.all()).where(dimension, "")))
                    .containsExactly("plain");
        }
    }

    @Test
    void filters_pageTogetherWithHistory() {
        for (int i = 0; i < 12; i++) {
            append(Samples.builder("r" + i)
                    .sessionId(i % 2 == 0 ? "even" : "odd")
                    .timestamp(Samples.NOW.plusSeconds(i % 4))
                    .build());
        }
        ledger.reverse(RecordId.of("r2"), "");
        RecordQuery.Builder query = RecordQuery.over(TimeWindow.all())
                .where(Dimension.SESSION, "even")
                .history(true);
        List<LedgerEntry> all = ledger.records(query.build()).entries();
        assertThat(all).hasSize(7);
        List<LedgerEntry> paged = new ArrayList<>();
        Optional<RecordQuery.Cursor> next;
        query.limit(2);
        do {
            RecordPage page = ledger.records(query.build());
            paged.addAll(page.entries());
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        assertThat(paged).isEqualTo(all);
    }

    @Test
    void find_seesWhatWasAppended_atOnce() {
        assertThat(ledger.find(RecordId.of("r1"))).isEmpty();
        append(Samples.record("r1"));
        assertThat(ledger.find(RecordId.of("r1"))).isPresent();
        assertThat(ledger.find(RecordId.of("R1"))).isEmpty();
        assertThat(ledger.find(RecordId.of("r"))).isEmpty();
    }

    static List<Dimension> dimensions() {
        List<Dimension> dimensions = new ArrayList<>(Dimension.all());
        dimensions.add(Dimension.attribute("team"));
        dimensions.add(Dimension.attribute("project"));
        return dimensions;
    }

    final List<String> ids(RecordQuery.Builder query) {
        return ledger.records(query.build()).entries().stream()
                .map(entry -> entry.id().value())
                .toList();
    }

    static UsageRecord at(String id, long seconds) {
        Instant instant = Samples.NOW.plusSeconds(seconds);
        return Samples.builder(id).timestamp(instant).build();
    }
}
