package dev.tokenledger.sqlite;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.VerifyReport;
import dev.tokenledger.pricing.PriceBook;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Puts a ledger's file right that is damaged, was lost or is to be replaced by a backup. Works on files that nobody has open,
 * and removes none of them: what was there is set aside under a name of its own.
 *
 * <p>Not to be used by a process that has the ledger open itself. Safe for use by many processes: one at a time does its work,
 * the others are refused.
 */
public final class LedgerRepair {

    private static final int HEADER_BYTES = 100;
    private static final int APPLICATION_ID_AT = 68;
    private static final int JOURNAL_MODE_AT = 18;
    private static final int PAGE_COUNT_AT = 28;
    private static final byte[] ROLLBACK_JOURNAL = {1, 1};
    private static final byte[] MAGIC = {'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't', ' ', '3', 0};
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(5);

    /** How many files beside a log are tried as the one that it belongs to. */
    private static final int MAX_CANDIDATES = 50;

    /**
     * What was done.
     *
     * @param entries how many entries the ledger has now
     * @param lost a few words for each thing that could not be saved; empty if nothing was lost
     * @param source the file that the ledger was made from
     * @param setAside the files that were there before, under their new names
     */
    public record Outcome(long entries, List<String> lost, Path source, List<Path> setAside) {

        /** Copies its lists. */
        public Outcome {
            lost = List.copyOf(lost);
            setAside = List.copyOf(setAside);
        }
    }

    private LedgerRepair() {}

    /**
     * Puts a copy of a backup in a ledger's place. The backup is checked first as {@code verify} does, and stays as it is.
     *
     * @param file where the ledger is, was, or shall be; its folder has to be there
     * @param now part of the names of what is set aside
     * @throws LedgerBusyException if somebody has the ledger open
     * @throws LedgerCorruptException if the backup is damaged
     * @throws LedgerException if the backup cannot be read, or its copy not be written; the ledger is as it was
     */
    // What is held is not used.
    @SuppressWarnings("try")
    public static Outcome restore(Path file, Path backup, Instant now) {
        String action = "restore " + backup + " to";
        Path real = real(file);
        try {
            if (Files.exists(real) && Files.exists(backup) && Files.isSameFile(real, backup)) {
                throw new LedgerUnavailableException(
                        "cannot " + action + " " + file + ": it is that very file; name a backup", null);
            }
            try (ExclusiveHold hold = ExclusiveHold.of(real, action)) {
                Path fresh = PrivateFiles.createBeside(real, "restoring");
                try {
                    try (SqliteLedger ledger = reading(backup)) {
                        checkClean(backup, ledger.verify());
                        ledger.copyTo(fresh);
                    }
                    long entries;
                    try (SqliteLedger ledger = reading(fresh)) {
                        entries = ledger.entries();
                    }
                    List<Path> aside = FileSwap.replace(real, fresh, "before-restore-" + FileSwap.stamp(now));
                    return new Outcome(entries, List.of(), backup, aside);
                } finally {
                    deleteWithLog(fresh);
                }
            }
        } catch (IOException e) {
            throw failed(action, file, e);
        }
    }

    private static void checkClean(Path file, VerifyReport report) {
        if (!report.clean()) {
            throw new LedgerCorruptException(
                    "cannot restore " + file + ": it is damaged ("
                            + report.differences().get(0)
                            + "); nothing was changed, try an older backup, or run 'tokenledger --ledger " + file
                            + " recover' and restore what that makes of it",
                    null);
        }
    }

    /**
     * Saves what can be saved of a ledger that cannot be opened or is damaged: one whose file is missing while its log is
     * there, whose log is broken, or whose pages are. The result is checked as {@code verify} does before it takes the ledger's
     * place.
     *
     * @param file where the ledger is or was
     * @param moved the file that was moved away from there; if there is none, it is searched beside the log
     * @param now part of the names of what is set aside
     * @return empty if nothing is wrong, and nothing was changed
     * @throws LedgerBusyException if somebody has the ledger open
     * @throws LedgerCorruptException if nothing can be saved; nothing was changed
     * @throws LedgerException if files cannot be read or written; nothing was changed
     */
    // What is held is not used.
    @SuppressWarnings("try")
    public static Optional<Outcome> recover(Path file, Optional<Path> moved, Instant now) {
        Path real = real(file);
        try (ExclusiveHold hold = ExclusiveHold.of(real, "recover")) {
            return new Recovery(real, moved.orElse(null), now).run();
        } catch (IOException e) {
            throw failed("recover", file, e);
        } catch (SQLException e) {
            throw Errors.of("recover", file.toString(), Errors.Attempt.READ, BUSY_TIMEOUT, e);
        }
    }

    /** One attempt to recover a ledger whose files are held. */
    private static final class Recovery {

        private final Path file;
        private final @Nullable Path moved;
        private final Instant now;
        private final Path wal;
        private final LogFrames log;

        Recovery(Path file, @Nullable Path moved, Instant now) throws IOException {
            this.file = file;
            this.moved = moved;
            this.now = now;
            wal = Path.of(file + "-wal");
            log = LogFrames.of(wal);
        }

        Optional<Outcome> run() throws IOException, SQLException {
            boolean there = Files.isRegularFile(file) && Files.size(file) > 0;
            if (moved == null && there && isSound()) {
                return Optional.empty();
            }
            Path image = PrivateFiles.createBeside(file, "recovering");
            try {
                for (Path source : sources(there)) {
                    Optional<Outcome> outcome = source.equals(wal) ? fromLogAlone(image) : from(source, image);
                    if (outcome.isPresent()) {
                        return outcome;
                    }
                }
                if (there) {
                    return Optional.of(salvage(file, image));
                }
            } finally {
                deleteWithLog(image);
            }
            throw new LedgerCorruptException("cannot recover " + file + ": " + why(), null);
        }

        private String why() {
            if (log.isEmpty()) {
                return "neither the file nor a log with whole transactions is there; nothing was changed, restore a backup";
            }
            return "its log holds " + log.distinctPages() + " of " + log.pages()
                    + " pages, and the file with the others is"
                    + " not beside it; nothing was changed, name that file with --file, or restore a backup";
        }

        /** Whether it can be opened and all is as it should be. */
        private boolean isSound() {
            try (SqliteLedger ledger = reading(file)) {
                return log.damaged() == 0 && ledger.verify().clean();
            } catch (LedgerException e) {
                return false;
            }
        }

        /** What the log may belong to, the likeliest first; the log stands for itself. */
        private List<Path> sources(boolean there) throws IOException {
            if (moved != null) {
                return List.of(moved);
            }
            if (there) {
                return List.of(file);
            }
            List<Path> sources = new ArrayList<>();
            if (log.holdAllPages()) {
                sources.add(wal);
            }
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null && !log.isEmpty()) {
                try (Stream<Path> beside = Files.list(folder)) {
                    beside.filter(path -> !path.getFileName().toString().startsWith(file.getFileName() + "."))
                            .filter(LedgerRepair::hasLedgersHeader)
                            .sorted()
                            .limit(MAX_CANDIDATES)
                            .forEach(sources::add);
                }
            }
            return sources;
        }

        private Optional<Outcome> fromLogAlone(Path image) throws IOException {
            Files.write(image, new byte[0]);
            log.applyTo(image, wal);
            return placed(wal, image);
        }

        /** The file with all that is whole in the log, if nothing is missing then. */
        // What is held is not used.
        @SuppressWarnings("try")
        private Optional<Outcome> from(Path source, Path image) throws IOException {
            if (source.equals(file)) {
                imageOf(source, image);
                return placed(source, image);
            }
            try (ExclusiveHold other = ExclusiveHold.of(source, "read")) {
                imageOf(source, image);
                return placed(source, image);
            } catch (LedgerBusyException e) {
                if (moved != null) {
                    throw e;
                }
                return Optional.empty();
            }
        }

        private void imageOf(Path source, Path image) throws IOException {
            Files.copy(source, image, StandardCopyOption.REPLACE_EXISTING);
            if (!log.isEmpty()) {
                log.applyTo(image, wal);
            }
            try (FileChannel channel = FileChannel.open(image, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.wrap(ROLLBACK_JOURNAL), JOURNAL_MODE_AT);
            }
        }

        private Optional<Outcome> placed(Path source, Path image) throws IOException {
            long entries;
            try (SqliteLedger ledger = reading(image)) {
                VerifyReport report = ledger.verify();
                if (!report.clean()) {
                    return Optional.empty();
                }
                entries = report.entries();
            } catch (LedgerException e) {
                return Optional.empty();
            }
            return Optional.of(new Outcome(entries, List.of(), source, swap(image)));
        }

        private List<Path> swap(Path fresh) throws IOException {
            deleteLog(fresh);
            return FileSwap.replace(file, fresh, "before-recovery-" + FileSwap.stamp(now));
        }

        /** Copies row by row what the image, which did not pass the check, still holds. */
        private Outcome salvage(Path source, Path image) throws IOException, SQLException {
            Path fresh = PrivateFiles.createBeside(file, "recovered");
            try {
                List<String> lost = new ArrayList<>();
                try (Connections to = Connections.to(fresh, false, BUSY_TIMEOUT, Connections.CHECKPOINT_PAGES);
                        Handle writer = to.openWriter()) {
                    Schema.migrate(writer, to, file.toString(), Schema.MIGRATIONS);
                    mendHeader(image, fresh);
                    try (Connections from = Connections.to(image, true, BUSY_TIMEOUT, 1);
                            Handle reader = from.open()) {
                        lost.addAll(Salvage.run(reader, writer));
                    } catch (SQLException e) {
                        throw new LedgerCorruptException(
                                "cannot recover " + file + ": no table can be read (" + e.getMessage()
                                        + "); nothing was changed, restore a backup",
                                e);
                    }
                }
                long entries;
                try (SqliteLedger ledger =
                        SqliteLedger.builder().prices(PriceBook.empty()).open(fresh)) {
                    ledger.rebuild();
                    VerifyReport report = ledger.verify();
                    if (!report.clean()) {
                        throw new LedgerCorruptException(
                                "cannot recover " + file + ": what was saved does not add up ("
                                        + report.differences().get(0) + "); nothing was changed, restore a backup",
                                null);
                    }
                    entries = report.entries();
                }
                return new Outcome(entries, lost, source, swap(fresh));
            } finally {
                deleteWithLog(fresh);
            }
        }
    }

