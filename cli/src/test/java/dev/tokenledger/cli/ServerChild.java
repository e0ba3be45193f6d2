package dev.tokenledger.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program serving a ledger, in a process of its own. */
final class ServerChild implements AutoCloseable {

    private static final String LISTENING = "listening on ";
    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final URI address;
    private final Thread reader;
    private final List<String> messages = new ArrayList<>();

    /** Starts it on a free port, and returns once it answers. */
    ServerChild(Path ledger, Path home) {
        this(Main.class, ledger, home);
    }

    /** The same on a database's address. */
    ServerChild(String ledger, Path home) {
        this(Main.class, ledger, home, List.of());
    }

    /** The same of several ledgers, with further options. */
    ServerChild(List<String> ledgers, Path home, String... options) {
        this(Main.class, ledgers, home, List.of(), List.of(options));
    }

    /** The same by another main class. */
    ServerChild(Class<?> main, Path ledger, Path home) {
        this(main, ledger.toString(), home, List.of());
    }

    /** The same as the arguments of another command. */
    ServerChild(Class<?> main, Path ledger, Path home, List<String> wrapper) {
        this(main, ledger.toString(), home, wrapper);
    }

    private ServerChild(Class<?> main, String ledger, Path home, List<String> wrapper) {
        this(main, List.of(ledger), home, wrapper, List.of());
    }

    private ServerChild(Class<?> main, List<String> ledgers, Path home, List<String> wrapper, List<String> options) {
        List<String> command = new ArrayList<>(wrapper);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        ledgers.forEach(ledger -> command.addAll(List.of("--ledger", ledger)));
        command.addAll(List.of("serve", "--port", "0", "--grpc-port", "off"));
        command.addAll(options);
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("HOME", home.toString());
        try {
            process = builder.start();
            BufferedReader errors = process.errorReader();
            address = URI.create(listening(errors));
            // A server that nobody listens to would wait once the pipe is full.
            reader = new Thread(() -> errors.lines().forEach(this::add), "messages of " + process.pid());
            reader.setDaemon(true);
            reader.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String listening(BufferedReader messages) throws IOException {
        StringBuilder before = new StringBuilder();
        for (String line = messages.readLine(); line != null; line = messages.readLine()) {
            if (line.startsWith(LISTENING)) {
                return line.substring(LISTENING.length());
            }
            before.append(line).append('\n');
        }
        throw new AssertionError("the server ended before it listened:\n" + before);
    }

    private synchronized void add(String line) {
        messages.add(line);
    }

    /** What it has said since it listens. */
    synchronized List<String> messages() {
        return List.copyOf(messages);
    }

    long pid() {
        return process.pid();
    }

    URI address() {
        return address;
    }

    /** Ends it as {@code kill -9} does. */
    void kill() {
        process.toHandle().destroyForcibly();
        awaitEnd();
    }

    /** Tells it to end, waits until it has, and returns its exit code. */
    int stop() {
        process.toHandle().destroy();
        awaitEnd();
        return process.exitValue();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new AssertionError("the server hung");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
