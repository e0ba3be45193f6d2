package dev.tokenledger.formats.reconcile;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the bill and the ledger have for one {@link CellKey}. Not safe for use by several threads. */
final class Cell {

    /** Stands for several rates of one class; compared by identity. */
    static final BigDecimal MIXED = new BigDecimal("-1");

    /** Digits that a quotient is carried to, where a bill's own rate is none that ends. */
    private static final int QUOTIENT_DIGITS = 24;

    final CellKey key;
    final Amounts usageQuantity = new Amounts();
    final Amounts costQuantity = new Amounts();
    final Amounts billMoney = new Amounts();
    final Amounts ourQuantity = new Amounts();
    final Amounts ourMoney = new Amounts();
    final Map<String, BigDecimal> rates = new HashMap<>();

    /** The bill's figures by region, where the cell is of all regions too. */
    final TreeMap<String, Amounts> usageByRegion = new TreeMap<>();

    final TreeMap<String, Amounts> costQuantityByRegion = new TreeMap<>();
    final TreeMap<String, Amounts> moneyByRegion = new TreeMap<>();

    @Nullable
    BigDecimal billRequests;
    /** Half of the last digit that the bill's amounts have, added up. */
    BigDecimal billSlack = BigDecimal.ZERO;

    BigDecimal ourLoose = BigDecimal.ZERO;
    long ourRequests;
    long given;
    long unpriced;
    long billAmounts;
    boolean moneyWithoutClass;

    /** Whether the bill states amounts, and nothing that tells of how many tokens. */
    boolean unknownQuantities;

    /** The quantities that count, once it is known which report states them. */
    Amounts billQuantity = new Amounts();

    Cell(CellKey key) {
        this.key = key;
    }

    void add(Use use, int sign) {
        Amounts quantity = key.calls() ? use.calls : use.tokens;
        ourQuantity.add(quantity, sign);
        ourMoney.add(key.calls() ? use.fees : use.money, sign);
        if (!key.calls()) {
            BigDecimal looseOfUse = use.loose;
            ourLoose = sign < 0 ? ourLoose.subtract(looseOfUse) : ourLoose.add(looseOfUse);
            ourRequests += sign;
            given += use.given ? sign : 0;
            unpriced += use.unpriced ? sign : 0;
        }
        if (sign > 0) {
            use.rates.forEach((name, rate) -> {
                if (quantity.get(name).signum() != 0) {
                    rate(name, rate);
                }
            });
        }
    }

    private void rate(String name, BigDecimal rate) {
        rates.merge(
                name, rate, (one, other) -> isMixed(one) || isMixed(other) || one.compareTo(other) != 0 ? MIXED : one);
    }

    /** Takes over what another cell has, which is of the same thing when less is told apart. */
    void merge(Cell other) {
        usageQuantity.add(other.usageQuantity, 1);
        costQuantity.add(other.costQuantity, 1);
        billMoney.add(other.billMoney, 1);
        ourQuantity.add(other.ourQuantity, 1);
        ourMoney.add(other.ourMoney, 1);
        other.rates.forEach(this::rate);
        other.usageByRegion.forEach(
                (region, amounts) -> of(usageByRegion, region).add(amounts, 1));
        other.costQuantityByRegion.forEach(
                (region, amounts) -> of(costQuantityByRegion, region).add(amounts, 1));
        other.moneyByRegion.forEach(
                (region, amounts) -> of(moneyByRegion, region).add(amounts, 1));
        if (other.billRequests != null) {
            billRequests = billRequests == null ? other.billRequests : billRequests.add(other.billRequests);
        }
        billSlack = billSlack.add(other.billSlack);
        ourLoose = ourLoose.add(other.ourLoose);
        ourRequests += other.ourRequests;
        given += other.given;
        unpriced += other.unpriced;
        billAmounts += other.billAmounts;
        moneyWithoutClass |= other.moneyWithoutClass;
    }

    static Amounts of(Map<String, Amounts> byRegion, String region) {
        return byRegion.computeIfAbsent(region, name -> new Amounts());
    }

    static boolean isMixed(BigDecimal rate) {
        return rate.signum() < 0;
    }

    /** Our rate of a class for one token or call; null if there is none, or several. */
    @Nullable
    BigDecimal rate(String name) {
        BigDecimal rate = rates.get(name);
        return rate == null || isMixed(rate) ? null : rate;
    }

    /** Tokens or calls of the ledger less those of the bill. */
    Amounts residual() {
        boolean untold = unknownQuantities || (moneyWithoutClass && billQuantity.isZero());
        return untold ? new Amounts() : ourQuantity.minus(billQuantity);
    }

    /** Calls of the ledger less those of the bill; null if the bill does not state them. */
    @Nullable
    BigDecimal requestsResidual() {
        return billRequests == null ? null : BigDecimal.valueOf(ourRequests).subtract(billRequests);
    }

    boolean hasBill() {
        return !billQuantity.isZero() || !billMoney.isZero() || billAmounts > 0 || billRequests != null;
    }

    boolean hasOurs() {
        return ourRequests != 0 || !ourQuantity.isZero();
    }

    BigDecimal ourTotal() {
        return ourMoney.total().add(ourLoose);
    }

    /** What so many tokens or calls of a class are on the bill. */
    BigDecimal onBill(String name, BigDecimal count) {
        BigDecimal quantity = billQuantity.get(name);
        BigDecimal money = billMoney.get(name);
        BigDecimal ours = rate(name);
        if (count.compareTo(quantity) == 0 && !moneyWithoutClass) {
            return money;
        }
        if (ours != null && (moneyWithoutClass || money.compareTo(ours.multiply(quantity)) == 0)) {
            return ours.multiply(count);
        }
        return quantity.signum() == 0 || moneyWithoutClass
                ? BigDecimal.ZERO
                : money.multiply(count).divide(quantity, QUOTIENT_DIGITS, RoundingMode.HALF_EVEN);
    }

    /** What so many tokens or calls of a class cost in the ledger. */
    BigDecimal inLedger(String name, BigDecimal count) {
        BigDecimal quantity = ourQuantity.get(name);
        BigDecimal ours = rate(name);
        if (count.compareTo(quantity) == 0) {
            return ourMoney.get(name);
        }
        if (ours != null) {
            return ours.multiply(count);
        }
        return quantity.signum() == 0
                ? BigDecimal.ZERO
                : ourMoney.get(name).multiply(count).divide(quantity, QUOTIENT_DIGITS, RoundingMode.HALF_EVEN);
    }
}
