package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * A ledger's file that nobody was writing to when it was looked at, in a folder in which this process may write nothing.
 *
 * <p>SQLite cannot make the index of its log there; where there is no log either, it reads the file as one that never changes.
 * It does not notice if somebody changes it after all, whose user may write there: that is told by the file itself.
 */
record RestingFile(
        Path file, long size, FileTime modified, @Nullable Object key) {

    /** The file as it is now; null if it can be read as any other. */
    static @Nullable RestingFile of(Path file) {
        Path folder = file.getParent();
        return folder == null || Files.isWritable(folder) ? null : look(file);
    }

    /** The file as it is now; null if somebody writes to it. */
    static @Nullable RestingFile look(Path file) {
        if (Files.exists(file.resolveSibling(file.getFileName() + "-wal"))) {
            return null;
        }
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return new RestingFile(file, attributes.size(), attributes.lastModifiedTime(), attributes.fileKey());
        } catch (IOException e) {
            // Opening it tells what is wrong.
            return null;
        }
    }

    /** Whether somebody has begun to write to it since. */
    boolean isStirred() {
        return !equals(look(file));
    }
}
