package dev.tokenledger.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Files that the user names. */
final class InputFiles {

    private InputFiles() {}

    /** Checks that a file can be read, so that a mistake is told before anything is done. */
    static Path readable(String text) {
        return readable("PATH", text);
    }

    /** Checks that a file that an option or parameter names can be read. */
    static Path readable(String parameter, String text) {
        Path file = readableOrFolder(parameter, text);
        if (Files.isDirectory(file)) {
            throw new CommandException("cannot read " + file + ": it is a folder, not a file");
        }
        return file;
    }

    /** Checks that a file or folder can be read, so that a mistake is told before anything is done. */
    static Path readableOrFolder(String text) {
        return readableOrFolder("PATH", text);
    }

    private static Path readableOrFolder(String parameter, String text) {
        Path file = Places.path(parameter, text);
        if (!Files.exists(file)) {
            throw new CommandException("cannot read " + file + ": there is no such file");
        }
        if (!Files.isReadable(file)) {
            throw new CommandException("cannot read " + file + ": permission denied");
        }
        return file;
    }

    static CommandException unreadable(String name, IOException failure) {
        return new CommandException("cannot read " + name + ": " + reason(failure), failure);
    }

    /** What went wrong, in words: the JDK's file exceptions have a path for their message. */
    static String reason(@Nullable IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return "there is no such file";
        }
        if (failure instanceof AccessDeniedException) {
            return "permission denied";
        }
        if (failure instanceof FileSystemException system && system.getReason() != null) {
            return String.valueOf(system.getReason());
        }
        String message = failure == null ? null : failure.getMessage();
        return message == null ? "reading or writing failed" : message;
    }
}
