package dev.tokenledger.sqlite;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.sqlite.util.LibraryLoaderUtil;

/**
 * A JVM of its own that a test can watch, wrap, starve and kill. What it prints is collected line by line; a line that
 * was cut short by its death does not count.
 */
final class ChildProcess implements AutoCloseable {

    private static final long PATIENCE_SECONDS = 120;

    private final Process process;
    private final Path errors;
    private final Thread reader;
    private final List<String> lines = new ArrayList<>();
    private boolean ended;

    private ChildProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        reader = new Thread(this::read, "output of " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Starts to describe a child that runs this class. */
    static Builder of(Class<?> main, String... arguments) {
        return new Builder(main, List.of(arguments));
    }

    long pid() {
        return process.pid();
    }

    /** Tells the child to go on, if it waits for a line. */
    void tell(String line) {
        try {
            OutputStream stream = process.getOutputStream();
            stream.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            stream.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the child does not listen; " + diagnosis(), e);
        }
    }

    /** Waits for a line, past or future; fails when the child ends without it. */
    String await(Predicate<String> wanted) {
        return await(wanted, 1);
    }

    /** Waits until so many lines were of this kind, and gives the last of them. */
    synchronized String await(Predicate<String> wanted, int times) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        int next = 0;
        int found = 0;
        while (true) {
            for (; next < lines.size(); next++) {
                if (wanted.test(lines.get(next)) && ++found == times) {
                    return lines.get(next);
                }
            }
            long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
            if (ended || left <= 0) {
                throw new AssertionError("the child " + (ended ? "ended" : "went on") + " without it; " + diagnosis());
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Ends the child as {@code kill -9} does, and returns all it had printed. */
    List<String> kill() {
        // Not by the process itself, which would close its output, and with it acknowledgements not yet read.
        process.toHandle().destroyForcibly();
        return awaitEnd();
    }

    /** Waits for the child's end by itself, with exit code 0, and returns all it printed. */
    List<String> finish() {
        List<String> all = awaitEnd();
        if (process.exitValue() != 0) {
            throw new AssertionError("the child's exit code was " + process.exitValue() + "; " + diagnosis());
        }
        return all;
    }

    private List<String> awaitEnd() {
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the child hung; " + diagnosis());
            }
            reader.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return lines();
    }

    synchronized List<String> lines() {
        return List.copyOf(lines);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    private void read() {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (InputStream stream = process.getInputStream()) {
            byte[] buffer = new byte[8_192];
            for (int length = stream.read(buffer); length >= 0; length = stream.read(buffer)) {
                for (int i = 0; i < length; i++) {
                    if (buffer[i] == '\n') {
                        add(line.toString(StandardCharsets.UTF_8));
                        line.reset();
                    } else {
                        line.write(buffer[i]);
                    }
                }
            }
        } catch (IOException e) {
            // The stream of a killed process may end so; what came before it is what counts.
        }
        synchronized (this) {
            ended = true;
            notifyAll();
        }
    }

    private synchronized void add(String line) {
        lines.add(line);
        notifyAll();
    }

    private String diagnosis() {
        try {
            return "it printed " + lines() + " and to stderr:\n" + Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The native library, unpacked once for all children: each would spend 50 ms on it. */
    private static final class NativeLibrary {

        static final Path FOLDER = unpack();

        private static Path unpack() {
            String name = LibraryLoaderUtil.getNativeLibName();
            String resource = LibraryLoaderUtil.getNativeLibResourcePath() + "/" + name;
            try (InputStream stream = LibraryLoaderUtil.class.getResourceAsStream(resource)) {
                if (stream == null) {
                    throw new IllegalStateException("sqlite-jdbc lacks " + resource);
                }
                Path folder = Files.createTempDirectory("tokenledger-native");
                Path library = folder.resolve(name);
                Files.copy(stream, library);
                // Deleted in reverse order: the library has to go before its folder.
                folder.toFile().deleteOnExit();
                library.toFile().deleteOnExit();
                return folder;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Describes a child. */
    static final class Builder {

        private final Class<?> main;
        private final List<String> arguments;
        private final List<String> wrapper = new ArrayList<>();
        private final Map<String, String> environment = new TreeMap<>();

        private Builder(Class<?> main, List<String> arguments) {
            this.main = main;
            this.arguments = arguments;
        }

        /** Puts a command before the JVM's; it must replace itself by what follows, so that the process stays one. */
        Builder wrappedIn(String... command) {
            wrapper.addAll(List.of(command));
            return this;
        }

        Builder environment(Map<String, String> variables) {
            environment.putAll(variables);
            return this;
        }

        ChildProcess start() {
            List<String> command = new ArrayList<>(wrapper);
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            // What makes a short-lived JVM start fast; the file of counters would also count against a file size limit.
            command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-XX:-UsePerfData"));
            if (Runtime.version().feature() >= 24) {
                command.add("--enable-native-access=ALL-UNNAMED");
            }
            for (String property : List.of("user.timezone", "user.language", "user.extensions")) {
                String value = System.getProperty(property);
                if (value != null) {
                    command.add("-D" + property + "=" + value);
                }
            }
            command.add("-Dorg.sqlite.lib.path=" + NativeLibrary.FOLDER);
            command.add("-cp");
            command.add(System.getProperty("java.class.path"));
            command.add(main.getName());
            command.addAll(arguments);
            try {
                Path errors = Files.createTempFile("child", ".stderr");
                errors.toFile().deleteOnExit();
                ProcessBuilder builder = new ProcessBuilder(command).redirectError(Redirect.to(errors.toFile()));
                builder.environment().putAll(environment);
                return new ChildProcess(builder.start(), errors);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot start " + command.get(0), e);
            }
        }
    }
}
