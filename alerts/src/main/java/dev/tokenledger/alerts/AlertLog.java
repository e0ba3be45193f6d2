package dev.tokenledger.alerts;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.alerts.AlertState.Delivery;
import dev.tokenledger.alerts.AlertState.Event;
import dev.tokenledger.alerts.AlertState.Status;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetPlan;
import dev.tokenledger.formats.budgets.BudgetStatus;
import dev.tokenledger.formats.budgets.Channel;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What was reached and who was told, in a ledger: a reader's state for each budget. A state is changed by compare-and-set alone;
 * who loses reads it again. So a threshold is noted once, and a delivery is had by one process at a time, whatever their number.
 * Safe for use by many threads.
 */
final class AlertLog {

    /** How long after a try the next one follows; then it is given up. */
    static final List<Duration> DELAYS = List.of(
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofMinutes(2),
            Duration.ofMinutes(10),
            Duration.ofMinutes(30),
            Duration.ofHours(1),
            Duration.ofHours(2),
            Duration.ofHours(4),
            Duration.ofHours(8),
            Duration.ofHours(12),
            Duration.ofHours(20));

    private static final String PREFIX = "budget-alerts/";

    /** How often a change is tried that loses against other processes, each time because one of them made its own. */
    private static final int MAX_ATTEMPTS = 1_000;

    /** How long the state of a budget is kept that is in no file any more, from the end of its period on. */
    private static final Duration KEPT = Duration.ofDays(62);

    private static final int TOKEN_LENGTH = 16;
    private static final int PERCENT = 100;
    private static final int JITTER_PERCENT = 20;

    private final Ledger ledger;
    private final ZoneId zone;

    /**
     * A delivery that is to be made, or is being made.
     *
     * @param key the state that it is in
     */
    record Open(String key, Budget budget, Event event, Channel channel, Delivery delivery) {}

    /** A log in this ledger, of budgets whose days and months are those of the zone where they name none. */
    AlertLog(Ledger ledger, ZoneId zone) {
        this.ledger = ledger;
        this.zone = zone;
    }

    /** The zone of a budget's days and months. */
    ZoneId zone(Budget budget) {
        return budget.zoneOr(zone);
    }

    private String key(Budget budget) {
        return PREFIX + Digests.budget(budget, zone(budget));
    }

    /** The id of an event. */
    static String id(Open open) {
        return Digests.event(open.key.substring(PREFIX.length()), open.event);
    }

    /** Finds out what was reached, and notes it; durable on return. */
    void note(BudgetPlan plan, Instant now) {
        List<Budget> watched = plan.budgets().stream()
                .filter(budget -> !plan.channels(budget).isEmpty()
                        && !budget.policy().thresholds().isEmpty())
                .toList();
        if (watched.isEmpty()) {
            return;
        }
        Map<String, String> states = ledger.readerStates(PREFIX);
        Set<String> keys = new HashSet<>();
        for (BudgetStatus status : BudgetStatus.of(watched, ledger, now, zone)) {
            Budget budget = status.budget();
            String key = key(budget);
            keys.add(key);
            note(
                    key,
                    states.getOrDefault(key, ""),
                    status,
                    plan.channels(budget).stream().map(Channel::name).toList(),
                    now);
        }
        forget(states, keys, now);
    }

