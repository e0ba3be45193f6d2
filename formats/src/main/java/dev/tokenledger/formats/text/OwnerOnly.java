package dev.tokenledger.formats.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Files and folders that their owner alone may read and write, from the moment they are there. On file systems without POSIX
 * permissions they get those that the folder around them gives.
 */
public final class OwnerOnly {

    private OwnerOnly() {}

    /** What to make a file in a folder with. */
    public static FileAttribute<?>[] file(Path folder) {
        return attributes(folder, "rw-------");
    }

    /**
     * Makes a folder and those around it, as far as they are not there.
     *
     * @throws IOException if one cannot be made
     */
    public static void createFolders(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, attributes(folder, "rwx------"));
        }
    }

    private static FileAttribute<?>[] attributes(Path path, String permissions) {
        return isPosix(path)
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** Whether a path is of a file system with POSIX permissions. */
    static boolean isPosix(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }
}
