package dev.tokenledger.clickhouse.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * ClickHouse servers on free ports of this machine's loopback interface, each a shard of the cluster {@value #CLUSTER}, in folders
 * that go when they are closed. They end with this process, however that ends.
 *
 * <p>They are of version 26.7 where a JDK from 25 on is found, in which its library is run; else of Debian's 18.16. A machine that
 * can run neither fails the tests; none is ever skipped. Safe for use by many threads.
 */
public final class ClickHouseServers implements AutoCloseable {

    /** What every server calls the cluster of all of them. */
    public static final String CLUSTER = "shards";

    private static final long START_SECONDS = 120;
    private static final int MAX_MEMORY = 2_000_000_000;

    /** Ends the server with the end of standard input, which comes when this process closes it or is gone. */
    private static final String GUARD = """
            "$@" </dev/null &
            server=$!
            read -r line
            kill -9 $server 2>/dev/null
            wait $server
            """;

    private static @Nullable ClickHouseServers shared;

    private final HttpClient http = HttpClient.newHttpClient();
    private final Installation installation;
    private final Path folder;
    private final List<Shard> shards = new ArrayList<>();
    private final AtomicLong databases = new AtomicLong();

    /** One server. */
    private static final class Shard {
        final Path folder;
        final int httpPort;
        final int nativePort;

        @Nullable
        Process process;

        Shard(Path folder, int httpPort, int nativePort) {
            this.folder = folder;
            this.httpPort = httpPort;
            this.nativePort = nativePort;
        }
    }