    private void note(String key, String known, BudgetStatus status, List<String> channels, Instant now) {
        String text = known;
        Map<Instant, BudgetStatus> earlier = new HashMap<>();
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            Optional<AlertState> before = text.isEmpty() ? Optional.empty() : Optional.of(parsed(text));
            AlertState next = Crossings.next(
                    before,
                    status,
                    then -> earlier.computeIfAbsent(
                            then,
                            instant -> BudgetStatus.of(List.of(status.budget()), ledger, instant, zone)
                                    .get(0)),
                    channels,
                    now);
            if (before.filter(next::equals).isPresent()
                    || ledger.compareAndSetReaderState(key, text, Map.of(key, next.text()))) {
                return;
            }
            text = ledger.readerState(key).orElse("");
        }
    }

    /** Removes the states of budgets that nobody has looked at for long. */
    private void forget(Map<String, String> states, Set<String> keys, Instant now) {
        Batch.Builder batch = Batch.builder();
        states.forEach((key, text) -> {
            if (!keys.contains(key) && parsed(text).end().plus(KEPT).isBefore(now)) {
                batch.readerState(key, "");
            }
        });
        Batch built = batch.build();
        if (!built.readerStates().isEmpty()) {
            ledger.write(built);
        }
    }

    /**
     * The deliveries that are open, those of other processes too. One of a budget or channel that is not in the plan any more is
     * left alone.
     */
    List<Open> open(BudgetPlan plan) {
        if (plan.channels().isEmpty()) {
            return List.of();
        }
        Map<String, String> states = ledger.readerStates(PREFIX);
        List<Open> open = new ArrayList<>();
        for (Budget budget : plan.budgets()) {
            String key = key(budget);
            String text = states.get(key);
            if (text == null) {
                continue;
            }
            for (Event event : parsed(text).events()) {
                for (Delivery delivery : event.deliveries()) {
                    plan.channels().stream()
                            .filter(channel ->
                                    delivery.isOpen() && channel.name().equals(delivery.channel()))
                            .forEach(channel -> open.add(new Open(key, budget, event, channel, delivery)));
                }
            }
        }
        return List.copyOf(open);
    }

    /** Takes a delivery for this process, durable on return; empty if it is not due or another process has it. */
    Optional<Open> claim(Open open, Instant now) {
        String token = UUID.randomUUID().toString().replace("-", "").substring(0, TOKEN_LENGTH);
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            String text = ledger.readerState(open.key).orElse("");
            if (text.isEmpty()) {
                return Optional.empty();
            }
            AlertState state = parsed(text);
            Optional<Delivery> due =
                    state.delivery(open.event, open.channel.name()).filter(delivery -> delivery.isDue(now));
            if (due.isEmpty()) {
                return Optional.empty();
            }
            Delivery claimed = new Delivery(
                    open.channel.name(),
                    Status.CLAIMED,
                    due.get().attempts() + 1,
                    now.plus(Senders.LEASE),
                    token,
                    due.get().reason());
            if (set(open.key, text, state.with(open.event, claimed))) {
                return Optional.of(new Open(open.key, open.budget, open.event, open.channel, claimed));
            }
        }
        return Optional.empty();
    }

    /**
     * Notes what became of a delivery that this process had, durable on return.
     *
     * @return where it stands now
     */
    Delivery settle(Open claimed, Outcome outcome, Instant now) {
        Delivery mine = claimed.delivery;
        Delivery next = next(mine, outcome, now);
        for (int attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
            String text = ledger.readerState(claimed.key).orElse("");
            if (text.isEmpty()) {
                return next;
            }
            AlertState state = parsed(text);
            Optional<Delivery> current = state.delivery(claimed.event, mine.channel());
            boolean lost = current.filter(delivery -> delivery.token().equals(mine.token()))
                    .isEmpty();
            if (current.isEmpty() || !current.get().isOpen() || (lost && !outcome.sent())) {
                // It took longer than the lease, and another process has gone on.
                return current.orElse(next);
            }
            if (set(claimed.key, text, state.with(claimed.event, next))) {
                return next;
            }
        }
        return next;
    }

    private static Delivery next(Delivery mine, Outcome outcome, Instant now) {
        String channel = mine.channel();
        if (outcome.sent()) {
            return new Delivery(channel, Status.SENT, mine.attempts(), now, "", "");
        }
        if (outcome.gone() || mine.attempts() > DELAYS.size()) {
            return new Delivery(channel, Status.FAILED, mine.attempts(), now, "", outcome.reason());
        }
        Duration delay = jittered(DELAYS.get(mine.attempts() - 1));
        Duration asked = outcome.retryAfter().orElse(Duration.ZERO);
        return new Delivery(
                channel,
                Status.PENDING,
                mine.attempts(),
                now.plus(asked.compareTo(delay) > 0 ? asked : delay),
                "",
                outcome.reason());
    }

    /** Up to a fifth more or less, so that many senders do not come back at the same time. */
    private static Duration jittered(Duration delay) {
        int percent = ThreadLocalRandom.current().nextInt(PERCENT - JITTER_PERCENT, PERCENT + JITTER_PERCENT + 1);
        return delay.multipliedBy(percent).dividedBy(PERCENT);
    }

    private static AlertState parsed(String text) {
        try {
            return AlertState.parse(text);
        } catch (IllegalArgumentException e) {
            throw new LedgerIncompatibleException(
                    "cannot read what was told of a budget: " + e.getMessage() + "; update Tokenledger", e);
        }
    }

    private boolean set(String key, String expected, AlertState next) {
        return ledger.compareAndSetReaderState(key, expected, Map.of(key, next.text()));
    }
}
