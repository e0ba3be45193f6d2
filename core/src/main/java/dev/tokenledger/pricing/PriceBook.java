package dev.tokenledger.pricing;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * What models cost, and when: a stack of price lists, searched from the top.
 *
 * <p>The first layer with an entry in force at the call's instant decides alone; entries never merge. Models match by
 * exact id or declared alias, never by prefix or likeness; {@link #find(UsageRecord, Instant)} has the one exception.
 * Immutable and safe for use by many threads.
 *
 * <pre>{@code
 * PriceBook prices = PriceBook.bundled()
 *         .with("ours", List.of(PriceEntry.simple("house-model", new BigDecimal("0.40"), new BigDecimal("1.20"))));
 * }</pre>
 */
public final class PriceBook {

    private static final PriceBook EMPTY = new PriceBook(List.of());

    /** The top layer first. */
    private final List<PriceLayer> layers;

    private PriceBook(List<PriceLayer> layers) {
        this.layers = List.copyOf(layers);
    }

    /** The book without prices: everything is unpriced. */
    public static PriceBook empty() {
        return EMPTY;
    }

    /** The prices that ship with this version, each resting on at least two agreeing sources or marked otherwise. */
    public static PriceBook bundled() {
        return BundledPrices.BOOK;
    }

    /** A book of one layer. */
    public static PriceBook of(Collection<PriceEntry> entries) {
        return EMPTY.with("prices", entries);
    }

    /**
     * This book with a layer on top.
     *
     * @param name where the entries are from, for listings and messages
     * @throws PriceLayer.OverlapException if two entries of one id are in force at the same time
     */
    public PriceBook with(String name, Collection<PriceEntry> entries) {
        return with(PriceLayer.of(name, entries));
    }

    /** This book with a layer on top. */
    public PriceBook with(PriceLayer layer) {
        List<PriceLayer> stacked = new ArrayList<>(layers.size() + 1);
        stacked.add(layer);
        stacked.addAll(layers);
        return new PriceBook(stacked);
    }

    /** The layers, the one that decides first at the front. */
    public List<PriceLayer> layers() {
        return layers;
    }

    /** The newest day (UTC) of any layer's {@linkplain PriceLayer#newestSource() sources}: how old the book is. */
    public Optional<LocalDate> newestSource() {
        return layers.stream().flatMap(layer -> layer.newestSource().stream()).max(Comparator.naturalOrder());
    }

    /** The entry in force for a model at an instant. */
    public Optional<PriceEntry> find(ModelIdentity identity, Instant at) {
        for (PriceLayer layer : layers) {
            PriceEntry entry = layer.find(identity, at);
            if (entry != null) {
                return Optional.of(entry);
            }
        }
        return Optional.empty();
    }

    /**
     * The entry in force for a record's call: that of the model that served. Where this has none and its name is the requested
     * one followed by a date or a version, as providers answer with a snapshot of what was asked for, the requested model's:
     * the one case in which a name that nobody declared has a price, because the answer itself states both.
     *
     * @param at when the call happened; a record's own timestamp goes before it
     */
    public Optional<PriceEntry> find(UsageRecord record, Instant at) {
        Instant when = record.timestamp().orElse(at);
        Optional<PriceEntry> served = find(record.identity(), when);
        if (served.isPresent() || record.requestedModel().isEmpty()) {
            return served;
        }
        return CostRule.snapshotOf(record)
                .flatMap(requested -> find(
                        new ModelIdentity(
                                requested,
                                requested,
                                record.identity().resource(),
                                record.identity().provider()),
                        when));
    }

    /**
     * What a record costs: at the price in force when the call happened, exact, rounded once, half-even, to 10⁻¹² USD. A
     * cost that the record brings along is kept as it is.
     *
     * @param at when the call happened; a record's own timestamp goes before it
     * @throws IllegalArgumentException if the cost is above 9,000,000 USD
     */
    public Cost price(UsageRecord record, Instant at) {
        Optional<UsageRecord.GivenCost> given = record.givenCost();
        if (given.isPresent()) {
            return new Cost.Given(given.get().amount(), given.get().status());
        }
        Optional<PriceEntry> entry = find(record, at);
        return entry.isPresent() ? entry.get().price(record) : CostRule.unpriced(record);
    }

    /** How {@link #price} comes about. */
    public Explanation explain(UsageRecord record, Instant at) {
        Cost cost = price(record, at);
        if (cost instanceof Cost.Given || cost instanceof Cost.Unpriced) {
            return new Explanation(cost, List.of(), Optional.empty());
        }
        return find(record, at).orElseThrow().explain(record);
    }
}
