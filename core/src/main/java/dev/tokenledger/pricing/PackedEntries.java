package dev.tokenledger.pricing;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A layer's entries as texts, one text for each provider, read as they are asked for.
 *
 * <p>Idea: a book has thousands of entries, and a program asks for a few models of one or two providers. The first question
 * about a provider reads its text; the first about an id looks it up in the text's index, by bisection, and makes entries of
 * the blocks that this points to alone. All entries that name an id, as a model or an alias, are among them, so its timeline
 * is complete. A question about a provider or an id that is not there leaves nothing behind.
 *
 * <p>A text is: the index's length in bytes and a line break; the index, a line for each id (the id, a tab, where its blocks
 * begin, counted in bytes from the first, with blanks between) in the order of the ids' bytes; the blocks, each an entry as
 * {@link PriceEntryText} with an empty line after it. Tried before: noting the blocks of every id as a text is read, which
 * took 20 ms for the 1,100 models of one provider in a program that has just started.
 */
final class PackedEntries implements PriceLayer.Content {

    private final SortedMap<String, LocalDate> providers;
    private final Function<String, byte[]> texts;
    private final Map<String, Section> sections = new ConcurrentHashMap<>();

    /**
     * Entries in texts.
     *
     * @param providers the providers that there is a text for, in their canonical form, with the newest day that the
     *     sources of their entries name
     * @param texts the text of each, in UTF-8
     */
    PackedEntries(SortedMap<String, LocalDate> providers, Function<String, byte[]> texts) {
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

    /** A provider's text as its bytes, with its entries by id as they have been asked for. */
    private static final class Section {

        private static final String END = "\n\n";

        private final byte[] bytes;
        private final int index;
        private final int blocks;
        private final Map<String, StatedEntries> known = new ConcurrentHashMap<>();

        Section(byte[] bytes) {
            this.bytes = bytes;
            index = after('\n', 0) + 1;
            blocks = index + Integer.parseInt(text(0, index - 1));
        }

        List<PriceEntry> entries() {
            List<PriceEntry> entries = new ArrayList<>();
            for (String block : text(blocks, bytes.length).split(END)) {
                entries.add(PriceEntryText.parse(block));
            }
            return entries;
        }

        @Nullable
        StatedEntries answering(String id) {
            StatedEntries read = known.get(id);
            if (read == null) {
                int line = line(id.getBytes(StandardCharsets.UTF_8));
                if (line >= 0) {
                    read = new StatedEntries(entries(line));
                    known.put(id, read);
                }
            }
            return read;
        }

        /** Where the index names an id, by bisection; -1 if it does not. */
        private int line(byte[] id) {
            int low = index;
            int high = blocks;
            while (low < high) {
                int start = (low + high) >>> 1;
                while (start > low && bytes[start - 1] != '\n') {
                    start--;
                }
                int order = Arrays.compareUnsigned(id, 0, id.length, bytes, start, after('\t', start));
                if (order == 0) {
                    return start;
                } else if (order < 0) {
                    high = start;
                } else {
                    low = after('\n', start) + 1;
                }
            }
            return -1;
        }

        /** The entries that a line of the index points to. */
        private List<PriceEntry> entries(int line) {
            List<PriceEntry> entries = new ArrayList<>(1);
            for (String offset : text(after('\t', line) + 1, after('\n', line)).split(" ")) {
                int start = blocks + Integer.parseInt(offset);
                int end = start;
                while (bytes[end] != '\n' || bytes[end + 1] != '\n') {
                    end++;
                }
                entries.add(PriceEntryText.parse(text(start, end)));
            }
            return entries;
        }

        /** Where a character next stands. */
        private int after(char wanted, int start) {
            int at = start;
            while (bytes[at] != wanted) {
                at++;
            }
            return at;
        }

        private String text(int start, int end) {
            return new String(bytes, start, end - start, StandardCharsets.UTF_8);
        }
    }
}
