package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.sqlite.Workload.Mix;
import dev.tokenledger.sqlite.Workload.Step;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Holds a ledger against what was acknowledged: the acknowledged steps of each writer are there, its next step is there
 * as a whole or not at all, and there is nothing else. What should be there is computed by the in-memory ledger.
 */
final class Audit {

    private static final String DONE = "done ";
    private static final int MAX_FAULTS = 10;

    /** The number of the last acknowledged step, by writer. */
    private final SortedMap<String, Integer> acknowledged = new TreeMap<>();

    private final Mix mix;

    Audit(Mix mix) {
        this.mix = mix;
    }

    /** The line by which a child acknowledges a step. */
    static String line(String writer, int number) {
        return DONE + writer + " " + number;
    }

    /** Whether a line acknowledges a step. */
    static boolean acknowledges(String line) {
        return line.startsWith(DONE);
    }

    /** Takes note of what a child printed. */
    Audit acknowledge(List<String> lines) {
        for (String line : lines) {
            if (acknowledges(line)) {
                String[] words = line.split(" ");
                acknowledged.merge(words[1], Integer.parseInt(words[2]), Math::max);
            }
        }
        return this;
    }

    /** Takes note that a writer began, so that its first step may be there. */
    Audit started(String writer) {
        acknowledged.putIfAbsent(writer, 0);
        return this;
    }

    /** How many steps were acknowledged. */
    int steps() {
        return acknowledged.values().stream().mapToInt(Integer::intValue).sum();
    }

    /** Compares. From now on, steps that were found count as acknowledged. */
    void check(Ledger ledger) {
        try (InMemoryLedger model = InMemoryLedger.open(Workload.PRICES)) {
            acknowledged.replaceAll((writer, last) -> {
                for (int number = 1; number <= last; number++) {
                    Workload.step(mix, writer, number).writeTo(model);
                }
                Step next = Workload.step(mix, writer, last + 1);
                if (!next.isIn(ledger)) {
                    return last;
                }
                next.writeTo(model);
                return last + 1;
            });
            compare(entries(ledger), entries(model));
            assertThat(ledger.readerStates("")).isEqualTo(model.readerStates(""));
            for (SummaryQuery query : List.of(
                    SummaryQuery.over(TimeWindow.all()).build(),
                    SummaryQuery.over(TimeWindow.all()).by(Dimension.MODEL).build(),
                    SummaryQuery.over(TimeWindow.all()).by(Dimension.SESSION).build(),
                    SummaryQuery.over(TimeWindow.all())
                            .by(Dimension.attribute("team"))
                            .build())) {
                assertThat(ledger.summaries(query)).isEqualTo(model.summaries(query));
            }
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    /** Names the entries at fault, not all of them. */
    private static void compare(SortedMap<String, List<Object>> found, SortedMap<String, List<Object>> expected) {
        List<String> faults = new ArrayList<>();
        expected.forEach((id, content) -> {
            if (!content.equals(found.get(id))) {
                faults.add(
                        found.containsKey(id) ? id + " is " + found.get(id) + ", not " + content : id + " is missing");
            }
        });
        found.keySet().stream()
                .filter(id -> !expected.containsKey(id))
                .forEach(id -> faults.add("nobody can have written " + id));
        assertThat(faults.stream().limit(MAX_FAULTS))
                .as("%d faults in %d entries", faults.size(), expected.size())
                .isEmpty();
    }

    /** All entries in comparable form; the ids of reversals are random. */
    private static SortedMap<String, List<Object>> entries(Ledger ledger) {
        SortedMap<String, List<Object>> entries = new TreeMap<>();
        RecordQuery.Builder query =
                RecordQuery.over(TimeWindow.all()).history(true).limit(RecordQuery.MAX_LIMIT);
        RecordPage page = ledger.records(query.build());
        add(entries, page);
        while (page.next().isPresent()) {
            page = ledger.records(query.after(page.next().get()).build());
            add(entries, page);
        }
        return entries;
    }

    private static void add(SortedMap<String, List<Object>> entries, RecordPage page) {
        for (LedgerEntry entry : page.entries()) {
            boolean usage = entry.kind() == LedgerEntry.Kind.USAGE;
            String id =
                    usage ? entry.id().value() : "reversal of " + entry.record().id();
            List<Object> content = new ArrayList<>();
            content.add(entry.record());
            content.add(entry.cost());
            entry.reversal().ifPresent(reversal -> content.add(reversal.reverses() + ": " + reversal.reason()));
            assertThat(entries.put(id, content)).as("a second entry of " + id).isNull();
        }
    }

    /** SQLite's own check of a file, through a connection of its own. */
    static void checkIntegrity(Path file) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery("PRAGMA integrity_check")) {
            assertThat(result.next()).isTrue();
            assertThat(result.getString(1)).isEqualTo("ok");
        }
    }
}
