package dev.tokenledger.cli;

import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import java.util.ArrayList;
import java.util.List;

/** Shows prices in full. */
final class PricesShowCommand extends Subcommand implements Action {

    private final Argument<String> wanted =
            parameter(0, "MODEL", "A model's exact name or alias, provider/model, or a price id as a record names it.");

    PricesShowCommand() {
        super("show", "Shows prices in full, in the form of a price file.", "prices show MODEL [OPTION]...");
        description("Copy one into a file of yours to change it.");
        examples(
                "  tokenledger prices show claude-sonnet-4-5", "  tokenledger prices show anthropic/claude-sonnet-4-5");
    }

    @Override
    public int run(Session session) {
        String name = wanted.or("").strip();
        List<String> texts = new ArrayList<>();
        for (PriceLayer layer : session.prices().layers()) {
            for (PriceEntry entry : layer.entries()) {
                if (answersTo(entry, name)) {
                    texts.add("# " + entry.id() + "\n# in: " + Display.safe(layer.name(), false) + "\n"
                            + PriceFile.format(List.of(entry)));
                }
            }
        }
        if (texts.isEmpty()) {
            throw new CommandException("no price of " + Converters.quoted(name)
                    + "; names match exactly, 'tokenledger prices list' searches in parts of them");
        }
        session.out().text(String.join("\n", texts));
        return DONE;
    }

    private static boolean answersTo(PriceEntry entry, String name) {
        String id = entry.id().text();
        return entry.model().equals(name)
                || entry.aliases().contains(name)
                || (entry.provider() + "/" + entry.model()).equals(name)
                || id.equals(name)
                || id.substring(0, id.lastIndexOf('#')).equals(name);
    }
}