    /** Gives an image whose first bytes are damaged those of a new ledger, so that SQLite opens it. */
    private static void mendHeader(Path image, Path like) throws IOException {
        if (hasLedgersHeader(image)) {
            return;
        }
        try (RandomAccessFile from = new RandomAccessFile(like.toFile(), "r");
                RandomAccessFile to = new RandomAccessFile(image.toFile(), "rw")) {
            byte[] header = new byte[HEADER_BYTES];
            from.readFully(header);
            int pageSize = ByteBuffer.wrap(header).getShort(16) & 0xffff;
            ByteBuffer.wrap(header).putInt(PAGE_COUNT_AT, (int) (to.length() / pageSize));
            ByteBuffer.wrap(header).putLong(32, 0);
            header[JOURNAL_MODE_AT] = 1;
            header[JOURNAL_MODE_AT + 1] = 1;
            to.write(header);
        }
    }

    private static boolean hasLedgersHeader(Path file) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
            return channel.read(header, 0) == HEADER_BYTES
                    && ByteBuffer.wrap(MAGIC)
                            .equals(header.duplicate().position(0).limit(MAGIC.length))
                    && header.getInt(APPLICATION_ID_AT) == Schema.APPLICATION_ID;
        } catch (IOException e) {
            return false;
        }
    }

    private static SqliteLedger reading(Path file) {
        return SqliteLedger.builder().readOnly(true).onWarning(warning -> {}).open(file);
    }

    /** Links lead to the file, and its log lies beside that. */
    private static Path real(Path file) {
        try {
            return Files.exists(file) ? file.toRealPath() : file;
        } catch (IOException e) {
            return file;
        }
    }

    private static void deleteLog(Path file) throws IOException {
        for (String suffix : FileSwap.BESIDE) {
            Files.deleteIfExists(Path.of(file + suffix));
        }
    }

    private static void deleteWithLog(Path file) throws IOException {
        Files.deleteIfExists(file);
        deleteLog(file);
    }

    private static LedgerUnavailableException failed(String action, Path file, IOException cause) {
        return new LedgerUnavailableException(
                "cannot " + action + " " + file + ": " + cause
                        + "; the ledger is as it was, check room and permissions",
                cause);
    }
}
