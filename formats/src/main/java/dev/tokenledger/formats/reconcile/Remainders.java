package dev.tokenledger.formats.reconcile;

import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What is left of one cell once records are where the bill has them: first tokens, of calls or classes that one side lacks, then money,
 * which is prices. The causes add up to what the cell's money differs by. Used once, by one thread.
 */
final class Remainders {

    /** A record's cost is rounded to 10⁻¹² USD. */
    private static final BigDecimal HALF_UNIT = new BigDecimal("0.0000000000005");

    private static final int SHOWN_DIGITS = 12;
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    private final Cell cell;
    private final List<Cause> causes;
    private final List<String> unseenCalls;
    private BigDecimal left;

    /** Money that differs by class, of tokens that both sides have. */
    private final TreeMap<String, BigDecimal> leftByClass = new TreeMap<>();

    Remainders(Cell cell, List<Cause> causes, List<String> unseenCalls) {
        this.cell = cell;
        this.causes = causes;
        this.unseenCalls = unseenCalls;
        left = cell.ourTotal().subtract(cell.billMoney.total());
    }

    void add() {
        Amounts residual = cell.residual();
        if (residual.isZero() && left.signum() == 0) {
            return;
        }
        if (!cell.hasOurs() && cell.hasBill()) {
            wholly(
                    Cause.Kind.MISSING_CALL,
                    cell.billQuantity,
                    cell.billRequests,
                    "no record of such calls is in the ledger");
            return;
        }
        if (!cell.hasBill()) {
            wholly(
                    Cause.Kind.EXTRA_CALL,
                    cell.ourQuantity,
                    cell.key.calls() ? null : BigDecimal.valueOf(cell.ourRequests),
                    "the bill has no such usage");
            return;
        }
        for (String name : names()) {
            leftByClass.put(name, cell.ourMoney.get(name).subtract(cell.billMoney.get(name)));
        }
        if (!residual.isZero()) {
            tokens(residual);
        }
        if (left.signum() != 0) {
            money();
        }
    }

    private SortedSet<String> names() {
        SortedSet<String> names = new TreeSet<>(cell.ourMoney.asMap().keySet());
        names.addAll(cell.billMoney.asMap().keySet());
        names.addAll(cell.ourQuantity.asMap().keySet());
        names.addAll(cell.billQuantity.asMap().keySet());
        return names;
    }

    private void wholly(Cause.Kind kind, Amounts tokens, @Nullable BigDecimal calls, String note) {
        cause(
                kind,
                left,
                calls == null ? 0 : calls.abs().longValue(),
                tokens.asMap(),
                kind == Cause.Kind.MISSING_CALL ? unseenCalls : List.of(),
                note);
        left = BigDecimal.ZERO;
    }

    private void tokens(Amounts residual) {
        TreeMap<String, BigDecimal> amounts = new TreeMap<>();
        residual.asMap()
                .forEach((name, count) -> amounts.put(
                        name,
                        count.signum() > 0
                                ? cell.inLedger(name, count)
                                : cell.onBill(name, count.negate()).negate()));
        BigDecimal requests = cell.requestsResidual();
        boolean sameCalls = requests != null && requests.signum() == 0;
        boolean balanced = residual.total().signum() == 0;
        if (residual.hasSurplus() && residual.hasDeficit() && (balanced || sameCalls)) {
            boolean writes = residual.asMap().keySet().stream().allMatch(name -> name.startsWith("cache_write"));
            take(
                    writes ? Cause.Kind.CACHE_SPLIT : Cause.Kind.TOKEN_CLASS,
                    amounts,
                    residual,
                    0,
                    "the ledger has " + counts(residual, 1) + " more, the bill " + counts(residual, -1));
            return;
        }
        for (int sign : new int[] {-1, 1}) {
            Amounts part = new Amounts();
            residual.asMap().forEach((name, count) -> {
                if (count.signum() == sign) {
                    part.add(name, count);
                }
            });
            if (!part.isZero()) {
                boolean stated = requests != null && requests.signum() == sign;
                take(
                        sign < 0 ? Cause.Kind.MISSING_CALL : Cause.Kind.EXTRA_CALL,
                        amounts,
                        part,
                        stated ? Objects.requireNonNull(requests).abs().longValue() : 0,
                        (sign < 0 ? "the bill has " : "the ledger has ") + counts(part, sign) + " more");
            }
        }
    }

