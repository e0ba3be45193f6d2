package dev.tokenledger.cli;

import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.sources.prices.PriceFile;
import dev.tokenledger.sources.prices.PriceFileException;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Checks price files. */
@Command(
        name = "check",
        header = "Checks price files and lists every mistake with its line.",
        description = {"Each mistake is FILE:LINE:COLUMN: where: what. The exit code is 1 if there is one."},
        customSynopsis = "tokenledger prices check FILE... [OPTION]...",
        footerHeading = "%nExamples:%n",
        footer = {"  tokenledger prices check examples/prices.yaml"})
final class PricesCheckCommand implements Action {

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Price files, YAML or (ending in .json) JSON.")
    List<String> files = new ArrayList<>();

    @Override
    public int run(Session session) {
        int code = DONE;
        for (String file : files) {
            try {
                PriceLayer layer = PriceFile.read(Places.path("FILE", file));
                int prices = layer.entries().size();
                session.out()
                        .line(Display.safe(file, false) + ": " + Figures.count(prices)
                                + (prices == 1 ? " price" : " prices") + ", no mistakes");
            } catch (PriceFileException e) {
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
