package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.summary.Summary;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a total leaves out, in words: an unpriced call is not a free one. */
final class Coverage {

    private static final int MAX_MODELS = 5;

    private Coverage() {}

    /**
     * How many calls are not in the cost, of which models, and what to do.
     *
     * @param models how many such calls there are of each model, most first
     */
    static String words(Summary total, Map<String, Long> models, Session session) {
        long unpriced = total.unpricedRecords();
        long partial = total.partialRecords();
        StringBuilder text = new StringBuilder();
        if (unpriced > 0) {
            text.append(calls(unpriced))
                    .append(unpriced == 1 ? " has" : " have")
                    .append(" no price");
        }
        if (partial > 0) {
            text.append(unpriced > 0 ? ", " : "")
                    .append(calls(partial))
                    .append(partial == 1 ? " has" : " have")
                    .append(unpriced > 0 ? " one" : " a price")
                    .append(" for only part of the usage");
        }
        List<String> names = new ArrayList<>();
        models.forEach((model, count) -> {
            if (names.size() < MAX_MODELS) {
                names.add((model.isEmpty() ? "(none)" : model) + " (" + Figures.count(count) + ")");
            }
        });
        if (models.size() > MAX_MODELS) {
            names.add("and " + (models.size() - MAX_MODELS) + " more models");
        }
        text.append(": ")
                .append(String.join(", ", names))
                .append(".\nPut what is missing into ")
                .append(session.places().userPrices())
                .append(
                        " or a --prices file, and run 'tokenledger reprice';\n'tokenledger explain ID' shows what one call lacks.");
        return Table.styled(Display.safe(text.toString(), true), Table.Style.WARNING, session.terminal());
    }

    private static String calls(long count) {
        return Figures.count(count, "call", "calls");
    }
}
