package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.reprice.Repricing;
import dev.tokenledger.formats.reprice.Selection;
import dev.tokenledger.usage.PricingStatus;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;

/** Prices records again, and keeps it. */
final class RepriceCommand extends Subcommand implements Action {

    private final Argument<Boolean> unpriced = flag("--unpriced", "Fill in calls without any price.");
    private final Argument<Boolean> partial = flag("--partial", "Fill in calls that lack a part of their price.");
    private final Argument<Boolean> correct =
            flag("--correct", "Price calls anew that have a whole price, where today's is another one.");
    private final Argument<Boolean> given = flag("--given", "Among these, also calls whose cost was given with them.");
    private final RepriceOptions options = new RepriceOptions(this);
    private final WindowOptions window = new WindowOptions(this);
    private final FilterOptions filter = new FilterOptions(this);

    RepriceCommand() {
        super(
                "reprice",
                "Prices records again: shows what would change, or keeps it.",
                "reprice [COMMAND] [OPTION]...");
        description(
                "Each record is priced at the instant of its call by today's prices (the bundled ones, updates, your own file and each"
                        + " --prices). Without --apply nothing is written. With it, each record gets an entry that changes what it costs in"
                        + " totals; the record and its first cost stay readable, and 'reprice undo' takes it back. Without --unpriced,"
                        + " --partial or --correct, calls without a whole price are filled in. No call loses a price.");
        for (Subcommand command : List.of(new RepriceListCommand(), new RepriceUndoCommand())) {
            spec().addSubcommand(command.spec().name(), new CommandLine(command.spec()));
        }
        examples(
                "  tokenledger reprice --reason \"price list of November\"",
                "  tokenledger reprice --reason \"price list of November\" --apply",
                "  tokenledger reprice --correct --prices examples/prices.yaml --reason \"a rate was wrong\"",
                "  tokenledger reprice list",
                "",
                "A run is written in many commits; if it is stopped, the same command completes it. What happened before a",
                "closed period's end is not repriced, see 'tokenledger close'.");
    }

    @Override
    public int run(Session session) {
        Set<PricingStatus> statuses = EnumSet.noneOf(PricingStatus.class);
        if (unpriced.or(false)) {
            statuses.add(PricingStatus.UNPRICED);
        }
        if (partial.or(false)) {
            statuses.add(PricingStatus.PARTIAL);
        }
        if (correct.or(false)) {
            statuses.add(PricingStatus.PRICED);
        }
        if (statuses.isEmpty()) {
            statuses = EnumSet.of(PricingStatus.UNPRICED, PricingStatus.PARTIAL);
        }
        Selection selection;
        try {
            selection = new Selection(statuses, given.or(false), window.window(session), filter.filters());
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--where': " + e.getMessage());
        }
        String why = options.reason();
        try (Ledger ledger = options.open(session)) {
            return options.run(
                    ledger, Repricing.of(ledger, selection, session.prices(), why, window.zone(session)), session);
        }
    }
}
