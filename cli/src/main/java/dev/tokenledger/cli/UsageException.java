package dev.tokenledger.cli;

/** The program was called in a way it cannot be: exit code 2, and a hint at the command's help. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
