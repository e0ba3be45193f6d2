package dev.tokenledger.formats.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What differs once a file was written or replaced. Its time alone does not: two changes may come within what a file system takes
 * for one moment.
 *
 * @param key the file system's identity of the file; null where it has none
 */
public record FileStamp(
        FileTime modified, long size, @Nullable Object key) {

    /**
     * A file's stamp; empty if there is no file.
     *
     * @throws IOException if it cannot be looked at
     */
    public static Optional<FileStamp> of(Path file) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return Optional.of(new FileStamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** A file's stamp; empty if it is not there, or cannot be looked at, which whoever reads it then is told. */
    public static Optional<FileStamp> ifReadable(Path file) {
        try {
            return of(file);
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
