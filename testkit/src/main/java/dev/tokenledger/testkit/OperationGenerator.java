package dev.tokenledger.testkit;

import dev.tokenledger.Batch;
import dev.tokenledger.Merge;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * Draws what callers do to a ledger: new records, the same ones again, the same ids with other content, batches of all
 * this, reversals, replacements, revaluations, adjustments, growing records, questions. Remembers what it delivered, so that it can repeat itself.
 * Not safe for use by several threads.
 */
public final class OperationGenerator {

    private static final List<String> KEYS = List.of("k1", "k2", "k3");

    private final RandomGenerator random;
    private final RecordGenerator records;
    private final QueryGenerator queries;
    private final PriceGenerator prices;
    private final List<UsageRecord> delivered = new ArrayList<>();
    private final Map<String, UsageRecord> adjusted = new HashMap<>();

    /** How copies of a growing record are put together. */
    private enum Merges implements Merge {
        LATEST {
            @Override
            public UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
                return offered;
            }
        },
        IN_FORCE {
            @Override
            public UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
                return inForce;
            }
        },
        MORE_OUTPUT {
            @Override
            public UsageRecord merge(UsageRecord inForce, UsageRecord offered) {
                return offered.tokens().output() > inForce.tokens().output()
                        ? inForce.toBuilder()
                                .tokens(offered.tokens())
                                .withoutNote("output_incomplete")
                                .build()
                        : inForce;
            }
        }
    }

    /** Draws from this source. */
    public OperationGenerator(RandomGenerator random) {
        this.random = random;
        this.records = new RecordGenerator(random);
        this.queries = new QueryGenerator(random);
        this.prices = new PriceGenerator(random);
    }

    /** What is done next. */
    public Operation next() {
        return switch (random.nextInt(25)) {
            case 0, 1, 2, 3, 4, 5 -> new Operation.Append(record());
            case 6, 7, 8 -> new Operation.Write(batch());
            case 9, 10 -> new Operation.Revise(records.pick(KEYS), growing(), records.pick(List.of(Merges.values())));
            case 11, 12 -> new Operation.Reverse(id(), "reason " + random.nextInt(3));
            case 13 -> new Operation.ReverseReversal(id());
            case 14 -> new Operation.Replace(id(), record(), "");
            case 15, 16, 17 -> new Operation.Ask(queries.summaries());
            case 18 -> new Operation.Page(queries.records());
            case 19, 20 -> revalue();
            case 21 ->
                new Operation.Mark(
                        records.oneIn(2) ? Optional.empty() : Optional.of(records.instant()),
                        "reason " + random.nextInt(2));
            case 22, 23 -> adjust();
            default -> random.nextInt(4) == 0 ? new Operation.Rebuild() : new Operation.Append(record());
        };
    }

    /** The next thing that is done to records: copies of a ledger know nothing of what was closed. */
    public Operation nextOfRecords() {
        Operation operation = next();
        while (operation instanceof Operation.Mark) {
            operation = next();
        }
        return operation;
    }

    /** A new adjustment, or one of an id that is taken, perhaps by the same one. Few amounts, so that some come to nothing. */
    private Operation adjust() {
        String id = "a" + random.nextInt(8);
        if (records.oneIn(5)) {
            id = id().value();
        }
        UsageRecord record = records.adjustment(id);
        if (records.oneIn(3)) {
            record = adjusted.getOrDefault(id, record);
        }
        adjusted.put(id, record);
        delivered.add(record);
        Usd amount = Usd.parse(records.pick(List.of("1", "-1", "-0.25", "0.000000000001", "9000000", "-9000000")));
        return new Operation.Adjust(record, amount, "reason " + random.nextInt(2));
    }

    private Operation revalue() {
        List<RecordId> ids = new ArrayList<>();
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            ids.add(id());
        }
        Optional<PriceBook> book = switch (random.nextInt(5)) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(PriceBook.empty());
            case 2 -> Optional.of(Samples.prices());
            default ->
                Optional.of(Samples.prices()
                        .with("omega", List.of(prices.entry(Samples.OMEGA)))
                        .with("alpha", List.of(prices.entry(Samples.ALPHA)))
                        .with("delta", List.of(prices.entry(Samples.DELTA))));
        };
        return new Operation.Revalue(ids, book, "run-" + random.nextInt(3), "reason " + random.nextInt(2));
    }

    private Batch batch() {
        Batch.Builder batch = Batch.builder();
        for (int i = random.nextInt(7); i > 0; i--) {
            if (records.oneIn(4)) {
                batch.step(new Batch.Step.Revise(
                        records.pick(KEYS), elsewhere(), growing(), records.pick(List.of(Merges.values()))));
            } else {
                batch.append(record());
            }
        }
        if (records.oneIn(2)) {
            batch.readerState("reader:" + random.nextInt(3), records.oneIn(3) ? "" : "at " + random.nextInt(100));
        }
        return batch.build();
    }

    /** Mostly nowhere, else where other steps of these may have put it. */
    private Batch.Elsewhere elsewhere() {
        return switch (random.nextInt(6)) {
            case 0 -> new Batch.Elsewhere(List.of(records.pick(KEYS)), false, List.of());
            case 1 -> new Batch.Elsewhere(List.of(), false, List.of(records.pick(KEYS), records.pick(KEYS)));
            case 2 -> new Batch.Elsewhere(List.of(records.pick(KEYS)), true, List.of(records.pick(KEYS)));
            default -> Batch.Elsewhere.NOWHERE;
        };
    }

    /** Mostly a new record, else one delivered before: as it was, without its instant, or with a field changed. */
    private UsageRecord record() {
        if (delivered.isEmpty() || random.nextInt(10) < 6) {
            UsageRecord fresh = records.next();
            delivered.add(fresh);
            return fresh;
        }
        UsageRecord old = records.pick(delivered);
        return switch (random.nextInt(4)) {
            case 0 -> old.toBuilder().note("again").build();
            case 1 -> old.toBuilder().timestamp(records.instant()).build();
            case 2 -> records.builder(old.id().value()).build();
            default -> old;
        };
    }

    /** Few different copies, so that some come again. */
    private UsageRecord growing() {
        UsageRecord.Builder copy = Samples.builder("any");
        if (records.oneIn(2)) {
            copy.note(records.note());
        }
        return copy.model(records.oneIn(3) ? Samples.OMEGA : Samples.ALPHA)
                .timestamp(Samples.NOW.plusSeconds(records.oneIn(4) ? 86_400 : 0))
                .outputTokens(10L * random.nextInt(6))
                .upstreamRequestId(records.oneIn(3) ? "request-" + random.nextInt(3) : "")
                .build();
    }

    private RecordId id() {
        if (records.oneIn(4) || delivered.isEmpty()) {
            return Revision.id(records.pick(KEYS), 1 + random.nextInt(3));
        }
        return records.pick(delivered).id();
    }
}
