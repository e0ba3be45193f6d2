package dev.tokenledger.sqlite;

import dev.tokenledger.Ledger;
import dev.tokenledger.sqlite.Workload.Mix;
import java.io.IOException;
import java.nio.file.Path;

/**
 * A process that opens the same file a second time and closes it again, and goes on writing with the first ledger. On
 * POSIX systems, whoever closes a file by himself drops all locks that his process has on it, SQLite's own too.
 */
final class ReopeningChild {

    static final String REOPENED = "reopened";
    static final String WRITTEN = "written";
    static final String WRITER = "r.t1";
    static final int STEPS = 20;

    private ReopeningChild() {}

    public static void main(String[] arguments) throws IOException {
        Path file = Path.of(arguments[0]);
        try (Ledger ledger = TestLedgers.open(file)) {
            write(ledger, 1);
            TestLedgers.open(file).close();
            System.out.println(REOPENED);
            System.in.read();
            for (int number = 2; number <= STEPS; number++) {
                write(ledger, number);
            }
            System.out.println(WRITTEN);
            // Here the parent kills it.
            while (System.in.read() >= 0) {
                Thread.onSpinWait();
            }
        }
    }

    private static void write(Ledger ledger, int number) {
        Workload.step(Mix.APPEND, WRITER, number).writeTo(ledger);
        System.out.println(Audit.line(WRITER, number));
    }
}
