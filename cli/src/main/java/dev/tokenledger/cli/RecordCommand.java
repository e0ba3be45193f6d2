package dev.tokenledger.cli;

import dev.tokenledger.AppendResult;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.usage.UsageRecord;

/** Appends one record. */
final class RecordCommand extends Subcommand implements Action {

    private final Argument<Boolean> json = flag("--json", "Print the stored entry as JSON.");
    private final RecordOptions options = new RecordOptions(this);

    RecordCommand() {
        super(
                "record",
                "Appends one record: one call of a model.",
                "record --model MODEL [--input-tokens N] [--output-tokens N] [OPTION]...");
        description("Prints its id and its cost. Recording the same id and content again changes nothing.");
        examples(
                "  tokenledger record --model claude-sonnet-4-5 --input-tokens 1200 --output-tokens 300",
                "  tokenledger record --id call-1 --model mirror/gpt-oss:20b --input-tokens 811 --role scheduled \\",
                "      --task-name email_poll --attribute project=household",
                "  tokenledger record --model claude-opus-4-8 --input-tokens 5 --output-tokens 900 \\",
                "      --cache-read-input-tokens 52000 --cache-creation-1h-input-tokens 4000 --calls web_search=2");
    }

    @Override
    public int run(Session session) {
        UsageRecord record = record(session);
        try (Ledger ledger = session.openLedger()) {
            AppendResult result = ledger.append(record);
            if (result instanceof AppendResult.Rejected rejected) {
                throw new CommandException("cannot record: " + rejected.reason() + "; nothing was stored");
            }
            if (result instanceof AppendResult.Conflict conflict) {
                throw new CommandException("conflict: record " + conflict.id() + " is there with another "
                        + conflict.field() + ": stored " + Converters.quoted(conflict.stored()) + ", offered "
                        + Converters.quoted(conflict.offered())
                        + "; nothing was stored. Leave the id out to add another record, or correct the stored one "
                        + "with 'tokenledger reverse'");
            }
            LedgerEntry entry = ledger.find(result.id()).orElseThrow();
            print(entry, result instanceof AppendResult.Duplicate ? "duplicate" : "appended", session);
        }
        return DONE;
    }

    private UsageRecord record(Session session) {
        try {
            return options.record(session);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw new UsageException("cannot record: " + e.getMessage());
        }
    }

    private void print(LedgerEntry entry, String result, Session session) {
        if (json.or(false)) {
            session.out().line(EntryJson.write(entry));
        } else {
            session.out()
                    .line(result + " " + entry.id() + "  " + Costs.amount(entry.cost()) + "  "
                            + entry.cost().status().text()
                            + entry.cost().priceId().map(id -> "  " + id).orElse(""));
        }
        Costs.gap(entry.record(), entry.cost(), session).ifPresent(session::say);
    }
}
