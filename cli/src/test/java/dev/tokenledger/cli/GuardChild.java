package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.Admission;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.budgets.CallEstimate;
import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.postgres.PostgresAddress;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Makes calls under a budget from several threads, in a process of its own that may die before it records them. */
final class GuardChild {

    /** 1 USD per million tokens of input. */
    static final String MODEL = "house-model";

    static final Instant NOW = Instant.parse("2026-03-10T12:00:00Z");

    private static final int DEATH = 9;

    private GuardChild() {}

    static PriceBook prices() {
        return PriceBook.of(List.of(PriceEntry.simple(MODEL, BigDecimal.ONE, BigDecimal.TEN)));
    }

    static Budget budget(String usd) {
        return new Budget("all", Map.of(), Budget.Period.DAY, Usd.parse(usd), Optional.empty());
    }

    /** A call of so many tokens of input, a millionth of a USD each. */
    static UsageRecord record(String id, long tokens) {
        return UsageRecord.builder()
                .id(id)
                .timestamp(NOW)
                .identity(new ModelIdentity(MODEL, MODEL, "", ""))
                .inputTokens(tokens)
                .build();
    }

    static CallEstimate estimate(String usd) {
        return CallEstimate.of(new ModelIdentity(MODEL, MODEL, "", ""), Usd.parse(usd));
    }

    static Ledger open(String place, InstantSource clock) {
        if (!PostgresAddress.isAddress(place)) {
            return SqliteLedger.builder().prices(prices()).clock(clock).open(Path.of(place));
        }
        PostgresAddress address = PostgresAddress.parse(place, Map.of(), warning -> {});
        return PostgresLedger.builder()
                .schema(address.schema().orElseThrow())
                .prices(prices())
                .clock(clock)
                .open(address.dataSource());
    }

    /** A child that asks for 0.01 USD a call, of 1 USD. */
    static Process start(String place, String name, int threads, int calls, boolean dies) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), GuardChild.class.getName()));
        command.addAll(
                List.of(place, name, Integer.toString(threads), Integer.toString(calls), Boolean.toString(dies)));
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many of the calls were admitted; each is recorded, unless the process is to die first. */
    static int run(BudgetGuard guard, String name, int threads, int calls, boolean dies) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<Integer>> futures = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                String prefix = name + "-" + thread + "-";
                futures.add(executor.submit(() -> {
                    int admitted = 0;
                    for (int i = 0; i < calls; i++) {
                        Admission admission = guard.admit(prefix + i, Attribution.NONE, estimate("0.01"));
                        if (admission.isAdmitted()) {
                            admitted++;
                            if (!dies) {
                                guard.append(admission.reservation(), record(prefix + i, 10_000));
                            }
                        }
                    }
                    return admitted;
                }));
            }
            int admitted = 0;
            for (Future<Integer> future : futures) {
                admitted += future.get();
            }
            return admitted;
        } finally {
            executor.shutdownNow();
        }
    }

    public static void main(String[] arguments) throws Exception {
        InstantSource clock = InstantSource.fixed(NOW);
        boolean dies = Boolean.parseBoolean(arguments[4]);
        try (Ledger ledger = open(arguments[0], clock)) {
            BudgetGuard guard = BudgetGuard.builder(ledger, () -> List.of(budget("1")))
                    .clock(clock)
                    .build();
            int admitted =
                    run(guard, arguments[1], Integer.parseInt(arguments[2]), Integer.parseInt(arguments[3]), dies);
            System.out.println("admitted " + admitted);
            System.out.flush();
            if (dies) {
                Runtime.getRuntime().halt(DEATH);
            }
        }
    }
}
