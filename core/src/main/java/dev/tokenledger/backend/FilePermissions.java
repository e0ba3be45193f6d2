package dev.tokenledger.backend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Who may read the files of a ledger and of what is beside it. */
public final class FilePermissions {

    private FilePermissions() {}

    /** Whether others than its owner may read or write a file; not known, so false, where there are no POSIX permissions. */
    public static boolean isOpenToOthers(Path file) {
        try {
            return Files.getPosixFilePermissions(file).stream()
                    .anyMatch(permission -> !permission.name().startsWith("OWNER_"));
        } catch (IOException | UnsupportedOperationException e) {
            return false;
        }
    }
}
