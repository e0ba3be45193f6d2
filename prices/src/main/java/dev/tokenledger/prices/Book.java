package dev.tokenledger.prices;

import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.text.Providers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The price files of a folder, one for each provider and named for it, and the packed texts that core reads. */
final class Book {

    /** Where the files are, in a clone. */
    static final String DATA = "prices/data";

    /** Where the packed texts are, in a clone. */
    static final String RESOURCES = "core/src/main/resources/dev/tokenledger/pricing/book";

    private static final String YAML = ".yaml";

    private final SortedMap<String, List<PriceEntry>> byProvider;

    private Book(SortedMap<String, List<PriceEntry>> byProvider) {
        this.byProvider = byProvider;
    }

    /**
     * Reads a folder.
     *
     * @throws DocumentException if a file has mistakes
     * @throws IllegalArgumentException if one has an entry of another provider than it is named for, or one whose source
     *     names no day
     */
    static Book read(Path folder) throws IOException {
        SortedMap<String, List<PriceEntry>> byProvider = new TreeMap<>();
        for (Path file : files(folder, YAML)) {
            String name = file.getFileName().toString();
            String provider = name.substring(0, name.length() - YAML.length());
            PriceLayer layer = PriceFile.read(file);
            for (PriceEntry entry : layer.entries()) {
                check(file, provider, entry);
            }
            byProvider.put(provider, layer.entries());
        }
        return new Book(byProvider);
    }

    private static void check(Path file, String provider, PriceEntry entry) {
        if (!entry.provider().equals(provider) || !Providers.canonical(provider).equals(provider)) {
            throw new IllegalArgumentException(file + ": " + entry.id() + " is of provider \"" + entry.provider()
                    + "\"; a file is named for the provider of all its prices, in its canonical form");
        }
        if (entry.sourceDay().isEmpty()) {
            throw new IllegalArgumentException(file + ": " + entry.id()
                    + " has a source without a day; write one such as \"price page (2026-11-20)\"");
        }
    }

    /** The packed texts by the name of their file. */
    SortedMap<String, String> packed() {
        SortedMap<String, String> texts = new TreeMap<>();
        StringBuilder providers = new StringBuilder();
        byProvider.forEach((provider, entries) -> {
            texts.put(provider + ".txt", packed(entries));
            LocalDate newest = entries.stream()
                    .map(entry -> entry.sourceDay().orElseThrow())
                    .max(LocalDate::compareTo)
                    .orElseThrow();
            providers.append(provider).append(' ').append(newest).append('\n');
        });
        texts.put("providers.txt", providers.toString());
        return texts;
    }

    /** The form that core's {@code PackedEntries} reads: an index of ids with the places of their blocks, and the blocks. */
    private static String packed(List<PriceEntry> entries) {
        StringBuilder blocks = new StringBuilder();
        int length = 0;
        SortedMap<byte[], StringBuilder> index = new TreeMap<>(Arrays::compareUnsigned);
        for (PriceEntry entry : entries) {
            String block = entry.toText() + "\n";
            point(index, entry.model(), length);
            for (String alias : entry.aliases()) {
                point(index, alias, length);
            }
            blocks.append(block);
            length += block.getBytes(StandardCharsets.UTF_8).length;
        }
        StringBuilder lines = new StringBuilder();
        index.forEach((id, places) -> lines.append(new String(id, StandardCharsets.UTF_8))
                .append('\t')
                .append(places)
                .append('\n'));
        return lines.toString().getBytes(StandardCharsets.UTF_8).length + "\n" + lines + blocks;
    }

    private static void point(SortedMap<byte[], StringBuilder> index, String id, int place) {
        StringBuilder places = index.computeIfAbsent(id.getBytes(StandardCharsets.UTF_8), key -> new StringBuilder());
        places.append(places.isEmpty() ? "" : " ").append(place);
    }

    /** Writes the packed texts, and removes those of providers that there is no file for any more. */
    void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        SortedMap<String, String> texts = packed();
        for (Path old : files(folder, ".txt")) {
            if (!texts.containsKey(old.getFileName().toString())) {
                Files.delete(old);
            }
        }
        for (Map.Entry<String, String> text : texts.entrySet()) {
            Files.writeString(folder.resolve(text.getKey()), text.getValue());
        }
    }

    /** The entries by provider. */
    SortedMap<String, List<PriceEntry>> byProvider() {
        return byProvider;
    }

    int entries() {
        return byProvider.values().stream().mapToInt(List::size).sum();
    }

    int providers() {
        return byProvider.size();
    }

    /** The packed texts of a folder, by the name of their file. */
    static SortedMap<String, String> texts(Path folder) throws IOException {
        SortedMap<String, String> texts = new TreeMap<>();
        for (Path file : files(folder, ".txt")) {
            texts.put(file.getFileName().toString(), Files.readString(file, StandardCharsets.UTF_8));
        }
        return texts;
    }

    private static List<Path> files(Path folder, String ending) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> chosen = new ArrayList<>(
                    files.filter(file -> file.getFileName().toString().endsWith(ending))
                            .toList());
            chosen.sort(null);
            return chosen;
        }
    }
}
