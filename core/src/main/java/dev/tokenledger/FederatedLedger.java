package dev.tokenledger;

import dev.tokenledger.backend.SummaryRows;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Report;
import dev.tokenledger.summary.ReportQuery;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.summary.TooManyGroupsException;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Several ledgers added up, for reading alone: one for each region or tenant, say. All are asked at the same time.
 *
 * <ul>
 *   <li>Totals are the exact sums of the ledgers' own, group by group; each ledger answers from one moment of its own. Groups are
 *       ordered and limited once they are added up, so every group of each ledger is read, whatever the limit: what is among the
 *       first of the sum need not be among the first of any ledger.
 *   <li>Lists are merged, newest call first. Among equal instants the entry with the higher {@linkplain LedgerEntry#sequence
 *       sequence} comes first, which here is the one of its ledger times {@value #MAX_LEDGERS}, plus the ledger's place.
 *   <li>What is asked for by a name (a record's id, a key, a reader's state) is that of the first ledger that has it, in the order in
 *       which they were named.
 *   <li>A call that is in two ledgers counts twice: nothing but its id tells, which two ledgers may well use for different calls.
 *   <li>Closed are the periods that every ledger has closed.
 * </ul>
 *
 * <p>Everything that writes throws a {@link LedgerReadOnlyException}. A ledger that fails or takes too long fails the question with a
 * {@link LedgerMissingException} that names it; {@link #partial} answers without it. Safe for use by many threads.
 *
 * <pre>{@code
 * FederatedLedger company = FederatedLedger.builder()
 *         .ledger("eu", () -> openEurope())
 *         .ledger("us", () -> openAmerica())
 *         .build();
 * }</pre>
 */
public final class FederatedLedger implements Ledger {

    /** The most ledgers of one sum. */
    public static final int MAX_LEDGERS = 32;

    /** The most groups of one answer, those of all buckets together, as of other ledgers. */
    private static final int MAX_GROUPS = 100_000;

    /** The most groups of all ledgers together that are added up for one answer. */
    private static final int MAX_ADDED = 400_000;

    private static final int MIN_ADDED = 10_000;

    /** About what a group takes while it is added up, in bytes; a quarter of the memory may be taken by them. */
    private static final long BYTES_OF_A_GROUP = 4 * 1_024L;

    /** How long questions under way may take to end when the ledger is closed. */
    private static final Duration CLOSING = Duration.ofSeconds(5);

    private static final Comparator<LedgerEntry> NEWEST_FIRST = Comparator.comparing(LedgerEntry::occurred)
            .thenComparingLong(LedgerEntry::sequence)
            .reversed();

    private final List<LedgerMember> members;
    private final @Nullable Duration timeLimit;
    private final PriceBook prices;

    /** By the place of the ledger; null for one that answers wholly or not at all. */
    private final @Nullable SortedMap<Integer, LedgerMissingException> missing;

    private FederatedLedger(
            List<LedgerMember> members, @Nullable Duration timeLimit, PriceBook prices, boolean partial) {
        this.members = members;
        this.timeLimit = timeLimit;
        this.prices = prices;
        missing = partial ? Collections.synchronizedSortedMap(new TreeMap<>()) : null;
    }

    /** Starts a sum of no ledgers. */
    public static Builder builder() {
        return new Builder();
    }

    /** Names the ledgers that are added up. Not safe for use by several threads. */
    public static final class Builder {

        private final List<LedgerMember> members = new ArrayList<>();
        private final Set<Ledger> open = Collections.newSetFromMap(new IdentityHashMap<>());
        private @Nullable Duration timeLimit;
        private PriceBook prices = PriceBook.empty();

        private Builder() {}

        /**
         * Adds a ledger, which is closed with the sum.
         *
         * @throws IllegalArgumentException if it is among them already, as {@link #ledger(String, Supplier)} says of its name too
         */
        public Builder ledger(String name, Ledger ledger) {
            Objects.requireNonNull(ledger, "ledger");
            if (open.contains(ledger)) {
                throw new IllegalArgumentException("ledger " + name + ": it is added already, by another name");
            }
            ledger(name, () -> ledger);
            open.add(ledger);
            return this;
        }

        /**
         * Adds a ledger that the first question opens, and where that fails, the next one. It is closed with the sum.
         *
         * @param name for messages and for those who ask, 1 to 128 characters
         * @param opener opens it for reading; called by one thread at a time
         * @throws IllegalArgumentException if the name is empty, too long, no text or taken, or these are more than
         *     {@link #MAX_LEDGERS}
         */
        public Builder ledger(String name, Supplier<? extends Ledger> opener) {
            String checked = Texts.checked("name", name, Bound.ID);
            if (checked.isEmpty()) {
                throw new IllegalArgumentException("name: expected the name of a ledger, found none");
            }
            if (members.stream().anyMatch(member -> member.name().equals(checked))) {
                throw new IllegalArgumentException("name: two ledgers are called " + checked);
            }
            if (members.size() == MAX_LEDGERS) {
                throw new IllegalArgumentException("at most " + MAX_LEDGERS + " ledgers are added up");
            }
            members.add(new LedgerMember(checked, Objects.requireNonNull(opener, "opener")));
            return this;
        }

        /**
         * How long each ledger may take to answer, and to be opened before; default: any time. Checking a ledger has no limit.
         *
         * @throws IllegalArgumentException if it is not positive
         */
        public Builder timeLimit(Duration limit) {
            if (limit.isZero() || limit.isNegative()) {
                throw new IllegalArgumentException("time limit: expected more than 0, found " + limit);
            }
            timeLimit = limit;
            return this;
        }

        /** The book that {@link Ledger#prices} answers with; default: an empty one. */
        public Builder prices(PriceBook book) {
            prices = Objects.requireNonNull(book, "prices");
            return this;
        }

        /**
         * The sum. No ledger is opened yet.
         *
         * @throws IllegalArgumentException if there are no ledgers
         */
        public FederatedLedger build() {
            if (members.isEmpty()) {
                throw new IllegalArgumentException("expected one ledger or more, found none");
            }
            return new FederatedLedger(List.copyOf(members), timeLimit, prices, false);
        }
    }

    /**
     * The same ledgers, answering without those that fail: for a set of questions whose answers are shown together. A ledger that
     * is missing from one answer is not asked again, and {@link #missing} tells of it from then on. A question that no ledger answers
     * fails, and so does one for something by its name that may be in a ledger that is missing.
     *
     * @return closed together with this one
     */
    public FederatedLedger partial() {
        return new FederatedLedger(members, timeLimit, prices, true);
    }

    @Override
    public List<LedgerMissingException> missing() {
        SortedMap<Integer, LedgerMissingException> known = missing;
        if (known == null) {
            return List.of();
        }
        synchronized (known) {
            return List.copyOf(known.values());
        }
    }

    @Override
    public List<String> ledgers() {
        return members.stream().map(LedgerMember::name).toList();
    }

    @Override
    public Optional<String> ledgerOf(LedgerEntry entry) {
        int place = Math.floorMod(entry.sequence(), MAX_LEDGERS);
        return place < members.size() ? Optional.of(members.get(place).name()) : Optional.empty();
    }

    // ---- Asking

    /** A question to one ledger. */
    private interface Question<T> {
        T ask(int place, Ledger ledger);
    }

    /** What one ledger answered. */
    private record Answer<T>(int place, T value) {}

    private <T> List<Answer<T>> ask(String action, Question<T> question) {
        return ask(action, question, timeLimit);
    }

    /** Asks all ledgers that are not missing, and gives their answers in the order of the ledgers. */
    private <T> List<Answer<T>> ask(String action, Question<T> question, @Nullable Duration limit) {
        if (Thread.currentThread().isInterrupted()) {
            throw interrupted(action, null);
        }
        LinkedBlockingQueue<Integer> done = new LinkedBlockingQueue<>();
        SortedMap<Integer, FutureTask<T>> underWay = new TreeMap<>();
        SortedMap<Integer, Answer<T>> answers = new TreeMap<>();
        long start = System.nanoTime();
        try {
            for (int i = 0; i < members.size(); i++) {
                int place = i;
                if (missing == null || !missing.containsKey(place)) {
                    underWay.put(
                            place,
                            members.get(place).ask(ledger -> question.ask(place, ledger), () -> done.add(place)));
                }
            }
            while (!underWay.isEmpty()) {
                @Nullable
                Integer next = limit == null
                        ? done.take()
                        : done.poll(limit.toNanos() - (System.nanoTime() - start), TimeUnit.NANOSECONDS);
                if (next == null) {
                    LedgerTimeoutException late = new LedgerTimeoutException(
                            "cannot " + action + " it: no answer within " + limit
                                    + "; ask for less, or raise the limit",
                            null);
                    for (int place : List.copyOf(underWay.keySet())) {
                        leaveOut(place, late);
                        members.get(place).cancel(Objects.requireNonNull(underWay.remove(place)));
                    }
                } else {
                    FutureTask<T> answered = Objects.requireNonNull(underWay.remove(next));
                    try {
                        answers.put(next, new Answer<>(next, answered.get()));
                    } catch (CancellationException e) {
                        throw new IllegalStateException("the ledger is closed", e);
                    } catch (ExecutionException e) {
                        leaveOut(next, failure(e.getCause(), action));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw interrupted(action, e);
        } finally {
            underWay.forEach((place, task) -> members.get(place).cancel(task));
        }
        if (answers.isEmpty()) {
            throw new LedgerUnavailableException(
                    "cannot " + action + " any of several ledgers: "
                            + missing().stream().map(Throwable::getMessage).collect(Collectors.joining("; ")),
                    null);
        }
        return List.copyOf(answers.values());
    }

    /**
     * What makes a ledger be missing.
     *
     * @throws RuntimeException if something else failed than a ledger
     */
    private RuntimeException failure(@Nullable Throwable cause, String action) {
        if (cause instanceof Error error) {
            throw error;
        }
        if (cause instanceof IllegalArgumentException mistake) {
            throw mistake;
        }
        if (cause instanceof IllegalStateException closed && !(cause instanceof LedgerException)) {
            throw closed;
        }
        return cause instanceof RuntimeException failed
                ? failed
                : new LedgerUnavailableException("cannot " + action + " it: " + cause, cause);
    }

    private void leaveOut(int place, RuntimeException cause) {
        LedgerMissingException failure =
                new LedgerMissingException(members.get(place).name(), cause);
        if (missing == null) {
            throw failure;
        }
        missing.putIfAbsent(place, failure);
    }

    private LedgerInterruptedException interrupted(String action, @Nullable Throwable cause) {
        return new LedgerInterruptedException(
                "cannot " + action + " several ledgers: the thread was interrupted", cause);
    }

    /** What the first ledger says that has it; where none has and some are missing, nobody knows. */
    private <T> Optional<T> first(String action, Question<Optional<T>> question) {
        Optional<T> found = ask(action, question).stream()
                .flatMap(answer -> answer.value().stream())
                .findFirst();
        if (found.isEmpty()) {
            checkWhole();
        }
        return found;
    }

    private void checkWhole() {
        List<LedgerMissingException> unknown = missing();
        if (!unknown.isEmpty()) {
            throw unknown.get(0);
        }
    }

    private static <T> Stream<T> values(List<Answer<T>> answers) {
        return answers.stream().map(Answer::value);
    }

    // ---- Totals

    @Override
    public List<GroupedSummary> summaries(SummaryQuery query) {
        SummaryQuery all = withAllGroups(query);
        return rows(
                query,
                values(ask("summarize", (place, ledger) -> counted(place, () -> ledger.summaries(all))))
                        .toList());
    }

    @Override
    public Report report(ReportQuery query) {
        ReportQuery all = query.map(FederatedLedger::withAllGroups);
        return Report.sum(
                query,
                values(ask("summarize", (place, ledger) -> counted(place, () -> ledger.report(all))))
                        .toList(),
                FederatedLedger::rows);
    }

    /** A group that is among the first of the sum may be among the last of each ledger. */
    private static SummaryQuery withAllGroups(SummaryQuery query) {
        if (query.limit().isEmpty()) {
            return query;
        }
        SummaryQuery.Builder all =
                query.sameCalls(query.window()).by(query.dimensions()).order(SummaryQuery.Order.KEY);
        query.bucket().ifPresent(bucket -> all.every(bucket, query.zone()));
        return all.build();
    }

    private <T> T counted(int place, Supplier<T> question) {
        try {
            return question.get();
        } catch (TooManyGroupsException e) {
            throw new TooManyGroupsException("too many groups in the ledger "
                    + members.get(place).name()
                    + ": several ledgers are added up group by group, whatever the limit; ask for fewer dimensions, larger"
                    + " buckets or a shorter window, or ask this ledger alone");
        }
    }

    /** The rows of a question from those of all groups of each ledger. */
    private static List<GroupedSummary> rows(SummaryQuery query, List<List<GroupedSummary>> parts) {
        long most = Math.max(MIN_ADDED, Math.min(MAX_ADDED, Runtime.getRuntime().maxMemory() / BYTES_OF_A_GROUP));
        if (parts.stream().mapToLong(List::size).sum() > most) {
            throw new TooManyGroupsException("more than " + most
                    + " groups in all ledgers together: several ledgers are added up group by group, whatever the limit; ask"
                    + " for fewer dimensions, larger buckets or a shorter window, or ask one ledger alone");
        }
        SummaryRows sum = new SummaryRows(query, MAX_GROUPS);
        for (List<GroupedSummary> part : parts) {
            for (GroupedSummary row : part) {
                sum.add(
                        query.bucket().isEmpty()
                                ? TimeWindow.MIN
                                : row.bucket().map(OffsetDateTime::toInstant).orElse(TimeWindow.MIN),
                        key(query, row),
                        row.summary());
            }
        }
        List<GroupedSummary> rows = sum.rows();
        if (rows.size() > MAX_GROUPS) {
            throw SummaryRows.tooManyWithLimit(MAX_GROUPS);
        }
        return rows;
    }

    private static List<String> key(SummaryQuery query, GroupedSummary row) {
        List<String> key = new ArrayList<>(query.dimensions().size());
        for (Dimension dimension : query.dimensions()) {
            key.add(row.keys().getOrDefault(dimension, ""));
        }
        return key;
    }

    @Override
    public boolean readsRecords(SummaryQuery query) {
        SummaryQuery all = withAllGroups(query);
        return values(ask("read", (place, ledger) -> ledger.readsRecords(all))).anyMatch(reads -> reads);
    }

    @Override
    public SortedSet<String> attributeKeys() {
        SortedSet<String> keys = new TreeSet<>();
        values(ask("read", (place, ledger) -> ledger.attributeKeys())).forEach(keys::addAll);
        return keys;
    }

    // ---- Entries

    @Override
    public RecordPage records(RecordQuery query) {
        List<Answer<RecordPage>> pages = ask("list records of", (place, ledger) -> ledger.records(own(query, place)));
        List<LedgerEntry> merged = new ArrayList<>();
        boolean more = false;
        for (Answer<RecordPage> page : pages) {
            page.value().entries().forEach(entry -> merged.add(placed(entry, page.place())));
            more |= page.value().next().isPresent();
        }
        merged.sort(NEWEST_FIRST);
        // A ledger with more to come has given a whole page, so what is cut off here comes before that.
        List<LedgerEntry> entries = merged.subList(0, Math.min(query.limit(), merged.size()));
        if (!more && merged.size() <= query.limit()) {
            return new RecordPage(entries, Optional.empty());
        }
        LedgerEntry last = entries.get(entries.size() - 1);
        return new RecordPage(
                entries,
                Optional.of(new RecordQuery.Cursor(
                        ChronoUnit.MICROS.between(Instant.EPOCH, last.occurred()), last.sequence())));
    }

    /** The list that one ledger contributes: behind the cursor is what has a lower sequence in the sum. */
    private static RecordQuery own(RecordQuery query, int place) {
        RecordQuery.Builder own =
                RecordQuery.over(query.window()).history(query.history()).limit(query.limit());
        query.filters().forEach(own::where);
        query.after()
                .ifPresent(cursor -> own.after(new RecordQuery.Cursor(
                        cursor.micros(),
                        // Rounded up: s × 32 + place < sequence is s < (sequence − place) ÷ 32.
                        -Math.floorDiv(place - cursor.sequence(), (long) MAX_LEDGERS))));
        return own.build();
    }

    /** The entry with its sequence in the sum. */
    private static LedgerEntry placed(LedgerEntry entry, int place) {
        return new LedgerEntry(
                Math.addExact(Math.multiplyExact(entry.sequence(), (long) MAX_LEDGERS), place),
                entry.id(),
                entry.kind(),
                entry.record(),
                entry.cost(),
                entry.recorded(),
                entry.reversal(),
                entry.revaluation(),
                entry.adjustment());
    }

    @Override
    public Optional<LedgerEntry> find(RecordId id) {
        Objects.requireNonNull(id, "id");
        return first("read", (place, ledger) -> ledger.find(id).map(entry -> placed(entry, place)));
    }

    @Override
    public List<LedgerEntry> revisions(String key) {
        return this.<List<LedgerEntry>>first(
                        "read",
                        (place, ledger) -> Optional.of(ledger.revisions(key))
                                .filter(revisions -> !revisions.isEmpty())
                                .map(revisions -> revisions.stream()
                                        .map(entry -> placed(entry, place))
                                        .toList()))
                .orElse(List.of());
    }

    @Override
    public Optional<Explanation> explain(RecordId id) {
        Objects.requireNonNull(id, "id");
        return first("read", (place, ledger) -> ledger.explain(id));
    }

    // ---- What stands beside the records

    @Override
    public Optional<String> readerState(String key) {
        return first("read", (place, ledger) -> ledger.readerState(key));
    }

    @Override
    public Map<String, String> readerStates(String prefix) {
        Map<String, String> states = new TreeMap<>();
        values(ask("read", (place, ledger) -> ledger.readerStates(prefix)))
                .forEach(own -> own.forEach(states::putIfAbsent));
        return states;
    }

    /** Of the sum a period is closed while each ledger has closed it: the marks that changed that, as far as it reaches. */
    @Override
    public List<PeriodMark> periodMarks() {
        List<Answer<List<PeriodMark>>> all = ask("read", (place, ledger) -> ledger.periodMarks());
        List<Answer<PeriodMark>> marks = all.stream()
                .flatMap(answer -> answer.value().stream().map(mark -> new Answer<>(answer.place(), mark)))
                .sorted(Comparator.comparing(answer -> answer.value().recorded()))
                .toList();
        SortedMap<Integer, Instant> closed = new TreeMap<>();
        List<PeriodMark> ofAll = new ArrayList<>();
        for (Answer<PeriodMark> answer : marks) {
            PeriodMark mark = answer.value();
            mark.closedBefore()
                    .ifPresentOrElse(before -> closed.put(answer.place(), before), () -> closed.remove(answer.place()));
            Optional<Instant> before = closed.size() < members.size()
                    ? Optional.empty()
                    : closed.values().stream().min(Comparator.naturalOrder());
            if (!before.equals(PeriodMark.closedBefore(ofAll))) {
                ofAll.add(new PeriodMark(before, mark.zone(), mark.reason(), mark.recorded()));
            }
        }
        return ofAll;
    }

    @Override
    public PriceBook prices() {
        return prices;
    }

    /** Checks each ledger; what differs is told with the ledger's name before it. */
    @Override
    public VerifyReport verify() {
        List<Answer<VerifyReport>> reports = ask("check", (place, ledger) -> ledger.verify(), null);
        long entries = values(reports).mapToLong(VerifyReport::entries).sum();
        return new VerifyReport(
                entries,
                reports.stream()
                        .flatMap(report -> report.value().differences().stream()
                                .map(difference -> members.get(report.place()).name() + ": " + difference))
                        .limit(VerifyReport.MAX_DIFFERENCES)
                        .toList());
    }

    // ---- Writing

    @Override
    public List<WriteResult> write(Batch batch) {
        throw readOnly("append to");
    }

    @Override
    public ConditionalResult writeIf(String key, String expected, Batch batch) {
        throw readOnly("append to");
    }

    @Override
    public boolean compareAndSetReaderState(String key, String expected, Map<String, String> states) {
        throw readOnly("write to");
    }

    @Override
    public ReversalResult reverse(RecordId id, String reason) {
        throw readOnly("reverse a record in");
    }

    @Override
    public ReversalResult replace(RecordId id, UsageRecord replacement, String reason) {
        throw readOnly("replace a record in");
    }

    @Override
    public PeriodMark markPeriod(Optional<Instant> closedBefore, ZoneId zone, String reason) {
        throw readOnly("close a period of");
    }

    @Override
    public void rebuild() {
        throw readOnly("rebuild");
    }

    private LedgerReadOnlyException readOnly(String action) {
        return new LedgerReadOnlyException(
                "cannot " + action + " " + String.join(", ", ledgers())
                        + ": several ledgers that are added up are for reading alone; nothing was stored, name one of them",
                null);
    }

    /** Ends the questions under way, and closes all ledgers that were opened. */
    @Override
    public void close() {
        members.forEach(LedgerMember::stop);
        RuntimeException failed = null;
        for (LedgerMember member : members) {
            try {
                member.close(CLOSING);
            } catch (RuntimeException e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public String toString() {
        return "FederatedLedger" + members;
    }
}
