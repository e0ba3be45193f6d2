package dev.tokenledger.sql;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Adjustment;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.LedgerEntry.Reversal;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sql.questions.RollUpAudit;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.sql.records.RowKind;
import dev.tokenledger.sql.records.Tuple;
import dev.tokenledger.sql.records.Values;
import dev.tokenledger.sql.rollups.Figures;
import dev.tokenledger.sql.rollups.Level;
import dev.tokenledger.sql.writing.GroupCommit;
import dev.tokenledger.sql.writing.WriteKernel;
import dev.tokenledger.testkit.TestStore;
import dev.tokenledger.usage.RecordId;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;

/**
 * A database of maps and lists, with nothing in it that is quick: one writer or many readers at a time, a log to undo a
 * transaction by, no stored roll-ups. What is read of it is worked out from the records each time.
 */
final class PlainStore implements TestStore {

    /** A row, of one of the kinds that {@link RowKind} names. */
    static final class Row {
        final long sequence;
        final RecordId id;
        final int kind;
        final PreparedRecord record;
        final Instant recorded;

        /** Of a revaluation alone. */
        final @Nullable Revaluation revaluation;

        Row(
                long sequence,
                RecordId id,
                int kind,
                PreparedRecord record,
                Instant recorded,
                @Nullable Revaluation revaluation) {
            this.sequence = sequence;
            this.id = id;
            this.kind = kind;
            this.record = record;
            this.recorded = recorded;
            this.revaluation = revaluation;
        }

        RecordId id() {
            return id;
        }

        long[] figures() {
            long[] figures = new long[Figures.SIZE];
            record.figures(figures);
            if ((kind & 1) != 0) {
                for (int i = 0; i < Figures.SIZE; i++) {
                    figures[i] = -figures[i];
                }
                Figures.setCost(figures, -record.costPicos());
            }
            return figures;
        }
    }

    /** Numbers for texts, from 1 on. */
    static final class Numbers<T> {
        final Map<T, Integer> numbers = new HashMap<>();
        final List<T> texts = new ArrayList<>();

        int of(T text, PlainStore store) {
            Integer known = numbers.get(text);
            if (known == null) {
                texts.add(text);
                known = texts.size();
                numbers.put(text, known);
                store.undo.push(() -> {
                    numbers.remove(text);
                    texts.remove(texts.size() - 1);
                });
            }
            return known;
        }

        T text(long number) {
            return texts.get((int) number - 1);
        }
    }

    /** A key and a value. */
    record Pair(long key, String value) {}

    final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
    final Deque<Runnable> undo = new ArrayDeque<>();
    final Map<RecordId, Row> byId = new TreeMap<>((one, other) -> one.value().compareTo(other.value()));
    final TreeMap<Long, List<Row>> byQuarter = new TreeMap<>();
    final Map<RecordId, Reversal> reversals = new HashMap<>();

    /** The last revaluation of each record that has one. */
    final Map<RecordId, Row> revaluations = new HashMap<>();

    /** What adjustments are for. */
    final Map<RecordId, String> adjustments = new HashMap<>();

    final List<PeriodMark> marks = new ArrayList<>();
    final Map<String, String> states = new TreeMap<>();
    final Numbers<Tuple> combinations = new Numbers<>();
    final Numbers<Tuple> threads = new Numbers<>();
    final Numbers<Tuple> rareFields = new Numbers<>();
    final Numbers<String> sets = new Numbers<>();
    final Numbers<String> keys = new Numbers<>();
    final Numbers<Pair> pairs = new Numbers<>();
    final Set<Long> wide = new HashSet<>();
    final Numbers<String> prices = new Numbers<>();
    final Map<String, String> priceEntries = new HashMap<>();
    long sequence;

    /** How many of the next transactions lose against another one just before their commit. */
    int losses;

    /** Puts a value into a map, until the transaction is undone. */
    <K, V> void put(Map<K, V> map, K key, @Nullable V value) {
        V before = value == null ? map.remove(key) : map.put(key, value);
        undo.push(() -> {
            if (before == null) {
                map.remove(key);
            } else {
                map.put(key, before);
            }
        });
    }

