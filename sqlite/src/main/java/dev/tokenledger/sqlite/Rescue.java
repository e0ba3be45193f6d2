package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Saves a ledger whose files are no longer at its path, from the connection that still has them open.
 *
 * <p>It is copied as a backup is, into a file beside the one that was: into its folder; else to where the file was moved;
 * else into the folder for temporary files. Nothing at the ledger's path is touched, and the moved file is not either:
 * others may have opened them by now. For the same reason the connection is not closed: SQLite would then delete the log
 * at the ledger's path, whosoever it is.
 */
final class Rescue {

    private static final Path OPEN_FILES = Path.of("/proc/self/fd");
    private static final String DELETED = " (deleted)";

    /** Connections that must stay open for as long as the process runs. */
    private static final List<Handle> KEPT = new ArrayList<>();

    /** Where an open file is now. */
    private record Place(Path descriptor, @Nullable Path moved) {}

    private Rescue() {}

    /** Has a connection never be closed. */
    static void keep(Handle handle) {
        synchronized (KEPT) {
            KEPT.add(handle);
        }
    }

    /**
     * Saves what a connection sees.
     *
     * @param file the ledger's path
     * @param key the inode that is open
     * @return sentences for people: where everything is now, and what to do
     */
    static String run(Path file, @Nullable Object key, Instant now, Handle handle) {
        Place open = key == null ? null : find(key);
        Path moved = open == null ? null : open.moved;
        String where = moved == null || moved.equals(file) ? "" : "That file is now " + moved + ". ";
        Set<Path> folders = new LinkedHashSet<>();
        folders.add(file.toAbsolutePath().getParent());
        if (moved != null) {
            folders.add(moved.getParent());
        }
        folders.add(Path.of(System.getProperty("java.io.tmpdir", "/tmp")));
        List<String> failures = new ArrayList<>();
        for (Path folder : folders) {
            if (folder == null || !Files.isDirectory(folder)) {
                continue;
            }
            try {
                Path copy =
                        PrivateFiles.createBeside(folder.resolve(file.getFileName()), "saved-" + FileSwap.stamp(now));
                try {
                    return where + "What it held was saved to " + copy + " (" + save(handle, copy)
                            + " entries). Stop this program, run 'tokenledger --ledger " + file + " restore " + copy
                            + "', and start it again.";
                } catch (SQLException e) {
                    Files.deleteIfExists(copy);
                    failures.add(folder + ": " + e.getMessage());
                }
            } catch (IOException e) {
                failures.add(folder + ": " + e.getMessage());
            }
        }
        return where + "It could not be saved (" + String.join("; ", failures).replaceAll("\\s+", " ") + "). "
                + (open == null
                        ? "As long as this program runs, it still has the file open"
                        : "As long as this program runs, the file can be copied from /proc/"
                                + ProcessHandle.current().pid() + "/fd/" + open.descriptor.getFileName()
                                + (Files.exists(Path.of(file + "-wal")) ? ", its log from " + file + "-wal" : ""))
                + "; what was acknowledged and is in neither is lost.";
    }

    private static long save(Handle handle, Path copy) throws SQLException {
        handle.closeStatements();
        PreparedStatement vacuum = handle.statement("VACUUM INTO ?");
        vacuum.setString(1, copy.toString());
        vacuum.execute();
        return handle.number("SELECT count(*) FROM records");
    }

    /** Finds an open file by its inode; null where the system does not tell. */
    private static @Nullable Place find(Object key) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(OPEN_FILES)) {
            for (Path descriptor : descriptors) {
                Place place = at(descriptor, key);
                if (place != null) {
                    return place;
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            // No such folder: another system. Or it could not be read to its end.
        }
        return null;
    }

    private static @Nullable Place at(Path descriptor, Object key) {
        try {
            if (!key.equals(
                    Files.readAttributes(descriptor, BasicFileAttributes.class).fileKey())) {
                return null;
            }
            String target = Files.readSymbolicLink(descriptor).toString();
            if (target.endsWith(DELETED) && !Files.exists(Path.of(target))) {
                return new Place(descriptor, null);
            }
            return new Place(descriptor, Path.of(target));
        } catch (IOException e) {
            // Closed meanwhile, as the descriptor is that reads the folder.
            return null;
        }
    }
}
