package dev.tokenledger.postgres.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * A PostgreSQL server on a free port of this machine's loopback interface, with a folder of its own that goes when it is
 * closed. It ends with this process, however that ends: a shell waits for the end of the pipe between them.
 *
 * <p>PostgreSQL refuses to run as root, so the superuser starts it as {@code nobody}. A machine that cannot run it fails
 * the tests; none is ever skipped. Safe for use by many threads.
 */
public final class PostgresServer implements AutoCloseable {

    /** Which server. */
    public enum Version {
        /** The oldest that the ledger supports. */
        OLDEST("oldest.jar"),
        /** The newest there is. */
        NEWEST("newest.jar");

        final String jar;

        Version(String jar) {
            this.jar = jar;
        }
    }

    private static final String SUPERUSER = "postgres";
    private static final long START_SECONDS = 60;
    private static final Map<Version, PostgresServer> SHARED = new EnumMap<>(Version.class);

    /** Ends the server with the end of standard input, which comes when this process closes it or is gone. */
    private static final String GUARD = """
            log=$1; shift
            "$@" </dev/null >>"$log" 2>&1 &
            server=$!
            read -r line
            case $line in kill) kill -9 $server ;; *) kill -QUIT $server 2>/dev/null ;; esac
            wait $server
            """;

    private final Path binaries;
    private final Path folder;
    private final Path data;
    private final int port;
    private final AtomicLong schemas = new AtomicLong();
    private Process guard;

    private PostgresServer(Version version, Optional<Path> dataFolder, Optional<Path> logFolder, List<String> settings)
            throws IOException {
        binaries = Binaries.of(version.jar);
        folder = Files.createTempDirectory("tokenledger-postgres-");
        data = dataFolder.orElse(folder).resolve("data");
        port = freePort();
        try {
            Files.createDirectory(
                    data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            giveToServer(folder);
            giveToServer(data);
            List<String> initialize = new ArrayList<>(List.of(
                    binaries.resolve("bin/initdb").toString(),
                    "-D",
                    data.toString(),
                    "-U",
                    SUPERUSER,
                    "-A",
                    "trust",
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "--no-sync",
                    "--no-instructions"));
            logFolder.ifPresent(log -> initialize.add("--waldir=" + log.resolve("log")));
            run(initialize);
            configure(settings);
            guard = launch();
        } catch (IOException | RuntimeException e) {
            deleteFolder();
            throw e;
        }
    }

    /** A replica: its folder begins as what was on the disk of the other when that was killed. */
    private PostgresServer(PostgresServer primary, List<String> settings) throws IOException {
        binaries = primary.binaries;
        folder = Files.createTempDirectory("tokenledger-postgres-");
        data = folder.resolve("data");
        port = freePort();
        try {
            giveToServer(folder);
            primary.kill();
            run(List.of("cp", "-a", primary.data.toString(), data.toString()));
            primary.restart();
            Files.deleteIfExists(data.resolve("postmaster.pid"));
            Files.createFile(data.resolve("standby.signal"));
            giveToServer(data.resolve("standby.signal"));
            List<String> lines = new ArrayList<>(settings);
            lines.add("primary_conninfo = 'host=127.0.0.1 port=" + primary.port + " user=" + SUPERUSER + "'");
            configure(lines);
            guard = launch();
        } catch (IOException | RuntimeException e) {
            deleteFolder();
            throw e;
        }
    }

    private static void giveToServer(Path path) throws IOException {
        if (isRoot()) {
            UserPrincipal nobody =
                    path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
            Files.setOwner(path, nobody);
        }
    }

    private void configure(List<String> settings) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("listen_addresses = '127.0.0.1'");
        lines.add("unix_socket_directories = ''");
        lines.add("port = " + port);
        lines.addAll(settings);
        Files.write(data.resolve("postgresql.conf"), lines, StandardOpenOption.APPEND);
    }

    /**
     * The server of this version that all tests of this process share. It does not wait for its disk.
     *
     * @throws IllegalStateException if this machine cannot run it
     */
    public static PostgresServer shared(Version version) {
        synchronized (SHARED) {
            return SHARED.computeIfAbsent(
                    version, absent -> start(absent, "fsync = off", "full_page_writes = off", "max_connections = 300"));
        }
    }

    /**
     * Starts a server.
     *
     * @param settings lines for {@code postgresql.conf}
     * @throws IllegalStateException if this machine cannot run it
     */
    public static PostgresServer start(Version version, String... settings) {
        try {
            return new PostgresServer(version, Optional.empty(), Optional.empty(), List.of(settings));
        } catch (IOException e) {
            throw new IllegalStateException("cannot start PostgreSQL: " + e.getMessage(), e);
        }
    }

    /**
     * Starts a server with part of its files in other folders, which outlive it.
     *
     * @param dataFolder for all but the write-ahead log; the server's own if there is none
     * @param logFolder for the write-ahead log; with the data if there is none
     * @param settings lines for {@code postgresql.conf}
     */
    public static PostgresServer start(
            Version version, Optional<Path> dataFolder, Optional<Path> logFolder, String... settings) {
        try {
            return new PostgresServer(version, dataFolder, logFolder, List.of(settings));
        } catch (IOException e) {
            throw new IllegalStateException("cannot start PostgreSQL: " + e.getMessage(), e);
        }
    }

