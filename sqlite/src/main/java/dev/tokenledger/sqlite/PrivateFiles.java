package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Makes files that nobody but their owner may read: a ledger says who did what, and for how much. SQLite gives the log and
 * its index the permissions of the file.
 */
final class PrivateFiles {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");
    private static final int MAX_NAMES = 1_000;

    private PrivateFiles() {}

    /** What to create a file with: mode 0600, or nothing where there are no such permissions. */
    static FileAttribute<?>[] attributes() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(OWNER_ONLY)}
                : new FileAttribute<?>[0];
    }

    /** Makes an empty file of this name if there is none. */
    static void createIfAbsent(Path file) throws IOException {
        try {
            Files.createFile(file, attributes());
        } catch (FileAlreadyExistsException e) {
            // As it should be.
        }
    }

    /** Makes an empty file whose name is another's with {@code .suffix}, and a number if that is taken. */
    static Path createBeside(Path file, String suffix) throws IOException {
        for (int number = 1; ; number++) {
            Path made = Path.of(file + "." + suffix + (number == 1 ? "" : "-" + number));
            try {
                return Files.createFile(made, attributes());
            } catch (FileAlreadyExistsException e) {
                if (number == MAX_NAMES) {
                    throw e;
                }
            }
        }
    }
}
