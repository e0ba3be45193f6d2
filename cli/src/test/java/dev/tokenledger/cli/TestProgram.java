package dev.tokenledger.cli;

import dev.tokenledger.server.TokenledgerServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** The program as a test calls it: in a folder of its own, at a fixed time, with what it wrote kept. */
final class TestProgram {

    /** A Sunday. */
    static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

    private final Path folder;
    private final Map<String, String> variables = new HashMap<>();
    private InputStream in = InputStream.nullInputStream();
    private ZoneId zone = ZoneId.of("UTC");
    private Instant now = NOW;
    private boolean terminal;
    private boolean messagesOnTerminal;
    private Serving serving = TestProgram::startAndStop;
    private LedgerOpener ledgers = new SqliteLedgerOpener(InstantSource.fixed(NOW));

    /** What a run came to. */
    record Result(int code, String out, String err) {}

    TestProgram(Path folder) {
        this.folder = folder;
        variables.put("HOME", folder.toString());
        // Tests run beside each other, and beside whatever has the usual port.
        variables.put("TOKENLEDGER_GRPC_PORT", "off");
        variables.put("TOKENLEDGER_LEDGER", folder.resolve("ledger.db").toString());
    }

    TestProgram variable(String name, String value) {
        variables.put(name, value);
        return this;
    }

    /** The ledger is the one in the user's data folder, {@code tokenledger/ledger.db}, as when nobody names one. */
    TestProgram defaultLedger() {
        variables.remove("TOKENLEDGER_LEDGER");
        return variable("XDG_DATA_HOME", folder.toString());
    }

    /** The time from now on; ledgers that are open keep theirs. */
    TestProgram at(Instant time) {
        now = time;
        return this;
    }

    TestProgram zone(String name) {
        zone = ZoneId.of(name);
        return this;
    }

    /** Standard output is a UTF-8 terminal of this many columns, without colours. */
    TestProgram terminal(int columns) {
        terminal = true;
        return variable("COLUMNS", Integer.toString(columns))
                .variable("LANG", "en_US.UTF-8")
                .variable("NO_COLOR", "1");
    }

    /** A server listens where it is told to, not on a port that is free. */
    TestProgram onItsOwnPort() {
        return serving((builder, started) -> builder.start().close());
    }

    /** A server is run in the test's own way. */
    TestProgram serving(Serving way) {
        serving = way;
        return this;
    }

    TestProgram ledgers(LedgerOpener opener) {
        ledgers = opener;
        return this;
    }

    TestProgram messagesOnTerminal() {
        messagesOnTerminal = true;
        return this;
    }

    TestProgram in(String text) {
        return in(text.getBytes(StandardCharsets.UTF_8));
    }

    TestProgram in(InputStream stream) {
        in = stream;
        return this;
    }

    TestProgram in(byte[] bytes) {
        in = new ByteArrayInputStream(bytes);
        return this;
    }

    /** Writes a file into the folder and returns its path. */
    String file(String name, String content) {
        Path file = folder.resolve(name);
        try {
            Files.createDirectories(file.getParent());
            Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toString();
    }

    Path path(String name) {
        return folder.resolve(name);
    }

    Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Result result = runInto(out, arguments);
        return new Result(result.code(), out.toString(StandardCharsets.UTF_8), result.err());
    }

    /** Runs with a standard output of the test's own. */
    Result runInto(OutputStream out, String... arguments) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Environment environment = new Environment(
                in,
                out,
                err,
                Map.copyOf(variables),
                InstantSource.fixed(now),
                () -> zone,
                Terminal.of(terminal, messagesOnTerminal, variables),
                ledgers,
                serving);
        int code = Program.run(arguments, environment);
        return new Result(code, "", err.toString(StandardCharsets.UTF_8));
    }

    /** Runs a command that has to succeed, and returns what it printed. */
    String succeed(String... arguments) {
        Result result = run(arguments);
        if (result.code() != 0) {
            throw new AssertionError("exit code " + result.code() + ": " + result.err());
        }
        return result.out();
    }

    /** On whatever port is free: which ones are, is not for a test to say. */
    static void startAndStop(TokenledgerServer.Builder builder, Consumer<TokenledgerServer> started) {
        try (TokenledgerServer server = builder.port(0).start()) {
            started.accept(server);
        }
    }
}
