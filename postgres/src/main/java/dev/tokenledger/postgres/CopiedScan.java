package dev.tokenledger.postgres;

import dev.tokenledger.sql.engine.CopyState;
import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.engine.RecordCopy.Failure;
import dev.tokenledger.sql.engine.RecordCopy.Failure.Reason;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.questions.SummaryPlan;
import dev.tokenledger.sql.records.KnownDoubts;
import dev.tokenledger.sql.rollups.Figures;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds up the records of long windows by a {@linkplain RecordCopy copy}: rows that were written below the {@linkplain CopyState
 * state} that this transaction sees are the copy's to add up, the others PostgreSQL's. So the sum is that of one moment, wherever the exporter is.
 *
 * <p>When the copy is asked, in order:
 *
 * <ul>
 *   <li>the question reads all records of a window longer than an hour and tells which of them need not be told apart: totals by
 *       session, conversation, several attributes or one with too many values, and totals as of an earlier instant. What roll-ups
 *       or an index answer, the ragged ends of windows, {@code verify} and {@code rebuild} never ask it;
 *   <li>the ledger vouches for it: {@link Copies} finds a state that is this very database's;
 *   <li>the window has at least as many records as the copy is {@linkplain RecordCopy#minRecords worth being asked} for;
 *   <li>it has not failed {@linkplain CopyUse#PAUSE_NANOS a moment ago}.
 * </ul>
 *
 * <p>It may take a second for each million records, about as long as PostgreSQL would, {@linkplain RecordCopy#minWait and some more},
 * but no longer than half of what is left of the question's time. Its answer counts if its totals, all figures of the window's records below that, are what the roll-ups say
 * less what PostgreSQL read: a copy that was emptied, restored or written to by somebody else is found out. Otherwise PostgreSQL
 * reads those rows as well. Nothing was told of the copy's answer until then. Used by one thread.
 */
final class CopiedScan implements Scan {

    private static final long WAIT_NANOS_OF_A_RECORD = 1_000;

    private final PostgresReads reads;
    private final Database database;
    private final CopyUse use;

    CopiedScan(PostgresReads reads, Database database, CopyUse use) {
        this.reads = reads;
        this.database = database;
        this.use = use;
    }

    @Override
    public void between(Wanted wanted, long from, long to, Sink sink) throws SQLException {
        if (wanted.alike() == null || to - from <= PostgresReads.MAX_EDGE) {
            reads.between(wanted, from, to, sink);
            return;
        }
        Optional<CopyState> state = Copies.read(database, use.copy().name())
                .filter(Copies::trusted)
                .map(Copies::state)
                .filter(found -> found.written() > 0);
        if (state.isEmpty()) {
            reads.between(wanted, from, to, sink);
            return;
        }
        long[] all = SummaryPlan.figures(reads, from, to);
        if (all[Figures.RECORDS] < use.copy().minRecords() || !use.mayAsk()) {
            reads.between(wanted, from, to, sink);
            return;
        }
        long written = state.get().written();
        long[] expected = less(all, restOf(wanted, from, to, written, sink));
        RecordCopy.Question question = new RecordCopy.Question(wanted, from, to, state.get(), limit(all));
        if (!isAnswered(question, expected, sink)) {
            reads.below(wanted, from, to, written, sink);
        }
    }

    /** Gives the records that the copy may not have, and their total, also of those that the question leaves out. */
    private long[] restOf(Wanted wanted, long from, long to, long written, Sink sink) throws SQLException {
        long[] sum = new long[Figures.SIZE];
        if (wanted.contained().isEmpty() && wanted.until() == Long.MAX_VALUE) {
            reads.from(wanted, from, to, written, (occurred, combination, thread, attributes, figures) -> {
                Figures.add(sum, figures);
                sink.figures(occurred, combination, thread, attributes, figures);
            });
        } else {
            reads.from(wanted, from, to, written, sink);
            reads.from(
                    new Wanted(Set.of(), List.of(), 1),
                    from,
                    to,
                    written,
                    (occurred, combination, thread, attributes, figures) -> Figures.add(sum, figures));
        }
        return sum;
    }

    private static long[] less(long[] all, long[] rest) {
        long[] less = new long[Figures.SIZE];
        for (int i = 0; i < Figures.SIZE; i++) {
            less[i] = Math.subtractExact(all[i], rest[i]);
        }
        Figures.normalize(less);
        return less;
    }

    private Duration limit(long[] all) {
        long wait = use.copy().minWait().toNanos() + WAIT_NANOS_OF_A_RECORD * all[Figures.RECORDS];
        return Duration.ofNanos(Math.max(1, Math.min(wait, database.nanosLeft() / 2)));
    }

    private boolean isAnswered(RecordCopy.Question question, long[] expected, Sink sink) throws SQLException {
        KnownDoubts doubts = DoubtCounts.known(database);
        try (RecordCopy.Answer answer = checked(question, expected, doubts)) {
            if (answer == null) {
                return false;
            }
            give(answer, doubts, sink);
            return true;
        }
    }

    /** An answer that is right; null if there is none. */
    private RecordCopy.@Nullable Answer checked(RecordCopy.Question question, long[] expected, KnownDoubts doubts)
            throws SQLException {
        RecordCopy.Answer answer = null;
        boolean isRight = false;
        try {
            answer = use.copy().ask(question);
            check(answer, expected, doubts);
            isRight = true;
            use.answered();
            return answer;
        } catch (Failure e) {
            use.failed(e);
            return null;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SQLException("the question was stopped", "57014", e);
        } finally {
            if (answer != null && !isRight) {
                answer.close();
            }
        }
    }

    private void give(RecordCopy.Answer answer, KnownDoubts doubts, Sink sink) throws SQLException {
        try {
            answer.forEach(row -> {
                reads.checkLimit();
                if (row.combination() >= 0) {
                    setDoubts(row, doubts);
                    sink.figures(row.occurred(), row.combination(), row.thread(), row.values(), row.figures());
                }
            });
        } catch (Failure e) {
            // Too late to go on without it: some of it was given.
            throw new SQLException("the answer of the ledger's copy cannot be read again", "58030", e);
        }
    }

    private void check(RecordCopy.Answer answer, long[] expected, KnownDoubts doubts) throws SQLException, Failure {
        int combinations = reads.combinations().length;
        long[] sum = new long[Figures.SIZE];
        answer.forEach(row -> {
            reads.checkLimit();
            if (row.combination() < -1 || row.combination() >= combinations) {
                throw new Failure(Reason.UNFIT, "it has records that the ledger does not have");
            }
            setDoubts(row, doubts);
            add(sum, row.figures());
        });
        Figures.normalize(sum);
        if (!Arrays.equals(sum, expected)) {
            throw new Failure(Reason.UNFIT, "its totals are not those of the ledger");
        }
    }

    private static void add(long[] sum, long[] figures) throws Failure {
        try {
            Figures.add(sum, figures);
        } catch (ArithmeticException e) {
            throw new Failure(Reason.UNFIT, "its totals are not those of the ledger", e);
        }
    }

    private static void setDoubts(RecordCopy.Row row, KnownDoubts doubts) throws SQLException {
        Figures.setDoubts(row.figures(), doubts.of(row.rareFields()), row.figures()[Figures.RECORDS]);
    }

    @Override
    public void ofSession(Wanted wanted, String session, long from, long to, Sink sink) throws SQLException {
        reads.ofSession(wanted, session, from, to, sink);
    }

    @Override
    public void ofConversation(Wanted wanted, String conversation, long from, long to, Sink sink) throws SQLException {
        reads.ofConversation(wanted, conversation, from, to, sink);
    }
}