    /** Adds a row, until the transaction is undone. */
    Row add(RecordId id, int kind, PreparedRecord record, Instant recorded, @Nullable Revaluation revaluation) {
        Row row = new Row(++sequence, id, kind, record, recorded, revaluation);
        List<Row> quarter =
                byQuarter.computeIfAbsent(Level.QUARTER.period(record.occurred()), absent -> new ArrayList<>());
        quarter.add(row);
        undo.push(() -> {
            quarter.remove(row);
            byQuarter.values().removeIf(List::isEmpty);
            sequence--;
        });
        put(byId, id, row);
        return row;
    }

    /** The row by which a record counts in totals. */
    Row counted(Row row) {
        return revaluations.getOrDefault(row.record.record().id(), row);
    }

    LedgerEntry entry(Row row) {
        RecordId of = row.record.record().id();
        Row last = revaluations.get(of);
        Optional<Adjustment> adjustment =
                Optional.ofNullable(adjustments.get(of)).map(Adjustment::new);
        return switch (row.kind) {
            case RowKind.USAGE ->
                entry(
                        row,
                        Kind.USAGE,
                        Optional.ofNullable(reversals.get(of)),
                        last == null ? null : last.revaluation,
                        adjustment);
            case RowKind.REVERSAL, RowKind.ADJUSTMENT_REVERSAL ->
                entry(row, Kind.REVERSAL, Optional.ofNullable(reversals.get(of)), null, adjustment);
            case RowKind.ADJUSTMENT ->
                entry(row, Kind.ADJUSTMENT, Optional.ofNullable(reversals.get(of)), null, adjustment);
            default -> entry(row, Kind.REVALUATION, Optional.empty(), row.revaluation, adjustment);
        };
    }

    private static LedgerEntry entry(
            Row row,
            Kind kind,
            Optional<Reversal> reversal,
            @Nullable Revaluation revaluation,
            Optional<Adjustment> adjustment) {
        return new LedgerEntry(
                row.sequence,
                row.id(),
                kind,
                row.record.record(),
                row.record.cost(),
                row.recorded,
                reversal,
                Optional.ofNullable(revaluation),
                adjustment);
    }

    /** Begins to write. */
    void begin() {
        lock.writeLock().lock();
        undo.clear();
    }

    /** Ends to write. */
    void end(boolean committed) {
        while (!committed && !undo.isEmpty()) {
            undo.pop().run();
        }
        lock.writeLock().unlock();
    }

    @Override
    public Ledger open(PriceBook book, InstantSource clock) {
        List<WriteKernel> kernels = new ArrayList<>();
        // Two leaders, one of which waits for the other, as another process would.
        for (int i = 0; i < 2; i++) {
            kernels.add(new WriteKernel(new PlainWrites(this), book, clock, WriteKernel.MAX_DELTAS));
        }
        GroupCommit writer = new GroupCommit("the maps", kernels, GroupCommit.Gathering.SHORTLY);
        return new SqlLedger(new Backend(writer), book, clock, new SqlLedger.Limits(3, 10_000));
    }

    private final class Backend implements SqlBackend {

        private final GroupCommit writer;

        Backend(GroupCommit writer) {
            this.writer = writer;
        }

        @Override
        public String place() {
            return "the maps";
        }

        @Override
        public GroupCommit writer() {
            return writer;
        }

        @Override
        public <T> T read(String action, Question<T> question) {
            lock.readLock().lock();
            try {
                PlainReads session = new PlainReads(PlainStore.this);
                session.checkLimit();
                return question.ask(session);
            } catch (SQLException e) {
                String message = "cannot " + action + " the maps: " + e.getMessage();
                throw Thread.currentThread().isInterrupted()
                        ? new LedgerInterruptedException(message, e)
                        : new LedgerUnavailableException(message, e);
            } finally {
                lock.readLock().unlock();
            }
        }

        @Override
        public VerifyReport verify() {
            return read("verify", session -> {
                List<String> differences = new ArrayList<>();
                RollUpAudit.run(session, differences::add);
                return new VerifyReport(byId.size(), differences);
            });
        }

        @Override
        public void checkWritable() {
            // Memory can always be written to.
        }

        @Override
        public void close() {
            writer.close();
        }
    }

    /** What a column holds for attributes; empty for none. */
    static String json(PreparedRecord record) {
        String json = Values.json(record.record().attributes());
        return json == null ? "" : json;
    }

    @Override
    public void close() {
        // Nothing outlives it.
    }
}