    /**
     * Starts a replica, which gets what this server commits from now on as it is written, and answers questions. This server is
     * killed and started again for that.
     */
    public synchronized PostgresServer startReplica(String... settings) {
        try {
            return new PostgresServer(this, List.of(settings));
        } catch (IOException e) {
            throw new IllegalStateException("cannot start a replica: " + e.getMessage(), e);
        }
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return port;
    }

    /** What the server logged. */
    public String log() {
        try {
            return Files.readString(folder.resolve("server.log"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Connects as the superuser. */
    public PGSimpleDataSource dataSource() {
        return dataSource(SUPERUSER);
    }

    /** Connects as a user, who needs no password. */
    public PGSimpleDataSource dataSource(String user) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {port});
        source.setDatabaseName("postgres");
        source.setUser(user);
        return source;
    }

    /** The address of the database {@code postgres}, as {@code --ledger} takes it. */
    public String address() {
        return "postgresql://" + SUPERUSER + "@127.0.0.1:" + port + "/postgres";
    }

    /** The name of a schema that nobody has used yet; it is not made. */
    public String newSchemaName() {
        return "s" + ProcessHandle.current().pid() + "_" + schemas.incrementAndGet();
    }

    /** Drops a schema, if it is there, and all that is in it. */
    public void dropSchema(String schema) {
        execute("DROP SCHEMA IF EXISTS " + schema + " CASCADE");
    }

    /** Runs a statement as the superuser. */
    public void execute(String sql) {
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException("cannot run a statement: " + e.getMessage(), e);
        }
    }

    /** All settings of a connection's session, as {@code name=setting}. */
    public static List<String> settings(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery("SELECT name || '=' || setting FROM pg_settings ORDER BY name")) {
            List<String> settings = new ArrayList<>();
            while (rows.next()) {
                settings.add(rows.getString(1));
            }
            return settings;
        }
    }

    /** Stops at once, as a crash does: nothing is written any more, and no client is told. */
    public synchronized void kill() {
        send("quit");
    }

    /** Ends every process of the server by {@code kill -9}. */
    public synchronized void crash() {
        List<ProcessHandle> processes = guard.descendants().toList();
        // The server's first process comes first, so that none is left that starts others.
        processes.forEach(ProcessHandle::destroyForcibly);
        send("kill");
        while (processes.stream().anyMatch(PostgresServer::isAtWork)) {
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** Whether a process goes on; one that has ended may stay in the list of processes until somebody asks how. */
    private static boolean isAtWork(ProcessHandle process) {
        try {
            String state = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
            return state.charAt(state.lastIndexOf(')') + 2) != 'Z';
        } catch (IOException e) {
            return false;
        }
    }

    /** Whether it has been started, and neither killed nor closed since. */
    public synchronized boolean isRunning() {
        return guard.isAlive();
    }

    /** Starts again after {@link #kill} or {@link #crash}, on the same port, with what its disk held. */
    public synchronized void restart() {
        try {
            guard = launch();
        } catch (IOException e) {
            throw new IllegalStateException("cannot start PostgreSQL again: " + e.getMessage(), e);
        }
    }

    /** Stops the server and removes its folder. */
    @Override
    public synchronized void close() {
        send("quit");
        deleteFolder();
    }

    private void send(String word) {
        try {
            guard.getOutputStream().write((word + "\n").getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            guard.getOutputStream().close();
        } catch (IOException e) {
            // It has ended already; that is what was wanted.
        }
        boolean interrupted = false;
        while (true) {
            try {
                guard.waitFor();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Process launch() throws IOException {
        List<String> command = new ArrayList<>(List.of("sh", "-c", GUARD, "guard"));
        command.add(folder.resolve("server.log").toString());
        command.add(binaries.resolve("bin/postgres").toString());
        command.add("-D");
        command.add(data.toString());
        Process started = builder(command).start();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            try (Connection connection = dataSource().getConnection()) {
                if (connection.isValid(1)) {
                    return started;
                }
            } catch (SQLException e) {
                if (!started.isAlive() || System.nanoTime() - end > 0) {
                    started.destroy();
                    throw new IOException("the server did not come up: " + tail(), e);
                }
            }
            java.util.concurrent.locks.LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private String tail() {
        String log = log();
        return log.substring(Math.max(0, log.length() - 2_000));
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private ProcessBuilder builder(List<String> command) {
        List<String> whole = new ArrayList<>();
        if (isRoot()) {
            whole.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"));
        }
        whole.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(whole).directory(folder.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        builder.environment().put("TZ", "UTC");
        return builder;
    }

    private void run(List<String> command) throws IOException {
        Process process = builder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        try {
            if (process.waitFor() != 0) {
                throw new IOException(command.get(0) + " failed: " + output);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(command.get(0) + " was interrupted", e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void deleteFolder() {
        Binaries.delete(folder);
    }

    /** The server that all tests share, if one has asked for it. */
    static Optional<PostgresServer> sharedIfAny(Version version) {
        synchronized (SHARED) {
            return Optional.ofNullable(SHARED.get(version));
        }
    }

    static {
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            for (Version version : Version.values()) {
                                sharedIfAny(version).ifPresent(PostgresServer::close);
                            }
                        },
                        "tokenledger-postgres-stop"));
    }
}
