package dev.tokenledger.formats.reconcile;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.WriteResult;
import dev.tokenledger.formats.bills.BillFormat;
import dev.tokenledger.formats.reconcile.Reconciliation.BucketTotal;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Providers;
import dev.tokenledger.text.Texts;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Enters what is left between a ledger and a bill as adjustments, one for each bucket that differs, so that totals meet the bill.
 *
 * <p>An adjustment counts at the first instant of its bucket, and by the values that the reconciliation chose records by; its model,
 * unless one was chosen, is {@value #MODEL}. Its id is made of the bill, the bucket, the choice and a number, so that two who book the
 * same at the same time enter it once; reconciled again, the bucket differs no more, and nothing is entered.
 */
public final class Booking {

    /** The model of adjustments that are of none. */
    public static final String MODEL = "adjustment";

    /** Within what an adjustment's reason may be, with room for what says that it was cut. */
    private static final int MAX_REASON = 500;

    private static final int MAX_SHOWN = 64;

    private final Ledger ledger;
    private final BillFormat format;
    private final Reconciliation result;
    private final Map<Dimension, String> filters;

    private Booking(Ledger ledger, BillFormat format, Reconciliation result, Map<Dimension, String> filters) {
        this.ledger = ledger;
        this.format = format;
        this.result = result;
        this.filters = filters;
    }

    /**
     * What became of one bucket.
     *
     * @param bucket the bucket's name
     * @param id the adjustment's id
     * @param amount what was to be entered: the bill less the ledger
     * @param refusal why it was not; empty if it is in the ledger
     */
    public record Booked(String bucket, RecordId id, Usd amount, Optional<String> refusal) {}

    /**
     * Enters the adjustments in one commit.
     *
     * @param result what the same ledger and a bill of this format differ by
     * @param filters the values that the records were chosen by
     * @param reason put before the label of each adjustment; empty for the label alone
     * @return what became of each bucket that differs, in the order of time; nothing is written if there is none
     * @throws IllegalArgumentException if the bill states no amounts, the values are none that an adjustment can have, an amount is
     *     beyond 9,000,000 USD, or the reason is no text
     */
    public static List<Booked> enter(
            Ledger ledger, BillFormat format, Reconciliation result, Map<Dimension, String> filters, String reason) {
        if (result.pricedByLedger()) {
            throw new IllegalArgumentException(
                    "the bill states no amounts to book; give the provider's report of costs with it");
        }
        return new Booking(ledger, format, result, filters).enter(reason);
    }

    private List<Booked> enter(String reason) {
        List<Batch.Step.Adjust> steps = new ArrayList<>();
        List<String> buckets = new ArrayList<>();
        Batch.Builder batch = Batch.builder();
        for (BucketTotal bucket : result.buckets()) {
            Usd amount = Usd.rounded(bucket.difference().negate());
            if (amount.signum() != 0) {
                Batch.Step.Adjust step = new Batch.Step.Adjust(record(bucket), amount, label(bucket, reason));
                steps.add(step);
                buckets.add(bucket.name());
                batch.step(step);
            }
        }
        if (steps.isEmpty()) {
            return List.of();
        }
        List<WriteResult> written = ledger.write(batch.build());
        List<Booked> booked = new ArrayList<>(steps.size());
        for (int i = 0; i < steps.size(); i++) {
            Batch.Step.Adjust step = steps.get(i);
            booked.add(new Booked(buckets.get(i), step.record().id(), step.amount(), refusal(written.get(i))));
        }
        return List.copyOf(booked);
    }

    private static Optional<String> refusal(WriteResult result) {
        if (result instanceof AppendResult.Rejected rejected) {
            return Optional.of(rejected.reason() + "; reopen it, or leave the difference out of the ledger");
        }
        return result instanceof AppendResult.Conflict
                ? Optional.of("another adjustment was entered meanwhile; reconcile again")
                : Optional.empty();
    }

    private UsageRecord record(BucketTotal bucket) {
        Instant instant = bucket.start().isBefore(result.start()) ? result.start() : bucket.start();
        UsageRecord.Builder builder = UsageRecord.builder()
                .id(id(bucket, instant))
                .timestamp(instant)
                .identity(new ModelIdentity(
                        filters.getOrDefault(Dimension.MODEL, MODEL),
                        filters.getOrDefault(Dimension.UPSTREAM_MODEL, filters.getOrDefault(Dimension.MODEL, MODEL)),
                        filters.getOrDefault(Dimension.RESOURCE, ""),
                        filters.getOrDefault(Dimension.PROVIDER, provider())))
                .role(filters.getOrDefault(Dimension.ROLE, ""))
                .taskName(filters.getOrDefault(Dimension.TASK, ""))
                .sessionId(filters.getOrDefault(Dimension.SESSION, ""))
                .conversationId(filters.getOrDefault(Dimension.CONVERSATION, ""))
                .source(filters.getOrDefault(Dimension.SOURCE, "reconcile:" + format.text()))
                .serviceTier(filters.getOrDefault(Dimension.SERVICE_TIER, ""));
        Optional.ofNullable(filters.get(Dimension.OUTCOME)).map(Outcome::parse).ifPresent(builder::outcome);
        filters.forEach((dimension, value) -> dimension.attributeKey().ifPresent(key -> builder.attribute(key, value)));
        UsageRecord record = builder.build();
        filters.forEach((dimension, value) -> {
            if (!dimension.valueOf(record, PricingStatus.PRICED.text()).equals(value)) {
                throw new IllegalArgumentException("an adjustment cannot have " + dimension.name() + "="
                        + Texts.cut(value, MAX_SHOWN) + "; choose records by other values to book");
            }
        });
        return record;
    }

    private String provider() {
        return format.providers().isEmpty()
                ? ""
                : Providers.canonical(format.providers().get(0));
    }

    /** The next free one of the bucket: those before it are part of what is compared, or were taken back. */
    private String id(BucketTotal bucket, Instant instant) {
        List<String> parts =
                new ArrayList<>(List.of(bucket.start().toString(), bucket.end().toString()));
        Map<String, String> named = new TreeMap<>();
        filters.forEach((dimension, value) -> named.put(dimension.name(), value));
        named.forEach((name, value) -> parts.add(name + "=" + value));
        String prefix =
                Keys.digest("adjustment:" + format.text() + ":" + bucket.name(), parts.toArray(String[]::new)) + ":";
        long number = 0;
        TimeWindow moment = TimeWindow.of(instant, instant.plus(1, ChronoUnit.MICROS));
        RecordQuery.Builder query = RecordQuery.over(moment).history(true).limit(RecordQuery.MAX_LIMIT);
        while (true) {
            RecordPage page = ledger.records(query.build());
            for (LedgerEntry entry : page.entries()) {
                if (entry.kind() == LedgerEntry.Kind.ADJUSTMENT
                        && entry.id().value().startsWith(prefix)) {
                    number++;
                }
            }
            if (page.next().isEmpty()) {
                return prefix + (number + 1);
            }
            query.after(page.next().get());
        }
    }

    /** What the adjustment is for: the causes of the bucket's difference, the largest first. */
    private String label(BucketTotal bucket, String reason) {
        Map<Cause.Kind, BigDecimal> amounts = new TreeMap<>();
        for (Cause cause : result.causes()) {
            if (cause.bucket().equals(bucket.name())) {
                amounts.merge(cause.kind(), cause.usd(), BigDecimal::add);
            }
        }
        String causes = amounts.entrySet().stream()
                .filter(cause -> cause.getValue().signum() != 0)
                .sorted(Map.Entry.<Cause.Kind, BigDecimal>comparingByValue(
                        (one, other) -> other.abs().compareTo(one.abs())))
                .map(cause -> cause.getKey().words() + " "
                        + Decimals.plain(cause.getValue()).toPlainString())
                .collect(Collectors.joining(", "));
        String label = (reason.isBlank() ? "" : reason.strip() + "; ") + format.text() + " bill of " + bucket.name()
                + ": " + causes;
        return Texts.cut(label, MAX_REASON);
    }
}
