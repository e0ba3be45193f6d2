package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Puts one ledger file in the place of another, which is set aside with its log and index under one new name, so that it can
 * still be opened. Nothing is removed.
 *
 * <p>The old log must never lie beside the new file, which SQLite would apply it to, nor the old file without its log, which
 * would read as less than it was. So an empty file, which everybody refuses, takes the old one's place first. After a kill at
 * any step either the old files are as they were, or the path is refused until the command is run again, or the new file is
 * there.
 */
final class FileSwap {

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    /** What SQLite adds to a file's name for those that it keeps beside it. */
    static final List<String> BESIDE = List.of("-wal", "-shm", "-journal");

    private FileSwap() {}

    /** A moment as a part of a file's name. */
    static String stamp(Instant instant) {
        return STAMP.format(instant);
    }

    /**
     * Replaces a file and all that belongs to it.
     *
     * @param file where the ledger is, or was
     * @param fresh the complete new file, in the same folder and without a log
     * @param suffix what is added to the names of the old files
     * @return the old files under their new names
     */
    static List<Path> replace(Path file, Path fresh, String suffix) throws IOException {
        List<Path> aside = new ArrayList<>();
        Path name = freeName(file, suffix);
        if (Files.exists(file) && Files.size(file) > 0) {
            moveLeavingAnEmptyFile(file, name);
            aside.add(name);
        } else {
            PrivateFiles.createIfAbsent(file);
        }
        for (String beside : BESIDE) {
            Path old = Path.of(file + beside);
            Path moved = Path.of(name + beside);
            try {
                Files.move(old, moved);
                aside.add(moved);
            } catch (NoSuchFileException e) {
                // As after an orderly end.
            }
        }
        sync(file);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        sync(file);
        return aside;
    }

    private static Path freeName(Path file, String suffix) {
        for (int number = 1; ; number++) {
            Path name = Path.of(file + "." + suffix + (number == 1 ? "" : "-" + number));
            if (!Files.exists(name) && BESIDE.stream().noneMatch(beside -> Files.exists(Path.of(name + beside)))) {
                return name;
            }
        }
    }

    private static void moveLeavingAnEmptyFile(Path file, Path name) throws IOException {
        Path empty = PrivateFiles.createBeside(file, "empty");
        try {
            Files.createLink(name, file);
            Files.move(empty, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (FileAlreadyExistsException e) {
            throw e;
        } catch (UnsupportedOperationException | FileSystemException noLinks) {
            Files.move(file, name);
            Files.move(empty, file);
        } finally {
            Files.deleteIfExists(empty);
        }
    }

    /** Has the folder's entries reach the disk, where the system lets a folder be synced. */
    private static void sync(Path file) {
        Path folder = file.toAbsolutePath().getParent();
        try (FileChannel channel = FileChannel.open(folder == null ? file : folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // Not on this system.
        }
    }
}
