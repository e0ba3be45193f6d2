package dev.tokenledger.cli;

import org.jspecify.annotations.Nullable;

/** A command was understood but cannot be done: exit code 1, and the message alone. */
final class CommandException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    CommandException(String message) {
        super(message);
    }

    CommandException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
