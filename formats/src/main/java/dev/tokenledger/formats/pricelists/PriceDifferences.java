package dev.tokenledger.formats.pricelists;

import dev.tokenledger.pricing.PriceEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Tells what two prices, or two price lists, state otherwise. */
public final class PriceDifferences {

    private PriceDifferences() {}

    /**
     * A line of a comparison.
     *
     * @param sign {@code +} for an entry of the second list alone, {@code -} for one of the first alone, {@code ~} for one that
     *     both have with other figures
     * @param entry the entry, of the second list where it is in both
     * @param figures what is otherwise: {@code input 2.5 -> 3}, {@code batch none -> 0.5}
     */
    public record Line(char sign, PriceEntry entry, List<String> figures) {
        /** Copies its list. */
        public Line {
            figures = List.copyOf(figures);
        }
    }

    /** The figures that differ, in the order of the entry's text; names, dates and sources are no figures. */
    public static List<String> of(PriceEntry before, PriceEntry after) {
        Map<String, String> old = figures(before);
        Map<String, String> now = figures(after);
        TreeSet<String> names = new TreeSet<>(old.keySet());
        names.addAll(now.keySet());
        List<String> differences = new ArrayList<>();
        for (String name : names) {
            String one = old.getOrDefault(name, "none");
            String other = now.getOrDefault(name, "none");
            if (!one.equals(other)) {
                differences.add(name + " " + one + " -> " + other);
            }
        }
        return differences;
    }

    private static Map<String, String> figures(PriceEntry entry) {
        Map<String, String> figures = new LinkedHashMap<>();
        for (String line : PriceChanges.figures(entry)) {
            int equals = line.indexOf('=');
            String name = line.substring(0, equals);
            figures.put(name.startsWith("rate.") ? name.substring("rate.".length()) : name, line.substring(equals + 1));
        }
        return figures;
    }

    /** What the second list has otherwise than the first: by provider, model, date and hours. */
    public static List<Line> between(Collection<PriceEntry> first, Collection<PriceEntry> second) {
        Map<List<String>, PriceEntry> before = byName(first);
        Map<List<String>, PriceEntry> after = byName(second);
        List<Line> lines = new ArrayList<>();
        after.forEach((name, entry) -> {
            PriceEntry old = before.get(name);
            if (old == null) {
                lines.add(new Line('+', entry, List.of()));
            } else {
                List<String> figures = new ArrayList<>(of(old, entry));
                if (!old.until().equals(entry.until())) {
                    figures.add("until " + old.until().map(Object::toString).orElse("none") + " -> "
                            + entry.until().map(Object::toString).orElse("none"));
                }
                if (!old.aliases().equals(entry.aliases())) {
                    figures.add("aliases " + old.aliases().size() + " -> "
                            + entry.aliases().size());
                }
                if (!figures.isEmpty()) {
                    lines.add(new Line('~', entry, figures));
                }
            }
        });
        before.forEach((name, entry) -> {
            if (!after.containsKey(name)) {
                lines.add(new Line('-', entry, List.of()));
            }
        });
        return lines;
    }

    private static Map<List<String>, PriceEntry> byName(Collection<PriceEntry> entries) {
        Map<List<String>, PriceEntry> byName = new LinkedHashMap<>();
        for (PriceEntry entry : entries) {
            List<String> name = new ArrayList<>(PriceChanges.key(entry));
            name.add(entry.from().map(Object::toString).orElse(""));
            byName.put(name, entry);
        }
        return byName;
    }
}
