package dev.tokenledger.formats.reconcile;

import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;

/** Sums by name; a sum of zero has no name. Exact. */
final class Amounts {

    private final TreeMap<String, BigDecimal> sums = new TreeMap<>();

    void add(String name, BigDecimal amount) {
        if (amount.signum() != 0) {
            BigDecimal sum = get(name).add(amount);
            if (sum.signum() == 0) {
                sums.remove(name);
            } else {
                sums.put(name, sum);
            }
        }
    }

    void add(Amounts other, int sign) {
        other.sums.forEach((name, amount) -> add(name, sign < 0 ? amount.negate() : amount));
    }

    Amounts minus(Amounts other) {
        Amounts difference = new Amounts();
        difference.add(this, 1);
        difference.add(other, -1);
        return difference;
    }

    BigDecimal get(String name) {
        return sums.getOrDefault(name, BigDecimal.ZERO);
    }

    BigDecimal total() {
        return sums.values().stream().reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    boolean isZero() {
        return sums.isEmpty();
    }

    int size() {
        return sums.size();
    }

    /** Whether some sum is above zero. */
    boolean hasSurplus() {
        return sums.values().stream().anyMatch(amount -> amount.signum() > 0);
    }

    /** Whether some sum is below zero. */
    boolean hasDeficit() {
        return sums.values().stream().anyMatch(amount -> amount.signum() < 0);
    }

    /** Whether each sum of these is at most the same one of others. */
    boolean fitsInto(Amounts other) {
        return sums.entrySet().stream().allMatch(entry -> entry.getValue().compareTo(other.get(entry.getKey())) <= 0);
    }

    boolean sameAs(Amounts other) {
        return minus(other).isZero();
    }

    /** How far from zero all sums are together. */
    BigDecimal distance() {
        return sums.values().stream().map(BigDecimal::abs).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    Map<String, BigDecimal> asMap() {
        return sums;
    }
}
