package dev.tokenledger.alerts;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.alerts.AlertLog.Open;
import dev.tokenledger.alerts.AlertState.Delivery;
import dev.tokenledger.alerts.AlertState.Status;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetPlan;
import dev.tokenledger.formats.budgets.Channel;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.money.Usd;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocketFactory;

/**
 * Tells a budget file's channels when its budgets reach their thresholds: in the background beside a program that records ({@link
 * #start}), or once ({@link #runOnce}), as by a timer.
 *
 * <p>What is reached is noted in the ledger before anybody is told, and each channel is told once for a threshold, period and
 * budget, by whichever process on the ledger comes first; another limit, name, filter or zone is another budget. A try that fails is
 * repeated with growing delays for two days. A process that dies between the note and the answer is followed by another or its next
 * start, after a minute at most; if it dies between the answer and the note of that, the receiver is told twice, under the same id.
 *
 * <p>Nobody waits for it: {@link #recorded} sets a mark. The ledger is asked at most once a second after records were stored and
 * for no more than a tenth of the time, and each minute. Safe for use by many threads.
 */
public final class BudgetAlerts implements AutoCloseable {

    /** How often it is tried to note what became of a delivery, a second apart. */
    private static final int MAX_NOTES = 20;

    private final Supplier<BudgetPlan> plan;
    private final AlertLog log;
    private final Senders senders;
    private final InstantSource clock;
    private final AlertLoop loop;
    private final Map<Count, Long> counts = new ConcurrentSkipListMap<>();

    private BudgetAlerts(Builder builder) {
        plan = builder.plan;
        log = new AlertLog(builder.ledger, builder.zone);
        clock = builder.clock;
        senders = new Senders(builder.variables, clock, builder.tls, builder.timeout);
        loop = new AlertLoop(new Steps(), clock, builder.notices, builder.warnings);
    }

    /** What the loop does, over the plan in force. */
    private final class Steps implements AlertLoop.Steps {
        @Override
        public void note() {
            log.note(plan.get(), clock.instant());
        }

        @Override
        public List<Open> open() {
            return log.open(plan.get());
        }

        @Override
        public Optional<Attempt> deliver(Open open) throws InterruptedException {
            return BudgetAlerts.this.deliver(open);
        }
    }

    /** What a try came to. */
    public enum Result {
        /** The receiver took it. */
        SENT,
        /** It did not, and is tried again. */
        RETRY,
        /** It did not, and is given up. */
        FAILED
    }

    /**
     * A try to tell a channel.
     *
     * @param channel the channel's name
     * @param message what was told, or why it was not; no addresses and no secrets
     */
    public record Attempt(String channel, Result result, String message) {}

    /**
     * What is counted.
     *
     * @param channel a channel's name, of which a file has at most 10
     */
    public record Count(String channel, Result result) implements Comparable<Count> {
        @Override
        public int compareTo(Count other) {
            int byChannel = channel.compareTo(other.channel);
            return byChannel == 0 ? result.compareTo(other.result) : byChannel;
        }
    }

    /**
     * Builds one.
     *
     * @param ledger the one whose budgets they are, perhaps of other processes too; it has to compare and set readers' states
     * @param plan the budgets and channels in force, asked each time
     */
    public static Builder builder(Ledger ledger, Supplier<BudgetPlan> plan) {
        return new Builder(ledger, plan);
    }

    /** What keeps channels from being told, as far as that shows without telling them: a line for each, without secrets. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (Channel channel : plan.get().channels()) {
            senders.problem(channel).ifPresent(problem -> problems.add("channel " + channel.name() + ": " + problem));
        }
        return problems;
    }

    /** How many tries this process made, by channel and result. */
    public Map<Count, Long> counts() {
        return new TreeMap<>(counts);
    }

    /** Begins to tell in the background, what was reached before first. */
    public void start() {
        loop.start();
    }

    /** Says that something was stored, so that budgets may have reached something. Returns at once. */
    public void recorded() {
        loop.recorded();
    }

