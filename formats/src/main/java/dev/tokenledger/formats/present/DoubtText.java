package dev.tokenledger.formats.present;

import dev.tokenledger.summary.Doubts;
import dev.tokenledger.summary.Summary;
import java.util.ArrayList;
import java.util.List;

/** How many calls of a total have figures that their source could not know, in words. */
public final class DoubtText {

    private DoubtText() {}

    /** One sentence; empty for a total without doubts. */
    public static String words(Summary total) {
        Doubts doubts = total.doubts();
        if (doubts.records() <= 0) {
            return "";
        }
        List<String> kinds = new ArrayList<>();
        if (doubts.outputIncomplete() > 0) {
            kinds.add(Figures.count(doubts.outputIncomplete()) + " may have more output than was logged");
        }
        if (doubts.cacheSplitMissing() > 0) {
            kinds.add(
                    Figures.count(doubts.cacheSplitMissing(), "has", "have") + " cache writes taken for 5-minute ones");
        }
        long others = doubts.records() - doubts.outputIncomplete() - doubts.cacheSplitMissing();
        if (others > 0) {
            // A call may have both of the doubts above, and is taken away twice then.
            String least = kinds.size() == 2 ? "at least " : "";
            kinds.add(least + Figures.count(others, "has", "have") + " other doubts, which the notes name");
        }
        return "Figures of " + Figures.count(doubts.records()) + " of "
                + Figures.count(total.totalRecords(), "call", "calls") + " are in doubt: " + String.join(", ", kinds)
                + ".";
    }
}
