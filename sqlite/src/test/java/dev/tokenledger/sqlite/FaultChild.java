package dev.tokenledger.sqlite;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.sqlite.Workload.Mix;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * Creates a ledger, writes to it and closes it while the first call to the operating system fails, then anew while the
 * second fails, and so on until one run comes to its end before its call's turn. After each, the ledger is audited. All
 * in one process, under {@code interpose.c}, because there are hundreds of calls and each JVM takes a moment to start.
 */
final class FaultChild {

    static final String COMPLETED = "completed";

    /** One of each kind: a batch is the eighth. */
    private static final int STEPS = 8;

    private static final String RUN = "r";

    private final Path folder;
    private final Recovery recovery;

    private FaultChild(Path folder, Recovery recovery) {
        this.folder = folder;
        this.recovery = recovery;
    }

    /** When the disk is well again. */
    enum Recovery {
        /** One call fails; the next does not. */
        AT_ONCE,
        /** All further calls fail until the ledger has reported it. */
        BEFORE_RETRY,
        /** All further calls fail until the ledger was closed; a new one is opened. */
        BEFORE_REOPEN
    }

    public static void main(String[] arguments) throws IOException, SQLException {
        FaultChild child = new FaultChild(Path.of(arguments[0]), Recovery.valueOf(arguments[1]));
        int call = 1;
        while (child.run(call)) {
            call++;
        }
        System.out.println(COMPLETED + " " + (call - 1));
    }

    /** Returns whether the call was reached. */
    private boolean run(int call) throws IOException, SQLException {
        Path file = folder.resolve("call-" + call + ".db");
        try {
            Audit audit = new Audit(Mix.CORRECT).started(LedgerChild.writer(RUN, 1));
            command("fault:" + call + ":" + (recovery == Recovery.AT_ONCE ? 0 : 1));
            boolean reached = new Run(file, call, audit).carryOut();
            command("fault:0:0");
            checkNothingOpen(file);
            try (Ledger ledger = TestLedgers.open(file)) {
                audit.check(ledger);
            }
            Audit.checkIntegrity(file);
            return reached;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("with an error at call " + call + ", " + recovery + ": " + e.getMessage(), e);
        }
    }

    private boolean command(String name) throws IOException {
        try (FileInputStream opened = new FileInputStream(folder.resolve(name).toFile())) {
            return opened.read() < 0;
        } catch (FileNotFoundException e) {
            return false;
        }
    }

    private static void checkNothingOpen(Path file) throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                // A descriptor of the listing itself is gone by now.
                if (Files.exists(descriptor)) {
                    String target = Files.readSymbolicLink(descriptor).toString();
                    if (target.startsWith(file.toString())) {
                        throw new AssertionError("still open after close: " + target);
                    }
                }
            }
        }
    }

    /** One ledger's life. */
    private final class Run {

        private final Path file;
        private final int call;
        private final Audit audit;
        private boolean reached;

        Run(Path file, int call, Audit audit) {
            this.file = file;
            this.call = call;
            this.audit = audit;
        }

        boolean carryOut() throws IOException {
            Ledger ledger = open();
            for (int number = 1; number <= STEPS; number++) {
                Workload.Step step = Workload.step(Mix.CORRECT, LedgerChild.writer(RUN, 1), number);
                try {
                    step.writeTo(ledger);
                } catch (LedgerException e) {
                    report("write", e);
                    if (recovery == Recovery.BEFORE_REOPEN) {
                        close(ledger);
                        recover();
                        ledger = TestLedgers.openWithShortLog(file);
                    }
                    recover();
                    step.writeTo(ledger);
                }
                audit.acknowledge(List.of(Audit.line(LedgerChild.writer(RUN, 1), number)));
            }
            close(ledger);
            return reached || command("fault:fired");
        }

        private Ledger open() throws IOException {
            Supplier<Ledger> opening = () -> TestLedgers.openWithShortLog(file);
            try {
                return opening.get();
            } catch (LedgerException e) {
                report("open", e);
                checkNothingOpen(file);
                recover();
                return opening.get();
            }
        }

        private void close(Ledger ledger) {
            try {
                ledger.close();
            } catch (LedgerException e) {
                report("close", e);
            }
        }

        private void recover() throws IOException {
            reached |= command("fault:fired");
            if (recovery != Recovery.AT_ONCE) {
                command("fault:0:0");
            }
        }

        private void report(String what, LedgerException e) {
            System.out.println(what + " " + call + " " + LedgerChild.describe(e));
        }
    }
}
