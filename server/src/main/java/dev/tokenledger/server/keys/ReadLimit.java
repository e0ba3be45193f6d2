package dev.tokenledger.server.keys;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.summary.Dimension;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a key may read: all calls, or only those that have all of these values. Immutable.
 *
 * @param values by dimension, none of them empty; none for all calls
 */
public record ReadLimit(Map<Dimension, String> values) {

    /** The most values of one key. */
    public static final int MAX_VALUES = 4;

    /** Everything may be read. */
    public static final ReadLimit NONE = new ReadLimit(Map.of());

    /**
     * Copies its map.
     *
     * @throws IllegalArgumentException if there are too many values, one is empty, or one is of what a call is not sent with
     */
    public ReadLimit {
        if (values.size() > MAX_VALUES) {
            throw new IllegalArgumentException("limit: at most " + MAX_VALUES + " dimensions, found " + values.size());
        }
        Map<Dimension, String> trimmed = new LinkedHashMap<>();
        values.forEach((dimension, value) -> {
            if (dimension.equals(Dimension.PRICING_STATUS)) {
                throw new IllegalArgumentException("limit: a call's pricing status may change, so it limits nobody");
            }
            trimmed.put(dimension, ApiKey.checkedValue("limit." + dimension, value));
        });
        values = Collections.unmodifiableMap(trimmed);
    }

    /** Whether everything may be read. */
    public boolean isNone() {
        return values.isEmpty();
    }

    /** As much of a ledger as may be read, for reading alone. */
    public Ledger over(Ledger ledger) {
        return isNone() ? ledger : new LimitedLedger(ledger, this);
    }

    /** Of budgets those that count no other calls: what the others have spent tells of calls that may not be read. */
    public List<Budget> of(List<Budget> budgets) {
        return budgets.stream().filter(this::allows).toList();
    }

    /** Whether a budget counts no other calls. */
    public boolean allows(Budget budget) {
        return budget.filters().entrySet().containsAll(values.entrySet());
    }

    /** Whether an entry is of a call that may be read. */
    boolean allows(LedgerEntry entry) {
        return values.entrySet().stream()
                .allMatch(limit -> limit.getKey().valueOf(entry.record(), "").equals(limit.getValue()));
    }
}
