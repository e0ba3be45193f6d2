package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.pricelists.PriceDifferences;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceLayer;
import java.util.List;

/** Compares two price lists. */
final class PricesDiffCommand extends Subcommand implements Action {

    private static final String BUNDLED = "bundled";

    private final Argument<String> first = parameter(0, "A", "A price file, or the word bundled.");
    private final Argument<String> second =
            parameter(1, "B", "What to compare it with: a price file, or the word bundled.");

    PricesDiffCommand() {
        super("diff", "Tells what one price file has otherwise than another.", "prices diff A B [OPTION]...");
        description(
                "A line with + is a price of B alone, one with - of A alone, one with ~ a price with other figures.",
                "Prices are the same if provider, model, first instant and hours are. Sources are not compared.");
        examples("  tokenledger prices diff bundled examples/prices.yaml");
    }

    @Override
    public int run(Session session) {
        List<PriceDifferences.Line> lines = PriceDifferences.between(
                layer("A", first.or("")).entries(), layer("B", second.or("")).entries());
        for (PriceDifferences.Line line : lines) {
            String figures = line.figures().isEmpty() ? "" : ": " + String.join(", ", line.figures());
            session.out().line(Display.safe(line.sign() + " " + PriceReport.name(line.entry()) + figures, false));
        }
        session.say(count(lines, '+') + " added, " + count(lines, '-') + " gone, " + count(lines, '~') + " changed");
        return DONE;
    }

    private static String count(List<PriceDifferences.Line> lines, char sign) {
        return Figures.count(lines.stream().filter(line -> line.sign() == sign).count());
    }

    private static PriceLayer layer(String what, String name) {
        if (name.equals(BUNDLED)) {
            return PriceBook.bundled().layers().get(0);
        }
        try {
            return PriceFile.read(Places.path(what, name));
        } catch (DocumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }
}
