package dev.tokenledger.server;

import dev.tokenledger.FederatedLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.alerts.BudgetAlerts;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.payloads.telemetry.Users;
import dev.tokenledger.server.api.BudgetsApi;
import dev.tokenledger.server.api.DimensionsApi;
import dev.tokenledger.server.api.OpenApi;
import dev.tokenledger.server.api.PricingApi;
import dev.tokenledger.server.api.Probes;
import dev.tokenledger.server.api.RecordsApi;
import dev.tokenledger.server.api.ReversalsApi;
import dev.tokenledger.server.api.SummaryApi;
import dev.tokenledger.server.dashboard.Dashboard;
import dev.tokenledger.server.http.AccessEntry;
import dev.tokenledger.server.http.AgentLogs;
import dev.tokenledger.server.http.GrpcPort;
import dev.tokenledger.server.http.HttpServer;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.PathPrefix;
import dev.tokenledger.server.http.PemFiles;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.server.ingest.Ingest;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.mcp.McpPart;
import dev.tokenledger.server.metrics.PrometheusMetrics;
import dev.tokenledger.server.otlp.OtlpApi;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A running server of one ledger, or of {@linkplain FederatedLedger several}, which it only reads. It does not own the ledger:
 * whoever opened it closes it, after the server. Safe for use by many threads.
 */
public final class TokenledgerServer implements AutoCloseable {

    private final HttpServer http;
    private final String host;

    private final String scheme;

    private TokenledgerServer(HttpServer http, String scheme, String host) {
        this.http = http;
        this.scheme = scheme;
        this.host = host;
    }

    /**
     * A server of this ledger, not yet started. The ledger should stop questions that take longer than {@link
     * Limits#queryTime}, after which nobody waits for the answer.
     */
    public static Builder of(Ledger ledger) {
        return new Builder(ledger);
    }

    /** Whether a name or address reaches this machine from itself alone. */
    public static boolean isLoopback(String host) {
        InetAddress address = new InetSocketAddress(host, 0).getAddress();
        return address != null && address.isLoopbackAddress();
    }

    /** The parts, each with its routes. A new part gets a line here. */
    private static List<Part> parts(
            Services services,
            Users users,
            boolean metricsAsRecords,
            Consumer<String> notices,
            Optional<Supplier<ExchangeRates>> rates,
            Supplier<Map<BudgetAlerts.Count, Long>> told,
            Supplier<Map<String, Long>> copy,
            BooleanSupplier copyAnswers) {
        List<Part> parts = new ArrayList<>();
        parts.add(new Probes(services));
        parts.add(new RecordsApi(services));
        parts.add(new ReversalsApi(services));
        parts.add(new SummaryApi(services, rates));
        parts.add(new DimensionsApi(services));
        parts.add(new PricingApi(services));
        parts.add(new BudgetsApi(services));
        parts.add(new OtlpApi(services, users, metricsAsRecords, notices));
        parts.add(new PrometheusMetrics(services, told, copy, copyAnswers));
        parts.add(new Dashboard(services, rates));
        parts.add(new McpPart(services));
        // The last one, because it describes the others.
        parts.add(new OpenApi(parts, services.version(), services.pathPrefix()));
        return parts;
    }

    /** The port it listens on: the one that was asked for, or for 0 the one that was free. */
    public int port() {
        return http.port();
    }

    /** The port it listens on for gRPC; empty where it does not. */
    public OptionalInt grpcPort() {
        return http.grpcPort();
    }

