package dev.tokenledger.formats.budgets;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerOverloadedException;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.text.ModelNames;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Asks before a call whether its budgets have room, and reserves it.
 *
 * <pre>{@code
 * BudgetGuard guard = BudgetGuard.builder(ledger, budgetFile::read).build();
 * Admission admission = guard.admit(Attribution.current(), guard.worstCase(model, 1_200, 2_000)).orThrow();
 * UsageRecord record = ...; // the call
 * guard.append(admission.reservation(), record);
 * }</pre>
 *
 * <p>What was spent is the ledger's total of the budget's period, never a counter, so nothing has to be reset. What is reserved is
 * kept in the ledger too, and expires. A call is admitted if, for every budget that it falls under, spent + reserved + asked is at
 * most the limit, or the budget is soft, which only warns; all of its budgets or none. The record of the call ends the reservation in its own commit: the room is never
 * counted twice nor missing for longer than that. A call that happened is always recorded, also beyond the limit and after its
 * reservation expired.
 *
 * <p><b>Tolerance.</b> Whatever the number of threads and of processes on the ledger, spent + reserved exceeds a limit by no more
 * than what calls cost that nobody asked a guard for, what settled calls cost beyond their estimates, and what calls cost that
 * were recorded after their reservation had expired. A call without a price is such a one, see {@link Builder#refuseUnpriced}.
 * Reservations are counted by what budgets filter on, so budgets that are the same but for name, period, zone and limit count the
 * same ones; a budget with a new filter counts those made from then on. Where processes run on several machines, reservations
 * expire by the clock of whoever looks.
 *
 * <p>Which budgets a call falls under is decided by what is known before it: its {@link Attribution} and the estimate's record. A
 * label that neither has is absent. What only the answer tells (the model's name at the provider, provider, server, service tier,
 * source, outcome, whether it is priced) is taken to be what the budget asks for, unless the estimate states it: such a call may
 * be refused for a budget that would not have counted it, and never passes one by that does. A budget for a dated
 * version of a model, which providers answer with, counts calls that ask for the model without the date too.
 *
 * <p>Safe for use by many threads. A ledger that cannot be asked throws a {@link LedgerException}; what that means to a call is
 * the host's to say.
 */
public final class BudgetGuard {

    /** How long a reservation lasts that nobody settles; default. */
    public static final Duration DEFAULT_TTL = Duration.ofMinutes(10);

    /** The longest that a reservation can last. */
    public static final Duration MAX_TTL = Duration.ofHours(24);

    /** The most reservations that are open at a time in one ledger. */
    public static final int MAX_OPEN = 10_000;

    /** How often an admission is tried that loses against other processes, each time because one of them was admitted. */
    private static final int MAX_ATTEMPTS = 1_000;

    /** How many expired reservations an admission clears away at most. */
    private static final int MAX_CLEARED = 1_000;

    /** What is known before a call; everything else only its answer tells. */
    private static final Set<Dimension> KNOWN =
            Set.of(Dimension.ROLE, Dimension.TASK, Dimension.SESSION, Dimension.CONVERSATION);

    private final Ledger ledger;
    private final Supplier<List<Budget>> budgets;
    private final ZoneId zone;
    private final InstantSource clock;
    private final Duration ttl;
    private final BigDecimal warnAt;
    private final boolean refuseUnpriced;

    /** Admissions of one process take turns here, where waiting costs less than losing against each other in the ledger. */
    private final ReentrantLock turn = new ReentrantLock();

    private BudgetGuard(Builder builder) {
        ledger = builder.ledger;
        budgets = builder.budgets;
        zone = builder.zone;
        clock = builder.clock;
        ttl = builder.ttl;
        warnAt = builder.warnAt;
        refuseUnpriced = builder.refuseUnpriced;
    }

    /** A guard of fixed budgets, with defaults. */
    public static BudgetGuard of(Ledger ledger, Budget... budgets) {
        List<Budget> fixed = List.of(budgets);
        return builder(ledger, () -> fixed).build();
    }

    /**
     * Builds a guard.
     *
     * @param ledger the one that calls are recorded in, perhaps by others too
     * @param budgets asked at each admission, as {@link BudgetFile#read} is
     */
    public static Builder builder(Ledger ledger, Supplier<List<Budget>> budgets) {
        return new Builder(ledger, budgets);
    }

    /** The most that a call can cost now by the ledger's prices, see {@link CallEstimate#worstCase}. */
    public CallEstimate worstCase(ModelIdentity model, long inputTokens, long maxOutputTokens) {
        return CallEstimate.worstCase(model, inputTokens, maxOutputTokens, ledger.prices(), clock.instant());
    }

    /** Asks for room and reserves it, under a new name. */
    public Admission admit(Attribution attribution, CallEstimate estimate) {
        return admit(UUID.randomUUID().toString(), attribution, estimate);
    }

    /**
     * Asks for room and reserves it. Durable on return. Asking again under the same name, as after a timeout, finds the same
     * reservation as long as it is open.
     *
     * @param reservation names the reservation; 1 to 128 characters
     * @throws IllegalArgumentException if the name is none, or that of an open reservation of another amount or other labels
     * @throws LedgerBusyException if other processes were admitted all the time; ask again
     * @throws LedgerOverloadedException if {@link #MAX_OPEN} reservations are open
     */
    public Admission admit(String reservation, Attribution attribution, CallEstimate estimate) {
        String id = checkName(reservation);
        UsageRecord call = attribution.applyTo(estimate.call());
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LedgerInterruptedException(
                    "cannot reserve a call's budget: the thread was interrupted; nothing was reserved", e);
        }
        try {
            for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
                Admission admission = attempt(id, call, estimate);
                if (admission != null) {
                    return admission;
                }
            }
        } finally {
            turn.unlock();
        }
        throw new LedgerBusyException(
                "cannot reserve a call's budget: other processes changed reservations " + MAX_ATTEMPTS
                        + " times meanwhile; nothing was reserved, ask again",
                null);
    }

    /**
     * Says what {@link #admit} would, and reserves nothing.
     */
    public Admission check(Attribution attribution, CallEstimate estimate) {
        UsageRecord call = attribution.applyTo(estimate.call());
        Instant now = clock.instant();
        OpenReservations open = OpenReservations.read(ledger, now);
        List<BudgetRoom> rooms = rooms(call, estimate, "", open, now);
        return new Admission("", outcome(estimate, rooms), estimate, now, rooms);
    }

    /** One try; null if it is to be tried again because others changed what it rested on. */
    private @Nullable Admission attempt(String id, UsageRecord call, CallEstimate estimate) {
        Instant now = clock.instant();
        // Reservations first, then totals: a call that is settled in between counts twice for a moment, and never not
        // at all.
        OpenReservations open = OpenReservations.read(ledger, now);
        List<BudgetRoom> rooms = rooms(call, estimate, id, open, now);
        Reservation mine = new Reservation(
                now.plus(ttl),
                estimate.amount(),
                scopes(rooms.stream().map(BudgetRoom::budget).toList()));
        Reservation known = open.byId().get(id);
        if (known != null) {
            if (!known.amount().equals(mine.amount()) || !known.scopes().equals(mine.scopes())) {
                throw new IllegalArgumentException(
                        "reservation: the name " + id + " is that of an open reservation of another amount or for other"
                                + " budgets; give each call a name of its own");
            }
            return new Admission(id, admitted(estimate, rooms), estimate, known.expires(), rooms);
        }
        Admission.Outcome outcome = outcome(estimate, rooms);
        if (outcome == Admission.Outcome.REFUSED) {
            boolean settledMeanwhile = !OpenReservations.read(ledger, now)
                    .byId()
                    .keySet()
                    .containsAll(open.byId().keySet());
            return settledMeanwhile ? null : new Admission(id, outcome, estimate, now, rooms);
        }
        if (rooms.isEmpty()) {
            return new Admission(id, outcome, estimate, now, rooms);
        }
        if (open.byId().size() >= MAX_OPEN) {
            throw new LedgerOverloadedException("cannot reserve a call's budget: " + MAX_OPEN
                    + " reservations are open; settle or release them, or ask again once they have expired");
        }
        Map<String, String> states = new LinkedHashMap<>();
        states.put(OpenReservations.TURN, open.nextTurn());
        states.put(OpenReservations.key(id), mine.text());
        open.expired().stream()
                .filter(expired -> !expired.equals(id))
                .limit(MAX_CLEARED)
                .forEach(expired -> states.put(OpenReservations.key(expired), ""));
        return ledger.compareAndSetReaderState(OpenReservations.TURN, open.turn(), states)
                ? new Admission(id, outcome, estimate, mine.expires(), rooms)
                : null;
    }

    private List<BudgetRoom> rooms(
            UsageRecord call, CallEstimate estimate, String own, OpenReservations open, Instant now) {
        List<Budget> about =
                budgets.get().stream().filter(budget -> mayCount(budget, call)).toList();
        Map<Budget, Summary> spent = Spending.of(about, ledger, now, zone);
        List<BudgetRoom> rooms = new ArrayList<>();
        for (Budget budget : about) {
            rooms.add(new BudgetRoom(
                    budget,
                    budget.window(now, zone),
                    spent.getOrDefault(budget, Summary.ZERO),
                    open.amount(Reservation.scope(budget), own),
                    estimate.amount()));
        }
        return rooms;
    }

    /** Whether a budget counts the call, or may count it for all that is known. */
    private static boolean mayCount(Budget budget, UsageRecord call) {
        return budget.filters().entrySet().stream().allMatch(filter -> {
            Dimension dimension = filter.getKey();
            if (dimension.equals(Dimension.PRICING_STATUS) || dimension.equals(Dimension.OUTCOME)) {
                return true;
            }
            String value = dimension.valueOf(call, "");
            boolean known = !value.isEmpty()
                    || KNOWN.contains(dimension)
                    || dimension.attributeKey().isPresent();
            return !known || value.equals(filter.getValue()) || isAnswerTo(dimension, value, filter.getValue());
        });
    }

    /** Whether a model that a budget counts may be what answers the one that is asked for: a dated version of it. */
    private static boolean isAnswerTo(Dimension dimension, String asked, String counted) {
        return (dimension.equals(Dimension.MODEL) || dimension.equals(Dimension.UPSTREAM_MODEL))
                && ModelNames.isVersionOf(counted, asked);
    }

    private static Set<String> scopes(List<Budget> budgets) {
        Set<String> scopes = new TreeSet<>();
        budgets.forEach(budget -> scopes.add(Reservation.scope(budget)));
        return scopes;
    }

    private Admission.Outcome outcome(CallEstimate estimate, List<BudgetRoom> rooms) {
        if (rooms.stream().anyMatch(BudgetRoom::isRefusing)) {
            return Admission.Outcome.REFUSED;
        }
        List<BudgetRoom> hard =
                rooms.stream().filter(room -> room.budget().isHard()).toList();
        if (refuseUnpriced && isUncertain(estimate, hard)) {
            return Admission.Outcome.REFUSED;
        }
        return admitted(estimate, rooms);
    }

    private Admission.Outcome admitted(CallEstimate estimate, List<BudgetRoom> rooms) {
        return isUncertain(estimate, rooms) || rooms.stream().anyMatch(room -> room.reaches(warnAt))
                ? Admission.Outcome.WARNED
                : Admission.Outcome.ALLOWED;
    }

    private static boolean isUncertain(CallEstimate estimate, List<BudgetRoom> rooms) {
        return !rooms.isEmpty() && (!estimate.isPriced() || rooms.stream().anyMatch(BudgetRoom::isUncertain));
    }

    /**
     * Appends the record of a call and ends its reservation, in one commit; also where the record was there already, as after a
     * retry, or cannot be taken.
     */
    public AppendResult append(String reservation, UsageRecord record) {
        Batch.Builder batch = Batch.builder().append(record);
        return (AppendResult) ledger.write(settle(batch, reservation).build()).get(0);
    }

    /** Has a batch end a reservation in its commit, for a host that writes by batches. One that is not open is none. */
    public static Batch.Builder settle(Batch.Builder batch, String reservation) {
        return batch.readerState(OpenReservations.key(checkName(reservation)), "");
    }

    /**
     * Ends a reservation whose call will cost nothing, such as one that the provider refused or that was not sent. Do so only
     * where that is sure; else let it expire. One that is not open is none. Durable on return.
     */
    public void release(String reservation) {
        ledger.write(settle(Batch.builder(), reservation).build());
    }

    /**
     * A name for a reservation.
     *
     * @return the name
     * @throws IllegalArgumentException if it is blank, longer than 128 characters or no text
     */
    public static String checkName(String reservation) {
        String id = Texts.checked("reservation", reservation, Bound.ID);
        if (id.isEmpty()) {
            throw new IllegalArgumentException("reservation: must not be blank");
        }
        return id;
    }

    /** Builds a guard. Not safe for use by several threads. */
    public static final class Builder {

        private final Ledger ledger;
        private final Supplier<List<Budget>> budgets;
        private ZoneId zone = ZoneOffset.UTC;
        private InstantSource clock = InstantSource.system();
        private Duration ttl = DEFAULT_TTL;
        private BigDecimal warnAt = new BigDecimal("0.8");
        private boolean refuseUnpriced;

        private Builder(Ledger ledger, Supplier<List<Budget>> budgets) {
            this.ledger = Objects.requireNonNull(ledger, "ledger");
            this.budgets = Objects.requireNonNull(budgets, "budgets");
        }

        /** The zone of budgets that state none; default: UTC. All guards of a ledger should have the same. */
        public Builder zone(ZoneId usual) {
            zone = Objects.requireNonNull(usual, "usual");
            return this;
        }

        /** What "now" is read from; default: the system's clock. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        /**
         * How long a reservation lasts that nobody settles: longer than calls take; default: 10 minutes.
         *
         * @throws IllegalArgumentException if it is less than 1 second or more than 24 hours
         */
        public Builder ttl(Duration duration) {
            if (duration.compareTo(Duration.ofSeconds(1)) < 0 || duration.compareTo(MAX_TTL) > 0) {
                throw new IllegalArgumentException("ttl: expected 1 second to 24 hours, found " + duration);
            }
            ttl = duration;
            return this;
        }

        /**
         * From which share of a limit on calls are warned; default: 0.8.
         *
         * @throws IllegalArgumentException if it is not above 0 and at most 1
         */
        public Builder warnAt(BigDecimal share) {
            if (share.signum() <= 0 || share.compareTo(BigDecimal.ONE) > 0) {
                throw new IllegalArgumentException("warnAt: expected more than 0 and at most 1, found " + share);
            }
            warnAt = share;
            return this;
        }

        /**
         * Refuses where nobody can know whether there is room: the call has no price, or calls of the period have none. By default
         * such a call is admitted with a warning, and what is known of its cost is reserved.
         */
        public Builder refuseUnpriced(boolean refuse) {
            refuseUnpriced = refuse;
            return this;
        }

        /** The guard. */
        public BudgetGuard build() {
            return new BudgetGuard(this);
        }
    }
}