    /**
     * Finds out what was reached, and tries each delivery once that is due.
     *
     * @return the tries, in order
     * @throws DocumentException if the plan cannot be read
     * @throws LedgerException if the ledger cannot be asked
     */
    public List<Attempt> runOnce() {
        BudgetPlan now = plan.get();
        log.note(now, clock.instant());
        List<Attempt> attempts = new ArrayList<>();
        try {
            for (Open open : log.open(now)) {
                deliver(open).ifPresent(attempts::add);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return attempts;
    }

    /**
     * Tells a channel that this is a test, once and without a note.
     *
     * @throws IllegalArgumentException if there is no channel of this name; the message lists them
     * @throws DocumentException if the plan cannot be read
     */
    public Attempt test(String name) {
        BudgetPlan now = plan.get();
        Channel channel = now.channels().stream()
                .filter(each -> each.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no channel of this name; there "
                        + (now.channels().isEmpty()
                                ? "are none in the budget file"
                                : "is " + String.join(", ", names(now)))));
        Instant instant = clock.instant();
        Notice notice = new Notice(
                "evt_test_" + UUID.randomUUID(),
                new Budget("test", Map.of(), Budget.Period.DAY, Usd.parse("1"), Optional.empty()),
                ZoneOffset.UTC,
                Optional.empty(),
                instant);
        try {
            Outcome outcome = senders.send(channel, notice);
            return new Attempt(
                    name,
                    outcome.sent() ? Result.SENT : Result.FAILED,
                    outcome.sent() ? "the receiver took the test" : outcome.message());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Attempt(name, Result.FAILED, "interrupted before there was an answer");
        }
    }

    private static List<String> names(BudgetPlan plan) {
        return plan.channels().stream().map(Channel::name).toList();
    }

    /** Tries a delivery, if it is due and no other process has it. */
    private Optional<Attempt> deliver(Open open) throws InterruptedException {
        Optional<Open> claimed = log.claim(open, clock.instant());
        return claimed.isPresent() ? Optional.of(send(claimed.get())) : Optional.empty();
    }

    private Attempt send(Open claimed) throws InterruptedException {
        Notice notice = new Notice(
                AlertLog.id(claimed),
                claimed.budget(),
                log.zone(claimed.budget()),
                Optional.of(claimed.event()),
                claimed.event().standing().at());
        Outcome outcome = senders.send(claimed.channel(), notice);
        Delivery delivery = settle(claimed, outcome);
        Result result =
                outcome.sent() ? Result.SENT : delivery.status() == Status.FAILED ? Result.FAILED : Result.RETRY;
        String name = claimed.channel().name();
        counts.merge(new Count(name, result), 1L, Long::sum);
        return new Attempt(
                name,
                result,
                switch (result) {
                    case SENT -> notice.subject();
                    case RETRY ->
                        "not told that " + notice.subject() + ": " + outcome.message() + "; next try at "
                                + delivery.time();
                    case FAILED ->
                        "not told that " + notice.subject() + ": " + outcome.message() + "; given up after "
                                + delivery.attempts() + (delivery.attempts() == 1 ? " try" : " tries");
                });
    }

    /** Notes what became of it, for as long as nobody else has it: a receiver that answered should not be told again. */
    private Delivery settle(Open claimed, Outcome outcome) throws InterruptedException {
        for (int attempt = 1; ; attempt++) {
            try {
                return log.settle(claimed, outcome, clock.instant());
            } catch (LedgerException e) {
                if (attempt == MAX_NOTES) {
                    throw e;
                }
                TimeUnit.SECONDS.sleep(1);
            }
        }
    }

    /** Ends the telling: what is under way has a few seconds, what is open is told by the next process. The ledger stays open. */
    @Override
    public void close() {
        loop.close();
    }

    /** Builds one. Not safe for use by several threads. */
    public static final class Builder {

        private final Ledger ledger;
        private final Supplier<BudgetPlan> plan;
        private ZoneId zone = ZoneOffset.UTC;
        private InstantSource clock = InstantSource.system();
        private UnaryOperator<String> variables = name -> {
            String value = System.getenv(name);
            return value == null ? "" : value;
        };
        private Supplier<SSLSocketFactory> tls = () -> (SSLSocketFactory) SSLSocketFactory.getDefault();
        private Duration timeout = Senders.TIMEOUT;
        private Consumer<String> notices = notice -> {};
        private Consumer<String> warnings = warning -> {};

        private Builder(Ledger ledger, Supplier<BudgetPlan> plan) {
            this.ledger = Objects.requireNonNull(ledger, "ledger");
            this.plan = Objects.requireNonNull(plan, "plan");
        }

        /** The zone of budgets that state none; default: UTC. All processes on a ledger should have the same. */
        public Builder zone(ZoneId usual) {
            zone = Objects.requireNonNull(usual, "usual");
            return this;
        }

        /** What "now" is read from; default: the system's clock. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        /** The environment that secrets are looked up in: a variable's value, empty where it is not set; default: the process's. */
        public Builder variables(UnaryOperator<String> environment) {
            variables = Objects.requireNonNull(environment, "environment");
            return this;
        }

        /** What encrypts connections to mail servers; default: Java's own. */
        Builder tls(SSLSocketFactory factory) {
            tls = () -> factory;
            return this;
        }

        /** The longest that a try takes; default: 15 seconds. */
        Builder timeout(Duration limit) {
            timeout = limit;
            return this;
        }

        /** Whom to tell what was told, a line each, without secrets; default: nobody. Called by many threads. */
        public Builder notices(Consumer<String> listener) {
            notices = Objects.requireNonNull(listener, "notices");
            return this;
        }

        /** Whom to tell what failed, a line each, without secrets; default: nobody. Called by many threads. */
        public Builder warnings(Consumer<String> listener) {
            warnings = Objects.requireNonNull(listener, "warnings");
            return this;
        }

        /** The alerts, not yet started. */
        public BudgetAlerts build() {
            return new BudgetAlerts(this);
        }
    }
}
