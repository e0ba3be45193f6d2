package dev.tokenledger.prices;

import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.TokenClass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/** The table of {@code docs/prices.md}: for each provider, how many models have a rate or fee of each class. */
final class CoverageTable {

    /** The document that holds the table, in a clone. */
    static final String DOCUMENT = "docs/prices.md";

    private static final String BEGIN = "<!-- made by prices/pack: begin -->\n";
    private static final String END = "<!-- made by prices/pack: end -->\n";

    private static final Map<String, Predicate<PriceEntry>> CLASSES = new LinkedHashMap<>();

    static {
        CLASSES.put("cache read", entry -> has(entry, TokenClass.CACHE_READ));
        CLASSES.put("write 5m", entry -> has(entry, TokenClass.CACHE_WRITE_5M));
        CLASSES.put("write 1h", entry -> has(entry, TokenClass.CACHE_WRITE_1H));
        CLASSES.put("audio", entry -> has(entry, TokenClass.AUDIO_INPUT) || has(entry, TokenClass.AUDIO_OUTPUT));
        CLASSES.put("image", entry -> has(entry, TokenClass.IMAGE_INPUT) || has(entry, TokenClass.IMAGE_OUTPUT));
        CLASSES.put("long context", entry -> !entry.tiers().isEmpty());
        for (String tier : List.of("batch", "flex", "priority", "fast")) {
            CLASSES.put(tier, entry -> entry.serviceTiers().containsKey(tier));
        }
        CLASSES.put("calls", entry -> !entry.perCall().isEmpty());
        CLASSES.put("hours", entry -> entry.hours().isPresent());
        CLASSES.put("one source", entry -> entry.source().contains("one source"));
    }

    private final String table;

    private CoverageTable(String table) {
        this.table = table;
    }

    static CoverageTable of(Book book) {
        StringBuilder text = new StringBuilder("| provider | models | other ids | newest source |");
        CLASSES.keySet().forEach(name -> text.append(' ').append(name).append(" |"));
        text.append("\n|---|---|---|---|").append("---|".repeat(CLASSES.size())).append('\n');
        book.byProvider().forEach((provider, entries) -> row(text, provider, entries));
        return new CoverageTable(text.toString());
    }

    private static void row(StringBuilder text, String provider, List<PriceEntry> entries) {
        TreeSet<String> models = new TreeSet<>();
        TreeSet<String> ids = new TreeSet<>();
        entries.forEach(entry -> {
            models.add(entry.model());
            ids.addAll(entry.aliases());
        });
        ids.removeAll(models);
        text.append("| ").append(provider).append(" | ").append(models.size());
        text.append(" | ").append(ids.size());
        text.append(" | ")
                .append(entries.stream()
                        .map(entry -> entry.sourceDay().orElseThrow())
                        .max(LocalDate::compareTo)
                        .orElseThrow());
        CLASSES.values()
                .forEach(has -> text.append(" | ")
                        .append(entries.stream()
                                .filter(has)
                                .map(PriceEntry::model)
                                .distinct()
                                .count()));
        text.append(" |\n");
    }

    private static boolean has(PriceEntry entry, TokenClass tokenClass) {
        return entry.rates().perMillion(tokenClass).isPresent();
    }

    /** The document with this table between its two marks. */
    String in(String document) {
        int begin = document.indexOf(BEGIN);
        int end = document.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalArgumentException(DOCUMENT + " has no place for the table: " + BEGIN + END);
        }
        return document.substring(0, begin + BEGIN.length()) + "\n" + table + "\n" + document.substring(end);
    }

    void write(Path document) throws IOException {
        Files.writeString(document, in(Files.readString(document)));
    }
}
