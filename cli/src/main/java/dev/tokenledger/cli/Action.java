package dev.tokenledger.cli;

/** What a command does once its options are read. */
interface Action {

    /** The exit code of a command that did what it was asked. */
    int DONE = 0;

    /** The exit code of a command that was understood, but failed or found something wrong. */
    int FAILED = 1;

    /** The exit code of a command that was not understood. */
    int USAGE = 2;

    /** Whether it reads several ledgers as one, and writes to none. */
    default boolean readsSeveral() {
        return false;
    }

    /**
     * Does it.
     *
     * @return {@link #DONE} or {@link #FAILED}
     * @throws UsageException if the options make no sense together
     * @throws CommandException if it cannot be done
     */
    int run(Session session);
}
