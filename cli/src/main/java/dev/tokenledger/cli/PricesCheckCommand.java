package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.pricing.PriceLayer;
import java.util.List;

/** Checks price files. */
final class PricesCheckCommand extends Subcommand implements Action {

    private final Argument<List<String>> files =
            parameters(0, 1, "FILE", "Price files, YAML or (ending in .json) JSON.");

    PricesCheckCommand() {
        super("check", "Checks price files and lists every mistake with its line.", "prices check FILE... [OPTION]...");
        description("Each mistake is FILE:LINE:COLUMN: where: what. The exit code is 1 if there is one.");
        examples("  tokenledger prices check examples/prices.yaml");
    }

    @Override
    public int run(Session session) {
        int code = DONE;
        for (String file : files.or(List.of())) {
            try {
                PriceLayer layer = PriceFile.read(Places.path("FILE", file));
                int prices = layer.entries().size();
                session.out()
                        .line(Display.safe(file, false) + ": " + Figures.count(prices, "price", "prices")
                                + ", no mistakes");
            } catch (DocumentException e) {
                code = FAILED;
                if (e.mistakes().isEmpty()) {
                    session.say(String.valueOf(e.getMessage()));
                }
                e.mistakes().forEach(mistake -> session.say(file + ":" + mistake));
            }
        }
        return code;
    }
}
