package dev.tokenledger.cli;

import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.pricelists.PriceChanges.Change;
import dev.tokenledger.formats.pricelists.PriceChanges.Kind;
import dev.tokenledger.formats.pricelists.PriceDifferences;
import dev.tokenledger.formats.pricelists.PriceList;
import dev.tokenledger.pricing.PriceEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Tells what became of another project's price list: what was read, what it changes, what was left out and why. */
final class PriceReport {

    private static final int MAX_CHANGES = 20;
    private static final int MAX_NAMES = 3;

    private PriceReport() {}

    static List<String> lines(PriceList list, List<Change> changes, boolean all) {
        List<String> lines = new ArrayList<>();
        lines.add("read      " + Figures.count(list.read()) + " prices");
        lines.add("new       " + Figures.count(count(changes, Kind.ADDED)));
        lines.add("changed   " + Figures.count(count(changes, Kind.CHANGED)));
        lines.add("the same  " + Figures.count(count(changes, Kind.SAME)));
        int left =
                list.leftOut().models().values().stream().mapToInt(List::size).sum();
        lines.add("left out  " + Figures.count(left));
        list.leftOut().models().forEach((reason, names) -> lines.add("  " + reasoned(reason, names)));
        Map<String, List<String>> parts = list.leftOut().parts();
        if (!parts.isEmpty()) {
            lines.add("not taken over with their models:");
            parts.forEach((reason, names) -> lines.add("  " + reasoned(reason, names)));
        }
        lines.addAll(changed(changes, all));
        return lines.stream().map(line -> Display.safe(line, false)).toList();
    }

    private static long count(List<Change> changes, Kind kind) {
        return changes.stream().filter(change -> change.kind() == kind).count();
    }

    private static String reasoned(String reason, List<String> names) {
        List<String> shown = names.subList(0, Math.min(MAX_NAMES, names.size()));
        return Figures.count(names.size()) + "  " + reason + ": " + String.join(", ", shown)
                + (names.size() > shown.size() ? ", …" : "");
    }

    private static List<String> changed(List<Change> changes, boolean all) {
        List<String> lines = new ArrayList<>();
        int more = 0;
        for (Change change : changes) {
            if (change.kind() == Kind.CHANGED) {
                if (all || lines.size() < MAX_CHANGES) {
                    lines.add("  " + name(change.entry()) + ": "
                            + String.join(
                                    ", ", PriceDifferences.of(change.before().orElseThrow(), change.entry())));
                } else {
                    more++;
                }
            }
        }
        if (!lines.isEmpty()) {
            lines.add(0, "changed prices, in USD per million tokens:");
        }
        if (more > 0) {
            lines.add("  and " + Figures.count(more) + " more; --all shows them");
        }
        return lines;
    }

    /** An entry by provider and model, with its hours and date if it has any. */
    static String name(PriceEntry entry) {
        String name = (entry.provider().isEmpty() ? "" : entry.provider() + "/") + entry.model();
        return name
                + entry.from().map(from -> "@" + from).orElse("")
                + entry.hours().map(hours -> " " + hours).orElse("");
    }
}
