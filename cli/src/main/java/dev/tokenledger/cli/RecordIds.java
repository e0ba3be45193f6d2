package dev.tokenledger.cli;

import dev.tokenledger.usage.RecordId;

/** Records named on the command line. */
final class RecordIds {

    private RecordIds() {}

    static RecordId parse(String text) {
        try {
            return RecordId.of(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid record id: " + e.getMessage());
        }
    }

    static CommandException unknown(RecordId id, Session session) {
        return new CommandException("there is no record " + Converters.quoted(id.value()) + " in "
                + session.ledgerName() + "; 'tokenledger records' lists ids");
    }
}
