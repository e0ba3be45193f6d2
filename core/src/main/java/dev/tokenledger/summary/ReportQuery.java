package dev.tokenledger.summary;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Asks for several things, to be answered from one moment, see {@link Report}: about one selection of calls, and whatever else
 * {@link #with} adds. Immutable.
 *
 * <pre>{@code
 * Report report = ledger.report(ReportQuery.of(
 *                 SummaryQuery.over(november).by(Dimension.MODEL).limit(10).build())
 *         .before(october)
 *         .countingGroups());
 * }</pre>
 */
public final class ReportQuery {

    /** The most further questions of one report. */
    public static final int MAX_FURTHER = 1_000;

    private final SummaryQuery groups;
    private final @Nullable SummaryQuery before;
    private final boolean countsGroups;
    private final boolean namesUnpriced;
    private final List<SummaryQuery> further;

    private ReportQuery(
            SummaryQuery groups,
            @Nullable SummaryQuery before,
            boolean countsGroups,
            boolean namesUnpriced,
            List<SummaryQuery> further) {
        this.groups = Objects.requireNonNull(groups, "groups");
        this.before = before;
        this.countsGroups = countsGroups;
        this.namesUnpriced = namesUnpriced;
        this.further = further;
    }

    /**
     * Asks for the totals and the groups of a selection.
     *
     * @param groups the selection (its window and filters), its groups, and how many of them are shown; without a limit all
     *     are, as far as the ledger's own limit allows
     */
    public static ReportQuery of(SummaryQuery groups) {
        return new ReportQuery(groups, null, false, false, List.of());
    }

    /** Asks also for the total of another window, with the same filters, such as the month before. */
    public ReportQuery before(TimeWindow window) {
        SummaryQuery other =
                groups.sameCalls(Objects.requireNonNull(window, "window")).build();
        return new ReportQuery(groups, other, countsGroups, namesUnpriced, further);
    }

    /** Asks also how many groups there are where a limit leaves some out, which takes as long as the groups themselves. */
    public ReportQuery countingGroups() {
        return new ReportQuery(groups, before, true, namesUnpriced, further);
    }

    /** Asks also of which models the calls are that are not, or not wholly, in the cost. */
    public ReportQuery namingUnpricedModels() {
        return new ReportQuery(groups, before, countsGroups, true, further);
    }

    /**
     * Asks also another question, about whatever selection; {@link Report#further} has the answers in the order of asking.
     *
     * @throws IllegalArgumentException if there are {@link #MAX_FURTHER} already
     */
    public ReportQuery with(SummaryQuery question) {
        if (further.size() == MAX_FURTHER) {
            throw new IllegalArgumentException("a report answers at most " + MAX_FURTHER + " further questions");
        }
        List<SummaryQuery> questions = new ArrayList<>(further);
        questions.add(Objects.requireNonNull(question, "question"));
        return new ReportQuery(groups, before, countsGroups, namesUnpriced, List.copyOf(questions));
    }

    /** The selection and its groups. */
    SummaryQuery groups() {
        return groups;
    }

    /**
     * The same questions, each of them changed: for whoever stands between those who ask and a ledger, and lets them ask of some
     * calls alone.
     */
    public ReportQuery map(UnaryOperator<SummaryQuery> change) {
        return new ReportQuery(
                change.apply(groups),
                before == null ? null : change.apply(before),
                countsGroups,
                namesUnpriced,
                further.stream().map(change).toList());
    }

    /** The total of the window to compare with, if any. */
    Optional<SummaryQuery> before() {
        return Optional.ofNullable(before);
    }

    /** Whether groups that a limit leaves out are counted. */
    boolean countsGroups() {
        return countsGroups;
    }

    /** Whether the models of calls without a whole price are named. */
    boolean namesUnpricedModels() {
        return namesUnpriced;
    }

    /** The further questions. */
    List<SummaryQuery> further() {
        return further;
    }
}
