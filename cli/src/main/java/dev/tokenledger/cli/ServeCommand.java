package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.alerts.BudgetAlerts;
import dev.tokenledger.backend.FilePermissions;
import dev.tokenledger.formats.budgets.BudgetPlan;
import dev.tokenledger.payloads.telemetry.Users;
import dev.tokenledger.server.TokenledgerServer;
import dev.tokenledger.server.http.Limits;
import dev.tokenledger.server.http.PemFiles;
import dev.tokenledger.server.keys.KeyFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Supplier;

/** Serves the ledger over HTTP. */
final class ServeCommand extends Subcommand implements Action {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int USUAL_PORT = 8080;

    /** The one that OpenTelemetry's exporters call where they are told none. */
    private static final int USUAL_GRPC_PORT = 4317;

    private final Argument<Integer> port =
            option("--port", "N", new Converters.Port(), "Listen on this port; default: 8080, 0 for any free one.");
    private final Argument<String> host =
            option("--host", "ADDRESS", "Listen on this address; default: 127.0.0.1, this machine alone.");
    private final Argument<OptionalInt> grpcPort = option(
            "--grpc-port",
            "N",
            new Converters.PortOrOff(),
            "Listen for OTLP over gRPC on this port, 0 for any free one, or off; default: 4317, if it is free.");
    private final Argument<String> budgetFile = option(
            "--budgets",
            "FILE",
            "The budgets that the dashboard shows and channels are told of; default: budgets.yaml beside your own prices, if it is there.");
    private final Argument<Users> users = option(
            "--users",
            "WAY",
            new Converters.Choice<>("users", Users.values()),
            Converters.names(Users.values()),
            "What becomes of users' names and addresses in telemetry: keep (the default), hash, or leave_out.");
    private final Argument<Boolean> metricsAsRecords = flag(
            "--metrics-as-records",
            "Make records of the metrics of Claude Code, Codex and Gemini CLI, where they send nothing else: calls that their"
                    + " log events or spans tell of too are counted twice.");
    private final Argument<Boolean> requireKeys =
            flag("--require-keys", "Ask for keys on 127.0.0.1 too, as behind a proxy that others reach.");
    private final Argument<Boolean> insecure =
            flag("--insecure", "Let everybody who can reach the address read and write without a key.");

    private final Argument<String> keysFile =
            option("--keys-file", "FILE", "The file with the keys; default: keys.yaml beside your own prices.");
    private final Argument<ZoneId> zone = option(
            "--zone",
            "ZONE",
            new Converters.OfZone(),
            "The zone of days and periods where a request names none; default: the system's.");
    private final Argument<String> certificate = option(
            "--tls-certificate",
            "FILE",
            "Encrypt connections with this certificate, a PEM file with the intermediate ones behind it. It is read again"
                    + " when it was replaced.");
    private final Argument<String> key =
            option("--tls-key", "FILE", "The certificate's private key, a PEM file (PKCS #8, no password).");
    private final Argument<String> pathPrefix = option(
            "--path-prefix",
            "PATH",
            new Converters.PathPrefixOfServer(),
            "What a proxy has before every path, such as /tokenledger; default: nothing.");
    private final Argument<ServerLog.Format> logFormat = option(
            "--log-format",
            "FORMAT",
            new Converters.Choice<>("log format", ServerLog.Format.values()),
            Converters.names(ServerLog.Format.values()),
            "How messages are written to standard error: text (the default) or json, an object a line.");
    private final Argument<Boolean> accessLog = flag("--access-log", "Write a line for each request.");
    private final PartialOption partial = new PartialOption(this);
    private final CurrencyOptions currency = new CurrencyOptions(this);

    ServeCommand() {
        super("serve", "Serves the ledger over HTTP.", "serve [OPTION]...");
        takesVariables();
        description(
                "On 127.0.0.1 it asks for no keys and answers to this machine alone. On any other address it asks for the",
                "keys that 'tokenledger keys create' made, and does not start without one. It runs until terminated, then",
                "finishes the requests in flight and exits with 0.",
                "",
                "Of several --ledger it answers as one ledger with all their records would, and stores nothing.",
                "",
                "An option that is not given is taken from an environment variable: --port from TOKENLEDGER_PORT,",
                "--require-keys from TOKENLEDGER_REQUIRE_KEYS (true or false), and so on.");
        examples(
                "  tokenledger serve",
                "  tokenledger serve --port 9000",
                "  tokenledger serve --currency EUR --rates eurofxref-hist.csv",
                "  tokenledger serve --budgets examples/budgets.yaml",
                "  tokenledger --ledger eu.db --ledger us.db serve --partial 10");
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        if (requireKeys.or(false) && insecure.or(false)) {
            throw new UsageException("--require-keys goes without --insecure");
        }
        if (certificate.stated().isPresent() != key.stated().isPresent()) {
            throw new UsageException("--tls-certificate and --tls-key go together");
        }
        ServerLog log = new ServerLog(
                session.notices(),
                logFormat.or(ServerLog.Format.TEXT),
                session.environment().clock());
        Supplier<BudgetPlan> plan = BudgetFiles.planInForce(budgetFile, session);
        Limits limits = Limits.usual();
        Optional<Duration> partialAfter = partial.timeLimit(session);
        if (session.readsSeveral()) {
            serveSeveral(partialAfter, plan, limits, session, log);
            return DONE;
        }
        try (Ledger ledger = session.openLedgerForServer(limits.queryTime());
                BudgetAlerts alerts = BudgetFiles.alerts(ledger, plan, zone, session)
                        .notices(log::info)
                        .warnings(log::warn)
                        .build()) {
            alerts.problems().forEach(log::warn);
            TokenledgerServer.Builder builder = builder(ledger, plan, limits, session, log)
                    .alerts(alerts)
                    .ledgerBytes(() -> session.inDatabase() ? OptionalLong.empty() : bytes(session.ledgerFile()))
                    .foundLogs(() -> FoundLogs.counted(session))
                    .copy(
                            () -> session.ledger().copyOutcomes(),
                            () -> session.ledger().copyAnswers());
            grpcPort.stated()
                    .ifPresentOrElse(
                            stated -> stated.ifPresent(builder::grpcPort),
                            () -> builder.grpcPortIfFree(USUAL_GRPC_PORT));
            session.environment().serving().serve(builder, server -> {
                tell(server, log);
                alerts.start();
            });
        }
        return DONE;
    }