    private ClickHouseServers(int count) throws IOException {
        installation = Installation.find();
        folder = Files.createTempDirectory("tokenledger-clickhouse-");
        try {
            for (int i = 0; i < count; i++) {
                shards.add(new Shard(folder.resolve("shard" + (i + 1)), freePort(), freePort()));
            }
            for (Shard shard : shards) {
                configure(shard);
                launch(shard);
            }
            for (Shard shard : shards) {
                await(shard);
            }
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /** The one server that all tests of this process share. */
    public static synchronized ClickHouseServers shared() {
        ClickHouseServers known = shared;
        if (known == null) {
            known = start(1);
            // Nobody closes what all share, and its folder would stay.
            Runtime.getRuntime().addShutdownHook(new Thread(known::close, "tokenledger-clickhouse-end"));
            shared = known;
        }
        return known;
    }

    /**
     * Starts servers.
     *
     * @throws IllegalStateException if this machine cannot run them
     */
    public static ClickHouseServers start(int shards) {
        try {
            return new ClickHouseServers(shards);
        } catch (IOException e) {
            throw new IllegalStateException("cannot start ClickHouse: " + e.getMessage(), e);
        }
    }

    /** Whether the servers are of the older version, which is there where no JDK from 25 on is. */
    public boolean isOld() {
        return installation.isOld();
    }

    /** The port of a server for HTTP, on 127.0.0.1; the first server is 0. */
    public int port(int shard) {
        return shards.get(shard).httpPort;
    }

    /** The address of a database on the first server, as a copy's is stated. */
    public String address(String database) {
        return "clickhouse://127.0.0.1:" + port(0) + "/" + database;
    }

    /** The address of a database on all servers. */
    public String clusterAddress(String database) {
        return IntStream.range(0, shards.size())
                .mapToObj(shard -> "127.0.0.1:" + port(shard))
                .collect(Collectors.joining(",", "clickhouse://", "/" + database + "?cluster=" + CLUSTER));
    }

    /** The name of a database that nobody has used yet, made on every server. */
    public String newDatabase() {
        String name = "d" + ProcessHandle.current().pid() + "_" + databases.incrementAndGet();
        for (int shard = 0; shard < shards.size(); shard++) {
            ask(shard, "CREATE DATABASE " + name);
        }
        return name;
    }

    /** Drops a database on every server, if it is there. */
    public void dropDatabase(String name) {
        for (int shard = 0; shard < shards.size(); shard++) {
            ask(shard, "DROP DATABASE IF EXISTS " + name);
        }
    }

    /**
     * What a server answers, without the last line's end.
     *
     * @throws IllegalStateException if it answers with an error
     */
    public String ask(int shard, String sql) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port(shard) + "/"))
                .timeout(Duration.ofMinutes(2))
                .POST(HttpRequest.BodyPublishers.ofString(sql))
                .build();
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IllegalStateException("ClickHouse refused '" + sql + "': " + answer.body());
            }
            String text = answer.body();
            return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Ends a server by {@code kill -9}. */
    public void kill(int shard) {
        end(shards.get(shard));
    }

    /** Starts a server again after {@link #kill}, on the same ports, with what its disk held. */
    public void restart(int shard) {
        try {
            launch(shards.get(shard));
            await(shards.get(shard));
        } catch (IOException e) {
            throw new IllegalStateException("cannot start ClickHouse again: " + e.getMessage(), e);
        }
    }

    /** Ends the servers and removes their folders. */
    @Override
    public void close() {
        shards.forEach(ClickHouseServers::end);
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                        throws IOException {
                    Files.delete(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Shard shard) {
        synchronized (shard) {
            Process process = shard.process;
            if (process == null) {
                return;
            }
            shard.process = null;
            List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
            all.add(process.toHandle());
            all.forEach(ProcessHandle::destroyForcibly);
            all.forEach(one -> one.onExit().join());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void configure(Shard shard) throws IOException {
        for (String name : List.of("data/tmp", "data/user_files", "data/format_schemas")) {
            Files.createDirectories(shard.folder.resolve(name));
        }
        Files.writeString(shard.folder.resolve("users.xml"), users());
        Files.writeString(shard.folder.resolve("config.xml"), config(shard));
    }

    private String config(Shard shard) {
        String cluster = shards.stream()
                .map(each ->
                        "<shard><replica><host>127.0.0.1</host><port>" + each.nativePort + "</port></replica></shard>")
                .collect(Collectors.joining());
        return String.format(
                Locale.ROOT,
                """
                <%1$s>
                    <logger><level>warning</level><log>%2$s/server.log</log><errorlog>%2$s/errors.log</errorlog></logger>
                    <path>%2$s/data/</path>
                    <tmp_path>%2$s/data/tmp/</tmp_path>
                    <user_files_path>%2$s/data/user_files/</user_files_path>
                    <format_schema_path>%2$s/data/format_schemas/</format_schema_path>
                    <users_config>%2$s/users.xml</users_config>
                    <default_profile>default</default_profile>
                    <default_database>default</default_database>
                    <listen_host>127.0.0.1</listen_host>
                    <http_port>%3$s</http_port>
                    <tcp_port>%4$s</tcp_port>
                    <mark_cache_size>134217728</mark_cache_size>
                    <max_server_memory_usage>%5$s</max_server_memory_usage>
                    <timezone>UTC</timezone>
                    <remote_servers><%6$s>%7$s</%6$s></remote_servers>
                </%1$s>
                """,
                installation.root(),
                shard.folder,
                Integer.toString(shard.httpPort),
                Integer.toString(shard.nativePort),
                Integer.toString(MAX_MEMORY),
                CLUSTER,
                cluster);
    }

    private String users() {
        return String.format(
                Locale.ROOT,
                """
                <%1$s>
                    <profiles><default><log_queries>0</log_queries>%2$s</default></profiles>
                    <users><default>
                        <password></password>
                        <networks><ip>127.0.0.1</ip></networks>
                        <profile>default</profile>
                        <quota>default</quota>
                    </default></users>
                    <quotas><default></default></quotas>
                </%1$s>
                """,
                installation.root(),
                // What later versions allow by default, so that tests may make tables like a copy's.
                isOld() ? "<allow_experimental_low_cardinality_type>1</allow_experimental_low_cardinality_type>" : "");
    }

    private void launch(Shard shard) throws IOException {
        List<String> command = new ArrayList<>();
        if (installation.isOld()) {
            command.addAll(List.of("sh", "-c", GUARD, "guard"));
        }
        command.addAll(installation.command(shard.folder.resolve("config.xml")));
        synchronized (shard) {
            shard.process = new ProcessBuilder(command)
                    .directory(shard.folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            shard.folder.resolve("output.log").toFile()))
                    .start();
        }
    }

    private void await(Shard shard) throws IOException {
        URI ping = URI.create("http://127.0.0.1:" + shard.httpPort + "/ping");
        HttpRequest request =
                HttpRequest.newBuilder(ping).timeout(Duration.ofSeconds(10)).build();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (true) {
            Process process = shard.process;
            boolean gone = process == null || !process.isAlive();
            try {
                if (http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException e) {
                if (gone || System.nanoTime() > end) {
                    throw new IOException(
                            "a server does not answer; it said: "
                                    + Files.readString(shard.folder.resolve("output.log")),
                            e);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    /** A file that comes with this class. */
    static InputStream resource(String name) throws IOException {
        InputStream found = ClickHouseServers.class.getResourceAsStream(name);
        if (found == null) {
            throw new IOException("the file " + name + " is not beside its class");
        }
        return found;
    }
}
