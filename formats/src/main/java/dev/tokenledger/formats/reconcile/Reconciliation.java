package dev.tokenledger.formats.reconcile;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.bills.Bill;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a ledger and a provider's bill differ, and why. Immutable.
 *
 * @param start the first instant compared
 * @param end the instant behind the last one
 * @param pricedByLedger whether the bill states tokens alone, so that its side is priced by the ledger's own rates
 * @param buckets what both come to, in the order of time
 * @param causes why they differ, in the order of buckets, the largest first; those of a bucket add up to its difference
 */
public record Reconciliation(
        Instant start, Instant end, boolean pricedByLedger, List<BucketTotal> buckets, List<Cause> causes) {

    /** A difference of at most this is within tolerance, unless stated otherwise. */
    public static final BigDecimal DEFAULT_TOLERANCE = new BigDecimal("0.01");

    /** A difference of at most this part of the bill is within tolerance, unless stated otherwise. */
    public static final BigDecimal DEFAULT_TOLERANCE_PART = new BigDecimal("0.005");

    /** Copies its lists. */
    public Reconciliation {
        buckets = List.copyOf(buckets);
        causes = List.copyOf(causes);
    }

    /**
     * What both come to in one span.
     *
     * @param name the bucket's name: a day, or the first and the last day of a longer span
     * @param start its first instant
     * @param end the instant behind its last one
     * @param billed the bill's total in USD, credits, discounts and taxes included
     * @param ledger the ledger's total in USD
     * @param billedCalls calls of models on the bill; empty if it does not state them
     * @param ledgerRecords records in force in the ledger
     */
    public record BucketTotal(
            String name,
            Instant start,
            Instant end,
            BigDecimal billed,
            BigDecimal ledger,
            Optional<BigDecimal> billedCalls,
            long ledgerRecords) {

        /** Ledger less bill, in USD. */
        public BigDecimal difference() {
            return ledger.subtract(billed);
        }

        /** Whether the difference is within a tolerance. */
        public boolean within(Tolerance tolerance) {
            BigDecimal part = billed.abs().multiply(tolerance.part());
            return difference().abs().compareTo(part.max(tolerance.usd())) <= 0;
        }
    }

    /**
     * What a difference may be without being one: the larger of both.
     *
     * @param usd an amount, 0 or more
     * @param part a part of the bill, 0 or more, such as 0.005
     */
    public record Tolerance(BigDecimal usd, BigDecimal part) {
        /** Unless stated otherwise: a cent, or half a per cent of the bill. */
        public static final Tolerance DEFAULT = new Tolerance(DEFAULT_TOLERANCE, DEFAULT_TOLERANCE_PART);
    }

    /**
     * What is compared.
     *
     * @param window calls of this window alone; lines of the bill that are not wholly within it are left out
     * @param filters records with these values alone; one of {@link Dimension#PROVIDER} goes before the providers of the bill's format
     * @param models by the bill's name of a model, the ledger's
     * @param zone that names days which are not UTC's
     */
    public record Question(TimeWindow window, Map<Dimension, String> filters, Map<String, String> models, ZoneId zone) {
        /** Copies its maps. */
        public Question {
            filters = Map.copyOf(filters);
            models = new LinkedHashMap<>(models);
        }
    }

    /**
     * Compares. Reads the window's records twice, and holds those of buckets that differ, of {@value Comparison#MAX_HELD} at most; what is
     * beyond is not told apart by call.
     */
    public static Reconciliation of(Ledger ledger, Bill bill, Question question) {
        return new Comparison(ledger, bill, question).run();
    }

    /** The bill's total in USD. */
    public BigDecimal billed() {
        return buckets.stream().map(BucketTotal::billed).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** The ledger's total in USD. */
    public BigDecimal ledger() {
        return buckets.stream().map(BucketTotal::ledger).reduce(BigDecimal.ZERO, BigDecimal::add);
    }

    /** Ledger less bill, in USD. */
    public BigDecimal difference() {
        return ledger().subtract(billed());
    }

    /** Whether each bucket's difference is within a tolerance. */
    public boolean within(Tolerance tolerance) {
        return buckets.stream().allMatch(bucket -> bucket.within(tolerance));
    }
}
