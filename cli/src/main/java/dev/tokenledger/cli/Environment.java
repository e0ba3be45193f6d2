package dev.tokenledger.cli;

import java.io.BufferedInputStream;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.function.Supplier;

/**
 * All that a run of the program sees of the world around it, files apart.
 *
 * @param in standard input
 * @param out standard output, for results alone
 * @param err standard error, for everything else
 * @param variables environment variables
 * @param clock the time, for periods such as "today" and for records that state none
 * @param zone the system's zone; asked only by commands that need one
 * @param terminal what standard output and standard error lead to
 * @param ledgers how a ledger is opened
 * @param serving how a server is run
 */
record Environment(
        InputStream in,
        OutputStream out,
        OutputStream err,
        Map<String, String> variables,
        InstantSource clock,
        Supplier<ZoneId> zone,
        Terminal terminal,
        LedgerOpener ledgers,
        Serving serving) {

    /** The world of this process. */
    static Environment ofProcess() {
        Map<String, String> variables = System.getenv();
        return new Environment(
                // On Java 17 a file's own stream asks where it stands in the file before it reads all, which a pipe
                // does not know.
                new BufferedInputStream(new FileInputStream(FileDescriptor.in)),
                // Not System.out, which swallows every failure: a full disk must not look like success.
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                variables,
                InstantSource.system(),
                ZoneId::systemDefault,
                Terminal.ofProcess(variables),
                new SqliteLedgerOpener(InstantSource.system()),
                Serving.untilTheProcessEnds());
    }

    /**
     * The zone of days and times where none is named: that of {@code TOKENLEDGER_ZONE}, else the system's.
     *
     * @throws UsageException when it is asked, if the variable names no zone
     */
    @Override
    public Supplier<ZoneId> zone() {
        String name = variable("TOKENLEDGER_ZONE");
        return name.isEmpty()
                ? zone
                : () -> {
                    try {
                        return new Converters.OfZone().convert(name);
                    } catch (RuntimeException e) {
                        throw new UsageException("TOKENLEDGER_ZONE: " + e.getMessage());
                    }
                };
    }

    /** A variable's value; empty when it is not set. */
    String variable(String name) {
        return variables.getOrDefault(name, "");
    }
}
