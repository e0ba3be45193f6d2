package dev.tokenledger.sqlite;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.Merge;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.WriteResult;
import dev.tokenledger.backend.Revision;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * Writes to a ledger that are known from their number alone: the nth step of a writer is always the same. So a child
 * only has to print "writer number" for a test to know what it acknowledged. Writers touch different records.
 */
final class Workload {

    /** Enough to have priced, partly priced and unpriced records. */
    static final PriceBook PRICES = PriceBook.of(List.of(
            PriceEntry.simple("model-1", new BigDecimal("3"), new BigDecimal("15")),
            PriceEntry.simple("model-2", new BigDecimal("0.1234567"), new BigDecimal("0.7654321"))));

    private static final Instant EPOCH = Instant.parse("2026-03-01T00:00:00Z");
    private static final int DAYS = 20;
    private static final int LARGEST_BATCH = 60;
    private static final int KEYS = 5;
    private static final int CYCLE = 8;

    private Workload() {}

    /** Kinds of writers. */
    enum Mix {
        /** Single records. */
        APPEND,
        /** Batches with a reader's state. */
        BATCH,
        /** Appended, revised, reversed and replaced records, and batches of all that. */
        CORRECT
    }

    /** One write, which is there as a whole or not at all. */
    interface Step {

        /** Carries it out. Doing so again changes nothing. */
        void writeTo(Ledger ledger);

        /** Whether it was carried out, by a part of it. */
        boolean isIn(Ledger ledger);
    }

    /** The step of a writer with this number, from 1. */
    static Step step(Mix mix, String writer, int number) {
        return switch (mix) {
            case APPEND -> append(writer, number);
            case BATCH -> batch(writer, number, false);
            case CORRECT ->
                switch (number % CYCLE) {
                    case 1, 3, 6 -> append(writer, number);
                    case 2, 5 -> revise(writer, number);
                    case 4 -> reverse(writer, number);
                    case 7 -> replace(writer, number);
                    default -> batch(writer, number, true);
                };
        };
    }

    private static Step append(String writer, int number) {
        UsageRecord record = record(writer + ".a" + number);
        return new Step() {
            @Override
            public void writeTo(Ledger ledger) {
                check(ledger.append(record));
            }

            @Override
            public boolean isIn(Ledger ledger) {
                return ledger.find(record.id()).isPresent();
            }
        };
    }

    private static Step batch(String writer, int number, boolean reconciling) {
        int size = 1 + random(writer + ".b" + number).nextInt(LARGEST_BATCH);
        Batch.Builder batch = Batch.builder();
        for (int i = 1; i <= size; i++) {
            batch.append(record(writer + ".b" + number + "." + i));
        }
        if (reconciling) {
            batch.revise(writer + ".c", record(writer + ".c#" + number), Merge.LATEST);
        }
        String state = Integer.toString(number);
        Batch built = batch.readerState(writer, state).build();
        return new Step() {
            @Override
            public void writeTo(Ledger ledger) {
                ledger.write(built).forEach(Workload::check);
            }

            @Override
            public boolean isIn(Ledger ledger) {
                return ledger.readerState(writer).equals(Optional.of(state));
            }
        };
    }

    private static Step revise(String writer, int number) {
        String key = key(writer, number);
        int revision = 1;
        for (int earlier = 1; earlier < number; earlier++) {
            boolean same = (earlier % CYCLE == 2 || earlier % CYCLE == 5)
                    && key(writer, earlier).equals(key);
            revision += same ? 1 : 0;
        }
        RecordId id = Revision.id(key, revision);
        UsageRecord record = record(key + "#" + number);
        return new Step() {
            @Override
            public void writeTo(Ledger ledger) {
                WriteResult result = ledger.revise(key, record, Merge.LATEST);
                check(result);
                expect(result.id().equals(id), result);
            }

            @Override
            public boolean isIn(Ledger ledger) {
                return ledger.find(id).isPresent();
            }
        };
    }

    private static String key(String writer, int number) {
        return writer + ".k" + number / CYCLE % KEYS;
    }

    private static Step reverse(String writer, int number) {
        RecordId id = RecordId.of(writer + ".a" + (number - 1));
        return new Step() {
            @Override
            public void writeTo(Ledger ledger) {
                ReversalResult result = ledger.reverse(id, "step " + number);
                expect(!(result instanceof ReversalResult.NotFound), result);
            }

            @Override
            public boolean isIn(Ledger ledger) {
                return ledger.find(id).orElseThrow().reversal().isPresent();
            }
        };
    }

    private static Step replace(String writer, int number) {
        RecordId id = RecordId.of(writer + ".a" + (number - 1));
        UsageRecord replacement = record(writer + ".q" + number);
        return new Step() {
            @Override
            public void writeTo(Ledger ledger) {
                ReversalResult result = ledger.replace(id, replacement, "step " + number);
                // A repetition finds the record reversed, or first its replacement there.
                expect(!(result instanceof ReversalResult.NotFound), result);
            }

            @Override
            public boolean isIn(Ledger ledger) {
                return ledger.find(replacement.id()).isPresent();
            }
        };
    }

    private static void check(WriteResult result) {
        expect(!(result instanceof AppendResult.Conflict), result);
    }

    private static void expect(boolean expected, Object result) {
        if (!expected) {
            throw new AssertionError("not what this step should do: " + result);
        }
    }

    /** A record whose content follows from its id, spread over days, sessions, models and labels. */
    static UsageRecord record(String id) {
        Random random = random(id);
        UsageRecord.Builder record = UsageRecord.builder()
                .id(id)
                .timestamp(EPOCH.plus(
                        random.nextLong(
                                ChronoUnit.DAYS.getDuration().multipliedBy(DAYS).toMillis() * 1_000),
                        ChronoUnit.MICROS))
                .model("model-" + random.nextInt(1, 4))
                .sessionId("session-" + random.nextInt(50))
                .role(random.nextBoolean() ? "interactive" : "scheduled")
                .inputTokens(random.nextLong(1_000_000))
                .outputTokens(random.nextLong(1_000_000))
                .cacheReadInputTokens(random.nextInt(3) == 0 ? random.nextLong(1_000_000) : 0);
        if (random.nextInt(4) == 0) {
            record.attribute("team", "team-" + random.nextInt(7));
        }
        if (random.nextInt(8) == 0) {
            record.requestId("request ".repeat(random.nextInt(15)));
        }
        return record.build();
    }

    private static Random random(String id) {
        return new Random(id.hashCode() * 0x9e3779b97f4a7c15L);
    }
}
