package dev.tokenledger.cli;

import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.sources.prices.PriceFile;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows prices in full. */
@Command(
        name = "show",
        header = "Shows prices in full, in the form of a price file.",
        description = {"Copy one into a file of yours to change it."},
        customSynopsis = "tokenledger prices show MODEL [OPTION]...",
        footerHeading = "%nExamples:%n",
        footer = {"  tokenledger prices show claude-sonnet-4-5", "  tokenledger prices show anthropic/claude-sonnet-4-5"
        })
final class PricesShowCommand implements Action {

    @Parameters(
            paramLabel = "MODEL",
            description = "A model's exact name or alias, provider/model, or a price id as a record names it.")
    String wanted = "";

    @Override
    public int run(Session session) {
        String name = wanted.strip();
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