    /** Serves what several ledgers hold together, for reading: no telemetry is taken, and no channel told, both of which write. */
    private void serveSeveral(
            Optional<Duration> partialAfter, Supplier<BudgetPlan> plan, Limits limits, Session session, ServerLog log) {
        if (grpcPort.stated().filter(OptionalInt::isPresent).isPresent()) {
            throw new UsageException("--grpc-port goes with one ledger: a server of several stores nothing");
        }
        if (!plan.get().channels().isEmpty()) {
            log.warn("the channels of the budgets are not told by a server of several ledgers, which writes nothing;"
                    + " a server of one of them, or 'tokenledger budget notify', tells of that one");
        }
        try (Ledger ledger = session.openSeveralForServer(partialAfter.orElse(limits.queryTime()))) {
            TokenledgerServer.Builder builder = builder(ledger, plan, limits, session, log);
            if (partialAfter.isPresent()) {
                builder.partial();
            }
            session.environment().serving().serve(builder, server -> {
                log.info("listening on " + server.address());
                log.info("reading " + session.ledgerName()
                        + (partialAfter.isPresent()
                                ? "; answers are partial where one of them fails"
                                : "; a question fails where one of them does"));
            });
        }
    }

    /** The server as far as it is the same for one ledger and for several. */
    private TokenledgerServer.Builder builder(
            Ledger ledger, Supplier<BudgetPlan> plan, Limits limits, Session session, ServerLog log) {
        TokenledgerServer.Builder builder = TokenledgerServer.of(ledger)
                .limits(limits)
                .budgets(() -> plan.get().budgets())
                .host(host.or(LOOPBACK))
                .port(port.or(USUAL_PORT))
                .clock(session.environment().clock())
                .zone(zone.stated().orElseGet(session.environment().zone()))
                .version(Main.version())
                .users(users.or(Users.KEEP))
                .pathPrefix(pathPrefix.or(""))
                .notices(log::info)
                .failures((attempted, failure) -> log.error(attempted + ": "
                        // Ours say all there is to say; of others the kind matters too.
                        + (failure instanceof LedgerException ? failure.getMessage() : failure)));
        certificate
                .stated()
                .map(file -> new PemFiles(Places.path("--tls-certificate", file), Places.path("--tls-key", key.or(""))))
                .ifPresent(builder::tls);
        if (metricsAsRecords.or(false)) {
            log.warn(
                    "--metrics-as-records: calls that log events or spans tell of too are counted twice, because metrics do not"
                            + " say which calls they count; send the server metrics alone");
            builder.metricsAsRecords();
        }
        currency.inForce(log::warn).ifPresent(builder::rates);
        if (accessLog.or(false)) {
            builder.accessLog(log::access);
        }
        protect(builder, session, log);
        return builder;
    }

    private void tell(TokenledgerServer server, ServerLog log) {
        log.info("listening on " + server.address());
        OptionalInt listening = server.grpcPort();
        if (listening.isPresent()) {
            log.info("taking OTLP over gRPC on port " + listening.getAsInt());
        } else if (grpcPort.stated().isEmpty()) {
            log.info("port " + USUAL_GRPC_PORT
                    + " is taken, so OTLP over gRPC is off; choose another port with --grpc-port N,"
                    + " or say --grpc-port off");
        }
    }

    /** The file with its log; nothing where it is gone. */
    private static OptionalLong bytes(Path ledger) {
        try {
            long bytes = Files.size(ledger);
            Path log = ledger.resolveSibling(ledger.getFileName() + "-wal");
            return OptionalLong.of(bytes + (Files.exists(log) ? Files.size(log) : 0));
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private void protect(TokenledgerServer.Builder builder, Session session, ServerLog log) {
        if (insecure.or(false)) {
            log.info("WARNING: --insecure: everybody who can reach " + host.or(LOOPBACK)
                    + " can read this ledger and write to it");
            builder.insecure();
        } else if (requireKeys.or(false) || !TokenledgerServer.isLoopback(host.or(LOOPBACK))) {
            Path keys = session.places().keys(keysFile);
            KeyFile file = new KeyFile(keys);
            if (file.read().all().isEmpty()) {
                throw new CommandException("others can reach " + host.or(LOOPBACK)
                        + ", so the server asks for keys there, and there are none; make one with"
                        + " 'tokenledger keys create NAME --scope ingest,read'");
            }
            if (FilePermissions.isOpenToOthers(keys)) {
                log.warn("others than its owner may read or write the keys; run 'chmod 600 " + keys + "'");
            }
            builder.keys(file.watched(System::nanoTime, failure -> log.error(String.valueOf(failure.getMessage()))));
        }
    }
}
