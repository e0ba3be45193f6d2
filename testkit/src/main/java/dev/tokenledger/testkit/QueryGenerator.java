package dev.tokenledger.testkit;

import dev.tokenledger.RecordQuery;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** Draws questions to a ledger, with filters that some of its records meet. Not safe for use by several threads. */
public final class QueryGenerator {

    private static final List<Dimension> DIMENSIONS = dimensions();

    private final RandomGenerator random;
    private final RecordGenerator records;

    /** Draws from this source. */
    public QueryGenerator(RandomGenerator random) {
        this.random = random;
        this.records = new RecordGenerator(random);
    }

    /** A question for totals over a drawn window. */
    public SummaryQuery summaries() {
        return summaries(records.window(), records.oneIn(3) ? Optional.of(records.next()) : Optional.empty());
    }

    /**
     * A question for totals.
     *
     * @param like a record that meets the question's filters; without one, there are no filters
     */
    public SummaryQuery summaries(TimeWindow window, Optional<UsageRecord> like) {
        SummaryQuery.Builder query =
                SummaryQuery.over(window).order(records.pick(List.of(SummaryQuery.Order.values())));
        for (Dimension dimension : some(3)) {
            query.by(dimension);
        }
        if (random.nextBoolean()) {
            query.every(records.pick(List.of(CalendarBucket.values())), records.zone());
        }
        if (records.oneIn(3)) {
            query.limit(1 + random.nextInt(4));
        }
        like.ifPresent(
                record -> some(2).forEach(dimension -> query.where(dimension, dimension.valueOf(record, "priced"))));
        return query.build();
    }

    /** A question for records. */
    public RecordQuery records() {
        RecordQuery.Builder query =
                RecordQuery.over(records.window()).history(random.nextBoolean()).limit(1 + random.nextInt(30));
        if (records.oneIn(2)) {
            UsageRecord like = records.next();
            some(2).forEach(dimension -> query.where(dimension, dimension.valueOf(like, "priced")));
        }
        return query.build();
    }

    private List<Dimension> some(int most) {
        List<Dimension> chosen = new ArrayList<>();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            Dimension dimension = records.pick(DIMENSIONS);
            if (!chosen.contains(dimension)) {
                chosen.add(dimension);
            }
        }
        return chosen;
    }

    private static List<Dimension> dimensions() {
        List<Dimension> dimensions = new ArrayList<>(Dimension.all());
        dimensions.add(Dimension.attribute("team"));
        dimensions.add(Dimension.attribute("user"));
        return dimensions;
    }
}