    private static String counts(Amounts residual, int sign) {
        StringBuilder text = new StringBuilder();
        residual.asMap().forEach((name, count) -> {
            if (count.signum() == sign) {
                text.append(text.isEmpty() ? "" : ", ")
                        .append(count.abs().toPlainString())
                        .append(' ')
                        .append(name);
            }
        });
        return text.toString();
    }

    private void take(Cause.Kind kind, Map<String, BigDecimal> amounts, Amounts part, long calls, String note) {
        BigDecimal sum = BigDecimal.ZERO;
        for (String name : part.asMap().keySet()) {
            BigDecimal amount = amounts.getOrDefault(name, BigDecimal.ZERO);
            sum = sum.add(amount);
            leftByClass.merge(name, amount.negate(), BigDecimal::add);
        }
        left = left.subtract(sum);
        cause(kind, sum, calls, part.asMap(), kind == Cause.Kind.MISSING_CALL ? unseenCalls : List.of(), note);
    }

    private void money() {
        if (cell.given == 0 && left.abs().compareTo(slack()) <= 0) {
            cause(Cause.Kind.ROUNDING, left, 0, Map.of(), List.of(), "both sides' figures are rounded by as much");
            return;
        }
        if (!cell.moneyWithoutClass && cell.given == 0 && !cell.unknownQuantities) {
            regions();
            if (left.signum() == 0) {
                return;
            }
            if (!cell.key.tier().isEmpty() && cell.unpriced == 0 && isUniform(cell.billMoney, cell.billQuantity)) {
                cause(
                        Cause.Kind.TIER,
                        left,
                        0,
                        Map.of(),
                        List.of(),
                        "the bill is " + factor(cell.billMoney, cell.billQuantity)
                                + " times the ledger's price of tier " + cell.key.tier());
                return;
            }
            classes();
            if (left.signum() == 0) {
                return;
            }
        }
        boolean sameTokens = !cell.billQuantity.isZero() && !cell.unknownQuantities;
        cause(
                sameTokens || cell.unpriced > 0 ? Cause.Kind.PRICE : Cause.Kind.UNEXPLAINED,
                left,
                0,
                Map.of(),
                List.of(),
                cell.unpriced > 0
                        ? cell.unpriced + " records have no whole price in the ledger"
                        : cell.given > 0
                                ? cell.given + " records have a cost that was given with them"
                                : sameTokens
                                        ? "the same tokens, at another price"
                                        : "the bill states amounts here, and not how many tokens they are for");
    }

    /** Half of the last digit of each of the bill's amounts, and of each record's cost. */
    private BigDecimal slack() {
        return HALF_UNIT
                .multiply(BigDecimal.valueOf(Math.max(cell.ourRequests, 0) + cell.billAmounts))
                .add(cell.billSlack);
    }

