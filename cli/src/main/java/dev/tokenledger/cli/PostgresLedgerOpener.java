package dev.tokenledger.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.tokenledger.Ledger;
import dev.tokenledger.clickhouse.ClickHouseAddress;
import dev.tokenledger.clickhouse.ClickHouseCopy;
import dev.tokenledger.postgres.CopyCounts;
import dev.tokenledger.postgres.PostgresAddress;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Opens the ledger in a PostgreSQL database that the user named. */
final class PostgresLedgerOpener implements LedgerLocation {

    /** Questions that a server answers at the same time on the smallest machine, each over a connection. */
    private static final int MIN_READERS = 8;

    /** Requests that wait for that; the server's other threads stay free for what is to be stored. */
    private static final int WAITING_READERS = 48;

    private static final String SCHEMA = "?schema=";

    private final PostgresAddress address;
    private final Environment environment;
    private final Consumer<String> warnings;
    private final Optional<ClickHouseAddress> copy;

    /** What was opened for a server; null before. */
    private volatile @Nullable PostgresLedger served;

    /**
     * Reads the address.
     *
     * @param what the option, variable or parameter that it comes from
     * @param onCommandLine whether other users of the machine see it in the list of processes
     */
    PostgresLedgerOpener(
            String what, String address, boolean onCommandLine, Environment environment, Consumer<String> warnings) {
        this.environment = environment;
        this.warnings = warnings;
        try {
            this.address = PostgresAddress.parse(address, environment.variables(), warnings);
            copy = this.address.copy().map(text -> ClickHouseAddress.parse(text, environment.variables(), warnings));
        } catch (IllegalArgumentException e) {
            throw new UsageException(what + ": " + e.getMessage());
        }
        if (onCommandLine && this.address.holdsPassword()) {
            warnings.accept(what + " holds a password, which other users of this machine see in the list of processes;"
                    + " put it in PGPASSWORD or ~/.pgpass");
        }
    }

    /** Whether a text is an address, and no file's name. */
    static boolean isAddress(String text) {
        return PostgresAddress.isAddress(text);
    }

    @Override
    public String name() {
        return address.toString();
    }

    @Override
    public String shortName() {
        String place = place();
        return place.substring(place.lastIndexOf('/') + 1).replace(SCHEMA, ".");
    }

    /** Two names of one server are not known to be the same. */
    @Override
    public boolean isSame(LedgerLocation other) {
        return other instanceof PostgresLedgerOpener opener && place().equals(opener.place());
    }

    /** The address without its user. */
    private String place() {
        return name().substring(name().indexOf('@') + 1);
    }

    @Override
    public Optional<Database> database() {
        return Optional.of(new Database(address.dataSource(), address.schema(), address.copy()));
    }

    @Override
    public Optional<Path> file() {
        return Optional.empty();
    }

    @Override
    public boolean isAbsent() {
        return builder().isAbsent(address.dataSource());
    }

    @Override
    public Ledger open(PriceBook prices) {
        return builder().prices(prices).readReplica(pool(MIN_READERS)).open(address.dataSource());
    }

    @Override
    public Ledger openForServer(PriceBook prices, Duration queryTimeLimit) {
        int readers = Math.max(MIN_READERS, 2 * Runtime.getRuntime().availableProcessors());
        PostgresLedger ledger = builder()
                .prices(prices)
                .queryTimeLimit(queryTimeLimit)
                .readers(readers, WAITING_READERS)
                .readReplica(pool(readers))
                .open(address.dataSource());
        served = ledger;
        return ledger;
    }

    @Override
    public Map<String, Long> copyOutcomes() {
        Map<String, Long> outcomes = new TreeMap<>();
        copyCounts().ifPresent(counts -> {
            outcomes.putAll(counts.failed());
            outcomes.put("answered", counts.answered());
            outcomes.put("paused", counts.paused());
        });
        return outcomes;
    }

    @Override
    public boolean copyAnswers() {
        return copyCounts().filter(counts -> !counts.failing()).isPresent();
    }

    private Optional<CopyCounts> copyCounts() {
        return Optional.ofNullable(served).flatMap(PostgresLedger::copyCounts);
    }

    @Override
    public Ledger openReadOnly() {
        return reading();
    }

    @Override
    public Ledger openReadOnlyForServer() {
        return builder()
                .prices(PriceBook.empty())
                .readOnly(true)
                .readReplica(pool(MIN_READERS))
                .open(address.dataSource());
    }

    private PostgresLedger reading() {
        return builder().prices(PriceBook.empty()).readOnly(true).open(address.dataSource());
    }

    @Override
    public int schemaVersion() {
        try (PostgresLedger ledger = reading()) {
            return ledger.schemaVersion();
        }
    }

    @Override
    public int newestSchema() {
        return PostgresLedger.newestSchema();
    }

    /** The processes that share a database wait for each other by themselves. */
    @Override
    public Supplier<String> writerActivity() {
        return () -> "";
    }

    private PostgresLedger.Builder builder() {
        PostgresLedger.Builder builder =
                PostgresLedger.builder().name(name()).clock(environment.clock()).onWarning(warnings);
        address.schema().ifPresent(builder::schema);
        copy.ifPresent(at -> builder.copy(ClickHouseCopy.at(at)));
        return builder;
    }

    /** Connections to ask by, opened when they are needed; the ledger closes them. */
    private HikariDataSource pool(int connections) {
        HikariConfig config = new HikariConfig();
        config.setPoolName("tokenledger");
        config.setDataSource(address.dataSource());
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(0);
        config.setInitializationFailTimeout(-1);
        config.setConnectionTimeout(10_000);
        return new HikariDataSource(config);
    }
}