    /** Where it listens, such as {@code http://127.0.0.1:8080}; {@code https} with a certificate. */
    public URI address() {
        return URI.create(scheme + "://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port());
    }

    /** Finishes the requests in flight, takes no new ones, and stops. Closing again does nothing. */
    @Override
    public void close() {
        http.close();
    }

    /** Builds a server. Not safe for use by several threads. */
    public static final class Builder {

        private final Ledger ledger;
        private Supplier<List<Budget>> budgets = List::of;
        private String host = "127.0.0.1";
        private int port = 8080;
        private @Nullable GrpcPort grpcPort;
        private @Nullable BudgetAlerts alerts;
        private @Nullable Supplier<ApiKeys> keys;
        private boolean insecure;
        private boolean partial;
        private @Nullable PemFiles tls;
        private String pathPrefix = "";
        private @Nullable Consumer<AccessEntry> accessLog;
        private Supplier<OptionalLong> ledgerBytes = OptionalLong::empty;
        private Supplier<List<AgentLogs>> foundLogs = List::of;
        private Supplier<Map<String, Long>> copy = Map::of;
        private BooleanSupplier copyAnswers = () -> false;
        private Limits limits = Limits.usual();
        private InstantSource clock = InstantSource.system();
        private ZoneId zone = ZoneOffset.UTC;
        private String version = "";
        private Optional<Supplier<ExchangeRates>> rates = Optional.empty();
        private Users users = Users.KEEP;
        private boolean metricsAsRecords;
        private Consumer<String> notices = notice -> {};
        private BiConsumer<String, Throwable> failures = (attempted, failure) -> {};

        private Builder(Ledger ledger) {
            this.ledger = Objects.requireNonNull(ledger, "ledger");
        }

        /**
         * The budgets that the dashboard shows, asked for each time that it does; default: none. Called by many threads;
         * where it throws a {@link DocumentException}, the page says why.
         */
        public Builder budgets(Supplier<List<Budget>> inForce) {
            budgets = Objects.requireNonNull(inForce, "budgets");
            return this;
        }

        /**
         * The exchange rates by which the dashboard shows costs in their currency too, and the API on demand; default: none. Asked
         * for at each request, by many threads.
         */
        public Builder rates(Supplier<ExchangeRates> inForce) {
            rates = Optional.of(inForce);
            return this;
        }

        /**
         * Who tells what the budgets reach: it hears of every commit of this server, and the metrics count what it told. Whoever made
         * it starts and closes it. Default: nobody.
         */
        public Builder alerts(BudgetAlerts teller) {
            alerts = Objects.requireNonNull(teller, "alerts");
            return this;
        }

        /** The name or address to listen on; default: 127.0.0.1. */
        public Builder host(String nameOrAddress) {
            host = Objects.requireNonNull(nameOrAddress, "host");
            return this;
        }

        /**
         * The port to listen on, 0 for any that is free; default: 8080.
         *
         * @throws IllegalArgumentException if it is not 0 to 65535
         */
        public Builder port(int number) {
            if (number < 0 || number > 65_535) {
                throw new IllegalArgumentException("port: expected 0 to 65535, found " + number);
            }
            port = number;
            return this;
        }

        /**
         * Listens for OTLP over gRPC too, on the same address, 0 for any port that is free; default: it does not. A server that
         * cannot listen there does not start.
         *
         * @throws IllegalArgumentException if it is not 0 to 65535
         */
        public Builder grpcPort(int number) {
            grpcPort = new GrpcPort(number, true);
            return this;
        }

        /**
         * The same, but a server that cannot listen there starts without gRPC, as {@link TokenledgerServer#grpcPort} then says.
         *
         * @throws IllegalArgumentException if it is not 0 to 65535
         */
        public Builder grpcPortIfFree(int number) {
            grpcPort = new GrpcPort(number, false);
            return this;
        }

        /** Asks for keys, those that are in force at each request. Without, nobody needs one. */
        public Builder keys(Supplier<ApiKeys> inForce) {
            keys = Objects.requireNonNull(inForce, "keys");
            return this;
        }

        /** Allows to listen on an address that others reach, without asking for keys. */
        public Builder insecure() {
            insecure = true;
            return this;
        }

        /**
         * Of several ledgers, answers without those that fail, and says which; without, such questions fail. Metrics and files of
         * CSV, which have no place to say so, are whole or fail in either case.
         */
        public Builder partial() {
            partial = true;
            return this;
        }

        /**
         * Encrypts connections (TLS 1.2 and 1.3), with the certificate in these files. They are looked at every two seconds, and
         * a new certificate is shown from then on; without them, nothing is encrypted.
         */
        public Builder tls(PemFiles files) {
            tls = Objects.requireNonNull(files, "tls");
            return this;
        }

        /** Whom to tell of each request that was answered; default: nobody. Called by many threads. */
        public Builder accessLog(Consumer<AccessEntry> listener) {
            accessLog = Objects.requireNonNull(listener, "access log");
            return this;
        }

        /**
         * What a proxy has before every path, such as {@code /tokenledger}: it is taken off requests that have it, and pages link
         * with it. Default: nothing.
         *
         * @throws IllegalArgumentException if it is no such path
         */
        public Builder pathPrefix(String prefix) {
            pathPrefix = PathPrefix.parse(prefix);
            return this;
        }

        /** How many bytes the ledger's files take, for the metrics; default: not known. Called by many threads. */
        public Builder ledgerBytes(Supplier<OptionalLong> bytes) {
            ledgerBytes = Objects.requireNonNull(bytes, "ledger bytes");
            return this;
        }

        /**
         * What became of the questions that a copy of the ledger in another database was for, and whether it answers, for the metrics;
         * default: there is none. Called by many threads.
         *
         * @param outcomes how many, by what became of them; empty for no copy
         */
        public Builder copy(Supplier<Map<String, Long>> outcomes, BooleanSupplier answers) {
            copy = Objects.requireNonNull(outcomes, "outcomes");
            copyAnswers = Objects.requireNonNull(answers, "answers");
            return this;
        }

        /**
         * The logs of agents on this machine, which the dashboard offers to import while the ledger is empty; default: none.
         * Called by many threads.
         */
        public Builder foundLogs(Supplier<List<AgentLogs>> onThisMachine) {
            foundLogs = Objects.requireNonNull(onThisMachine, "found logs");
            return this;
        }

        /** What it takes from its clients. */
        public Builder limits(Limits most) {
            limits = Objects.requireNonNull(most, "limits");
            return this;
        }

        /** The time; default: the system's. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "clock");
            return this;
        }

        /** The zone of days and periods where a request names none; default: UTC. */
        public Builder zone(ZoneId days) {
            zone = Objects.requireNonNull(days, "zone");
            return this;
        }

        /** The program's version, for documents. */
        public Builder version(String text) {
            version = Objects.requireNonNull(text, "version");
            return this;
        }

        /** What becomes of the users' names in telemetry; default: kept. */
        public Builder users(Users kept) {
            users = Objects.requireNonNull(kept, "users");
            return this;
        }

        /**
         * Makes records of the metrics in which Claude Code, Codex and Gemini CLI count tokens. For programs that send nothing else:
         * calls that log events or spans tell of too are counted twice, because nothing in a metric says which calls it counts.
         * Without, metrics are acknowledged and counted alone.
         */
        public Builder metricsAsRecords() {
            metricsAsRecords = true;
            return this;
        }

        /** Whom to tell what was not understood, once for each kind; default: nobody. Called by many threads. */
        public Builder notices(Consumer<String> listener) {
            notices = Objects.requireNonNull(listener, "notices");
            return this;
        }

        /** Whom to tell what failed, and why; default: nobody. Called by many threads. */
        public Builder failures(BiConsumer<String, Throwable> listener) {
            failures = Objects.requireNonNull(listener, "failures");
            return this;
        }

        /**
         * Starts the server; it answers on return.
         *
         * @throws IllegalStateException if others could reach it and it asks for no keys, unless {@link #insecure} says so
         * @throws UncheckedIOException if it cannot listen there, or cannot use the certificate
         */
        public TokenledgerServer start() {
            InetSocketAddress address = new InetSocketAddress(host, port);
            if (address.isUnresolved()) {
                throw new UncheckedIOException(new IOException("cannot listen on " + host + ": no such host"));
            }
            if (!address.getAddress().isLoopbackAddress() && keys == null && !insecure) {
                throw new IllegalStateException("others can reach " + host + ", so the server asks for keys there");
            }
            HttpServer http;
            try {
                http = new HttpServer(
                        host, address, parts(), limits, keys, grpcPort, pathPrefix, tls, accessLog, failures);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            try {
                http.start();
            } catch (Exception e) {
                throw new UncheckedIOException(
                        e instanceof IOException unable
                                ? unable
                                : new IOException("cannot listen on " + host + ":" + port + ": " + e, e));
            }
            return new TokenledgerServer(http, tls == null ? "http" : "https", host);
        }

        /** The parts of such a server. */
        List<Part> parts() {
            Ingest ingest = new Ingest(ledger);
            BudgetAlerts told = alerts;
            if (told != null) {
                ingest.addCommitListener(told::recorded);
            }
            List<Part> parts = TokenledgerServer.parts(
                    new Services(
                            ledger,
                            ingest,
                            budgets,
                            clock,
                            zone,
                            limits,
                            version,
                            pathPrefix,
                            ledgerBytes,
                            foundLogs,
                            partial),
                    users,
                    metricsAsRecords,
                    notices,
                    rates,
                    told == null ? Map::of : told::counts,
                    copy,
                    copyAnswers);
            return ledger instanceof FederatedLedger several
                    ? parts.stream()
                            .map(part -> (Part) new ReadingPart(part, several.ledgers()))
                            .toList()
                    : parts;
        }
    }
}
