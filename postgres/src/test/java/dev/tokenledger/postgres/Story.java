package dev.tokenledger.postgres;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.Merge;
import dev.tokenledger.ReversalResult;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** One write of each kind, one after the other, each of which may be retried. */
final class Story {

    private static final String NOTHING_STORED = "nothing was stored";

    /** One write, and what it says. Ids of reversals, which are made up, are left out. */
    private record Chapter(String name, Function<Ledger, String> write) {}

    private static final List<Chapter> CHAPTERS = List.of(
            new Chapter("append", ledger -> ledger.append(record("a1", "red")).toString()),
            new Chapter(
                    "append some, one of them there",
                    ledger -> ledger.appendAll(List.of(record("a2", "blue"), record("a1", "red"), record("a3", "red")))
                            .toString()),
            new Chapter(
                    "revise, append and remember",
                    ledger -> ledger.write(Batch.builder()
                                    .step(new Batch.Step.Revise("k", record("any", "blue"), Merge.LATEST))
                                    .append(record("a4", "green"))
                                    .readerState("reader", "at 7")
                                    .build())
                            .toString()),
            new Chapter("reverse", ledger -> said(ledger.reverse(RecordId.of("a2"), "a mistake"))),
            new Chapter("replace", ledger -> said(ledger.replace(RecordId.of("a3"), record("a5", "blue"), "misread"))),
            new Chapter(
                    "revise",
                    ledger -> ledger.revise(
                                    "k",
                                    record("any", "blue").toBuilder()
                                            .outputTokens(9)
                                            .build(),
                                    Merge.LATEST)
                            .toString()),
            new Chapter("rebuild", ledger -> {
                ledger.rebuild();
                return "rebuilt";
            }),
            new Chapter(
                    "remember",
                    ledger -> Boolean.toString(ledger.compareAndSetReaderState(
                            "reader", "at 7", Map.of("reader", "at 8", "other", "x")))));

    private Story() {}

    private static UsageRecord record(String id, String team) {
        return Samples.builder(id).attribute("team", team).build();
    }

    private static String said(ReversalResult result) {
        return result instanceof ReversalResult.Reversed ? "reversed" : result.toString();
    }

    /** What is written is folded at once, so that a fold is part of the story. */
    static PostgresLedger open(DataSource source, String schema) {
        return PostgresLedger.builder()
                .schema(schema)
                .prices(Samples.prices())
                .clock(InstantSource.fixed(Samples.NOW))
                .leaders(1)
                .onWarning(warning -> {})
                .maxDeltas(2)
                .open(source);
    }

    static int length() {
        return CHAPTERS.size();
    }

    /** Writes one chapter. */
    static String tell(Ledger ledger, int chapter) {
        return CHAPTERS.get(chapter).write.apply(ledger);
    }

    /** What the chapters say when nothing goes wrong, and how the ledger stands then. */
    static final class Expected implements AutoCloseable {

        private final Ledger ledger = InMemoryLedger.open(Samples.prices(), InstantSource.fixed(Samples.NOW));
        private final List<String> first =
                CHAPTERS.stream().map(chapter -> chapter.write.apply(ledger)).toList();
        private final List<String> again;

        Expected() {
            // A retry says that it is one; each from a ledger that has just been told the chapter.
            again = Stream.iterate(0, i -> i + 1)
                    .limit(CHAPTERS.size())
                    .map(Expected::twice)
                    .toList();
        }

        private static String twice(int chapter) {
            try (Ledger ledger = InMemoryLedger.open(Samples.prices(), InstantSource.fixed(Samples.NOW))) {
                for (int i = 0; i <= chapter; i++) {
                    tell(ledger, i);
                }
                return tell(ledger, chapter);
            }
        }

        /** Fails unless a chapter says what it does when told once, or again if it may have been stored before. */
        void check(int chapter, String said, boolean mayBeStored) {
            if (!said.equals(first.get(chapter)) && !(mayBeStored && said.equals(again.get(chapter)))) {
                throw new AssertionError(CHAPTERS.get(chapter).name + ": expected " + first.get(chapter)
                        + (mayBeStored ? " or " + again.get(chapter) : "") + ", found " + said);
            }
        }

        /** Fails unless a ledger stands as one that was told every chapter once. */
        void check(Ledger told) {
            LedgerComparison.assertSame(ledger, told);
            List<String> differences = told.verify().differences();
            if (!differences.isEmpty()) {
                throw new AssertionError(differences);
            }
        }

        @Override
        public void close() {
            ledger.close();
        }
    }

    /**
     * Writes a chapter, and retries it once if that fails.
     *
     * @param between is run before the retry
     * @param before whether the chapter may have been stored before
     */
    static void tellWithRetry(Ledger ledger, int chapter, Expected expected, boolean before, Runnable between) {
        boolean mayBeStored = before;
        String said;
        try {
            said = tell(ledger, chapter);
        } catch (LedgerException e) {
            if (!e.getMessage().contains("retry with the same ids")) {
                throw new AssertionError("what to do is not said: " + e.getMessage(), e);
            }
            mayBeStored |= !e.getMessage().contains(NOTHING_STORED);
            between.run();
            said = tell(ledger, chapter);
        }
        expected.check(chapter, said, mayBeStored);
    }
}
