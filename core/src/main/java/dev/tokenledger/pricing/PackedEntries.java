package dev.tokenledger.pricing;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A layer's entries as texts, one text for each provider, read as they are asked for.
 *
 * <p>Idea: a book has thousands of entries, and a program asks for a few models of one or two providers. The first question
 * about a provider reads its text and notes which blocks of it answer to which id; the first about an id makes entries of
 * those blocks alone. All entries that name an id, as a model or an alias, are among its blocks, so its timeline is complete.
 * A question about a provider or an id that is not there leaves nothing behind.
 */
final class PackedEntries implements PriceLayer.Content {

    private final SortedMap<String, LocalDate> providers;
    private final UnaryOperator<String> texts;
    private final Map<String, Section> sections = new ConcurrentHashMap<>();

    /**
     * Entries in texts.
     *
     * @param providers the providers that there is a text for, in their canonical form, with the newest day that the
     *     sources of their entries name
     * @param texts the text of each: entries as {@link PriceEntryText}, with an empty line after each
     */
    PackedEntries(SortedMap<String, LocalDate> providers, UnaryOperator<String> texts) {
        this.providers = providers;
        this.texts = texts;
    }

    @Override
    public List<PriceEntry> entries() {
        return providers.keySet().stream()
                .flatMap(provider -> section(provider).entries().stream())
                .toList();
    }

    @Override
    public @Nullable PriceEntry find(String id, String provider, Instant at) {
        if (id.isEmpty() || !providers.containsKey(provider)) {
            return null;
        }
        StatedEntries answering = section(provider).answering(id);
        return answering == null ? null : answering.find(id, provider, at);
    }

    @Override
    public Optional<LocalDate> newestSource() {
        return providers.values().stream().max(Comparator.naturalOrder());
    }

    private Section section(String provider) {
        Section known = sections.get(provider);
        return known != null ? known : sections.computeIfAbsent(provider, key -> new Section(texts.apply(key)));
    }

    /** A provider's text, and where in it the entries of each id stand. */
    private static final class Section {

        private static final String MODEL = "model=";
        private static final String ALIAS = "alias=";
        private static final String END = "\n\n";

        private final String text;
        private final List<Block> blocks = new ArrayList<>();
        private final Map<String, List<Block>> byId = new HashMap<>();
        private final Map<String, StatedEntries> known = new ConcurrentHashMap<>();

        /** One entry's part of the text. */
        private record Block(int start, int end) {}

        Section(String text) {
            this.text = text;
            int start = 0;
            for (int end = text.indexOf(END); end >= 0; end = text.indexOf(END, start)) {
                Block block = new Block(start, end);
                blocks.add(block);
                note(block);
                start = end + END.length();
            }
        }

        /** The model and its aliases stand on the lines after the first, which names the provider. */
        private void note(Block block) {
            int line = text.indexOf('\n', block.start) + 1;
            boolean isId = text.startsWith(MODEL, line);
            while (isId) {
                int end = Math.min(block.end, text.indexOf('\n', line));
                String id = text.substring(line + MODEL.length(), end);
                byId.computeIfAbsent(id, key -> new ArrayList<>(1)).add(block);
                line = end + 1;
                isId = text.startsWith(ALIAS, line);
            }
        }

        List<PriceEntry> entries() {
            return entries(blocks);
        }

        @Nullable
        StatedEntries answering(String id) {
            StatedEntries read = known.get(id);
            if (read == null) {
                List<Block> naming = byId.get(id);
                if (naming != null) {
                    read = new StatedEntries(entries(naming));
                    known.put(id, read);
                }
            }
            return read;
        }

        private List<PriceEntry> entries(Collection<Block> chosen) {
            return chosen.stream()
                    .map(block -> PriceEntryText.parse(text.substring(block.start, block.end)))
                    .toList();
        }
    }
}