    /** Where all classes of a region are dearer, or cheaper, by the same factor. */
    private void regions() {
        for (Map.Entry<String, Amounts> entry : cell.moneyByRegion.entrySet()) {
            Amounts quantity = cell.usageByRegion.containsKey(entry.getKey())
                    ? Cell.of(cell.usageByRegion, entry.getKey())
                    : Cell.of(cell.costQuantityByRegion, entry.getKey());
            if (entry.getKey().isEmpty() || !isUniform(entry.getValue(), quantity)) {
                continue;
            }
            BigDecimal sum = BigDecimal.ZERO;
            for (Map.Entry<String, BigDecimal> money : entry.getValue().asMap().entrySet()) {
                BigDecimal rate = Objects.requireNonNull(cell.rate(money.getKey()));
                BigDecimal amount = rate.multiply(quantity.get(money.getKey())).subtract(money.getValue());
                sum = sum.add(amount);
                leftByClass.merge(money.getKey(), amount.negate(), BigDecimal::add);
            }
            if (sum.signum() != 0) {
                left = left.subtract(sum);
                causes.add(new Cause(
                        Cause.Kind.REGION,
                        cell.key.bucket(),
                        cell.key.model(),
                        cell.key.tier(),
                        entry.getKey(),
                        cell.key.project(),
                        Decimals.plain(sum),
                        0,
                        quantity.asMap(),
                        List.of(),
                        "the bill is " + factor(entry.getValue(), quantity) + " times the ledger's price in region "
                                + entry.getKey()));
            }
        }
    }

    /** Whether all classes' amounts are the same multiple, other than one, of what our rates come to. */
    private boolean isUniform(Amounts money, Amounts quantity) {
        BigDecimal firstMoney = null;
        BigDecimal firstOurs = null;
        for (Map.Entry<String, BigDecimal> entry : money.asMap().entrySet()) {
            BigDecimal rate = cell.rate(entry.getKey());
            BigDecimal ours = rate == null ? BigDecimal.ZERO : rate.multiply(quantity.get(entry.getKey()));
            if (ours.signum() <= 0) {
                return false;
            }
            if (firstMoney == null || firstOurs == null) {
                firstMoney = entry.getValue();
                firstOurs = ours;
            } else if (firstMoney.multiply(ours).compareTo(entry.getValue().multiply(firstOurs)) != 0) {
                return false;
            }
        }
        return firstMoney != null && firstOurs != null && firstMoney.compareTo(firstOurs) != 0;
    }

    private String factor(Amounts money, Amounts quantity) {
        BigDecimal ours = BigDecimal.ZERO;
        for (String name : money.asMap().keySet()) {
            ours = ours.add(Objects.requireNonNull(cell.rate(name)).multiply(quantity.get(name)));
        }
        return Decimals.plain(money.total().divide(ours, 6, RoundingMode.HALF_EVEN))
                .toPlainString();
    }

    /** One price for each class that differs. */
    private void classes() {
        for (Map.Entry<String, BigDecimal> entry : leftByClass.entrySet()) {
            BigDecimal amount = entry.getValue();
            String name = entry.getKey();
            BigDecimal quantity = cell.billQuantity.get(name);
            if (amount.signum() != 0 && quantity.signum() != 0) {
                left = left.subtract(amount);
                BigDecimal rate = cell.rate(name);
                cause(
                        Cause.Kind.PRICE,
                        amount,
                        0,
                        Map.of(name, quantity),
                        List.of(),
                        name + ": the bill has "
                                + each(cell.billMoney
                                        .get(name)
                                        .divide(quantity, SHOWN_DIGITS + 6, RoundingMode.HALF_EVEN))
                                + ", the ledger " + (rate == null ? "no single price" : each(rate)));
            }
        }
    }

    private String each(BigDecimal rate) {
        BigDecimal shown = cell.key.calls() ? rate : rate.multiply(MILLION);
        return Decimals.plain(shown.setScale(SHOWN_DIGITS, RoundingMode.HALF_EVEN))
                        .toPlainString()
                + (cell.key.calls() ? " a call" : " a million");
    }

    private void cause(
            Cause.Kind kind,
            BigDecimal usd,
            long calls,
            Map<String, BigDecimal> tokens,
            List<String> ids,
            String note) {
        TreeMap<String, BigDecimal> counts = new TreeMap<>();
        tokens.forEach((name, count) -> counts.put(name, Decimals.plain(count.abs())));
        causes.add(new Cause(
                kind,
                cell.key.bucket(),
                cell.key.model(),
                cell.key.tier(),
                cell.key.region(),
                cell.key.project(),
                Decimals.plain(usd),
                calls,
                counts,
                ids,
                note));
    }
}
