package dev.tokenledger.formats.whatif;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.summary.TooManyGroupsException;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Prices calls again, as a {@link Scenario} supposes them, by a price book of one's choice. Nothing is written.
 *
 * <p>Each call is priced at its own instant by {@link PriceBook#price}, as a record that arrives is, so what a call of today would
 * cost in the ledger is what this says. A cost that was given with a record is kept, unless the scenario changes the call.
 */
public final class WhatIf {

    /** The most pairs of models that one answer has. */
    public static final int MAX_ROWS = 100_000;

    private final PriceBook prices;
    private final Scenario scenario;
    private final Map<List<String>, Row> rows = new HashMap<>();
    private final SortedMap<String, Long> notes = new TreeMap<>();

    private WhatIf(PriceBook prices, Scenario scenario) {
        this.prices = prices;
        this.scenario = scenario;
    }

    /**
     * What calls cost, and would have cost.
     *
     * @param total all calls together
     * @param rows by model and the model supposed in its place, the highest old cost first
     * @param notes how many calls have each remark on how their supposed cost came about, as {@link Cost#notes} has them
     */
    public record Answer(Figures total, List<Row> rows, SortedMap<String, Long> notes) {}

    /** The figures of one model. */
    public static final class Row {

        private final String model;
        private final String newModel;
        private final Figures figures = new Figures();

        private Row(String model, String newModel) {
            this.model = model;
            this.newModel = newModel;
        }

        /** The model (deployment) that answered. */
        public String model() {
            return model;
        }

        /** The model that is supposed; the same one where none is. */
        public String newModel() {
            return newModel;
        }

        /** What its calls cost, and would have cost. */
        public Figures figures() {
            return figures;
        }
    }

    /** Sums over calls. */
    public static final class Figures {

        private long records;
        private Usd oldCost = Usd.ZERO;
        private long oldPartial;
        private long oldUnpriced;
        private Usd newCost = Usd.ZERO;
        private long newPartial;
        private long newUnpriced;
        private long given;
        private long comparable;
        private Usd comparableDifference = Usd.ZERO;
        private final SortedMap<String, Long> unpricedTokens = new TreeMap<>();
        private final SortedMap<String, Long> unpricedCalls = new TreeMap<>();

        private Figures() {}

        private void add(Cost before, Cost after) {
            records++;
            oldCost = oldCost.plus(before.amount());
            newCost = newCost.plus(after.amount());
            oldPartial += before.status() == PricingStatus.PARTIAL ? 1 : 0;
            oldUnpriced += before.status() == PricingStatus.UNPRICED ? 1 : 0;
            newPartial += after.status() == PricingStatus.PARTIAL ? 1 : 0;
            newUnpriced += after.status() == PricingStatus.UNPRICED ? 1 : 0;
            given += after instanceof Cost.Given ? 1 : 0;
            if (before.status() == PricingStatus.PRICED && after.status() == PricingStatus.PRICED) {
                comparable++;
                comparableDifference = comparableDifference.plus(after.amount().minus(before.amount()));
            }
            after.unpricedTokens()
                    .forEach((tokenClass, count) -> unpricedTokens.merge(tokenClass.text(), count, Math::addExact));
            after.unpricedCalls().forEach((name, count) -> unpricedCalls.merge(name, count, Math::addExact));
        }

        private void add(Figures other) {
            records += other.records;
            oldCost = oldCost.plus(other.oldCost);
            newCost = newCost.plus(other.newCost);
            oldPartial += other.oldPartial;
            oldUnpriced += other.oldUnpriced;
            newPartial += other.newPartial;
            newUnpriced += other.newUnpriced;
            given += other.given;
            comparable += other.comparable;
            comparableDifference = comparableDifference.plus(other.comparableDifference);
            other.unpricedTokens.forEach((name, count) -> unpricedTokens.merge(name, count, Math::addExact));
            other.unpricedCalls.forEach((name, count) -> unpricedCalls.merge(name, count, Math::addExact));
        }

        /** Calls in force. */
        public long records() {
            return records;
        }

        /** What they cost in the ledger; a lower bound unless all are priced. */
        public Usd oldCost() {
            return oldCost;
        }

        /** Calls whose cost in the ledger covers a part of their usage. */
        public long oldPartial() {
            return oldPartial;
        }

        /** Calls whose cost in the ledger is not known. */
        public long oldUnpriced() {
            return oldUnpriced;
        }

        /** What they would have cost; a lower bound unless all are priced. */
        public Usd newCost() {
            return newCost;
        }

        /** Calls of which some usage could not be priced as supposed. */
        public long newPartial() {
            return newPartial;
        }

        /** Calls that could not be priced as supposed. */
        public long newUnpriced() {
            return newUnpriced;
        }

        /** Calls that keep the cost that was given with them. */
        public long given() {
            return given;
        }

        /** New cost less old cost, over all calls. */
        public Usd difference() {
            return newCost.minus(oldCost);
        }

        /** Calls that are wholly priced both in the ledger and as supposed. */
        public long comparable() {
            return comparable;
        }

        /** New cost less old cost, over these calls alone. */
        public Usd comparableDifference() {
            return comparableDifference;
        }

        /** Whether the old cost covers every call in full. */
        public boolean oldFullyPriced() {
            return oldPartial == 0 && oldUnpriced == 0;
        }

        /** Whether the new cost covers every call in full. */
        public boolean newFullyPriced() {
            return newPartial == 0 && newUnpriced == 0;
        }

        /** Tokens without a rate as supposed, by class. */
        public SortedMap<String, Long> unpricedTokens() {
            return unpricedTokens;
        }

        /** Paid tool calls without a fee as supposed, by name. */
        public SortedMap<String, Long> unpricedCalls() {
            return unpricedCalls;
        }
    }

    /**
     * Goes through the calls of a window, page by page, in memory for one page.
     *
     * @throws IllegalArgumentException if a call would cost more than 9,000,000 USD, or have more tokens of a class than a record
     *     can carry; the message names its id
     * @throws TooManyGroupsException if there are more than {@link #MAX_ROWS} pairs of models
     */
    public static Answer ask(
            Ledger ledger, TimeWindow window, Map<Dimension, String> filters, PriceBook prices, Scenario scenario) {
        WhatIf question = new WhatIf(prices, scenario);
        RecordQuery.Builder query = RecordQuery.over(window).limit(RecordQuery.MAX_LIMIT);
        filters.forEach(query::where);
        while (true) {
            RecordPage page = ledger.records(query.build());
            page.entries().stream()
                    .filter(entry -> entry.kind() == LedgerEntry.Kind.USAGE)
                    .forEach(question::add);
            if (page.next().isEmpty()) {
                return question.answer();
            }
            query.after(page.next().get());
        }
    }

    private void add(LedgerEntry entry) {
        UsageRecord supposed;
        Cost after;
        try {
            supposed = scenario.of(entry.record(), entry.occurred(), prices);
            after = prices.price(supposed, entry.occurred());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "cannot price the call " + entry.id() + " as supposed: " + e.getMessage(), e);
        }
        for (String note : after.notes()) {
            notes.merge(note, 1L, Long::sum);
        }
        List<String> key =
                List.of(entry.record().identity().model(), supposed.identity().model());
        Row row = rows.get(key);
        if (row == null) {
            if (rows.size() == MAX_ROWS) {
                throw new TooManyGroupsException(
                        "more than " + MAX_ROWS + " models; ask for a shorter window or choose some with --where");
            }
            row = new Row(key.get(0), key.get(1));
            rows.put(key, row);
        }
        row.figures.add(entry.effectiveCost(), after);
    }

    private Answer answer() {
        Figures total = new Figures();
        List<Row> sorted = new ArrayList<>(rows.values());
        sorted.sort(Comparator.<Row, Usd>comparing(row -> row.figures.oldCost)
                .reversed()
                .thenComparing(Row::model)
                .thenComparing(Row::newModel));
        sorted.forEach(row -> total.add(row.figures));
        return new Answer(total, List.copyOf(sorted), notes);
    }
}
