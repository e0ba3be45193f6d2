package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.UsageRecord;
import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * The members of a usage object, a log's row or a signal that their reader does not know, and what they mean for the price.
 *
 * <pre>{@code
 * UnknownMembers unknown = new UnknownMembers();
 * unknown.add("details.holo_tokens", "400"); // each member that the reader has not read, by its path
 * unknown.applyTo(builder);
 * }</pre>
 *
 * <p>Rule: a member that is not zero and by its name or place bears on the price (counts of tokens, cache, audio, images, video,
 * tools, searches, requests; tiers, regions, costs; any number in an object of details) makes the record partial, by the note
 * {@code unpriced_member_PATH}. Another number only may bear on it: the note {@code unknown_member_PATH}. Times, ids and words are
 * ignored. Not safe for use by several threads.
 */
public final class UnknownMembers {

    /** How a note begins that names a member which may bear on the price. */
    public static final String PERHAPS = "unknown_member_";

    /** What a member means for the price. */
    public enum Bearing {
        /** It has a share in the price. */
        PRICE,
        /** It may have. */
        PERHAPS,
        /** It has none. */
        NONE
    }

    private static final int MAX_NAMED = 4;
    private static final int MAX_NOTE = 63;
    private static final int MAX_DEPTH = 16;

    /** Words that bear on the price whatever stands under them. */
    private static final Set<String> STRONG = Set.of(
            "cache",
            "cached",
            "caching",
            "audio",
            "image",
            "images",
            "video",
            "videos",
            "tier",
            "tiers",
            "region",
            "regions",
            "geo",
            "location",
            "zone",
            "cost",
            "costs",
            "price",
            "prices",
            "pricing",
            "fee",
            "fees",
            "charge",
            "charges",
            "charged",
            "billed",
            "billing",
            "billable",
            "credit",
            "credits",
            "surcharge",
            "discount",
            "multiplier",
            "search",
            "searches",
            "server",
            "modality",
            "modalities",
            "speed",
            "priority",
            "batch",
            "grounding");

    /** Words whose value, as a word, chooses between prices. */
    private static final Set<String> CHOICES = Set.of(
            "cache",
            "tier",
            "tiers",
            "region",
            "regions",
            "geo",
            "location",
            "zone",
            "modality",
            "speed",
            "priority",
            "billing",
            "price",
            "pricing",
            "cost",
            "discount",
            "surcharge");

    /** Choices of the ordinary price. */
    private static final Set<String> ORDINARY = Set.of(
            "standard",
            "default",
            "auto",
            "global",
            "none",
            "not_available",
            "on_demand",
            "unspecified",
            "unknown",
            "text",
            "normal");

    /** Words of counts that bear on the price unless they measure time. */
    private static final Set<String> COUNTS = Set.of(
            "token",
            "tokens",
            "tok",
            "toks",
            "num",
            "number",
            "count",
            "counts",
            "tool",
            "tools",
            "request",
            "requests",
            "call",
            "calls",
            "query",
            "queries",
            "unit",
            "units",
            "second",
            "seconds",
            "minute",
            "minutes",
            "page",
            "pages",
            "character",
            "characters",
            "char",
            "chars",
            "session",
            "sessions",
            "pixel",
            "pixels",
            "document",
            "documents",
            "source",
            "sources",
            "usage",
            "reasoning",
            "thinking",
            "thoughts",
            "input",
            "output",
            "prompt",
            "completion",
            "details");

    private static final Pattern TIME = Pattern.compile(
            "(^|.*_)(time|times|duration|durations|latency|elapsed|timestamp"
                    + "|ms|millis|milliseconds|ns|nanos|us|micros|created|updated|per_second|per_sec|tps|ttft|throughput)(_.*|$)");

    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9]+(\\.[0-9]+)?([eE][+-]?[0-9]+)?");
    private static final Pattern ZERO = Pattern.compile("[+-]?0+(\\.0+)?([eE][+-]?[0-9]+)?");

    private final SortedSet<String> price = new TreeSet<>();
    private final SortedSet<String> perhaps = new TreeSet<>();

    /** Nothing unknown yet. */
    public UnknownMembers() {}

    /**
     * What a member's path and value mean for the price.
     *
     * @param path the member's name, behind the names of the objects it is in and dots; camel case or with underscores
     * @param value a number's or truth value's literal, or a text
     */
    public static Bearing bearing(String path, String value) {
        String stripped = value.strip();
        if (stripped.isEmpty()
                || ZERO.matcher(stripped).matches()
                || stripped.equals("false")
                || stripped.equals("null")) {
            return Bearing.NONE;
        }
        boolean number = NUMBER.matcher(stripped).matches();
        String snake = snake(path);
        String leaf = snake.substring(snake.lastIndexOf('.') + 1);
        if (!number) {
            // A word under such a name chooses a price, or it says that something was on; other words are names.
            boolean chosen = stripped.equals("true") ? anyOf(leaf, STRONG) : anyOf(leaf, CHOICES);
            return chosen && !ORDINARY.contains(snake(stripped)) ? Bearing.PRICE : Bearing.NONE;
        }
        if (anyOf(leaf, STRONG)) {
            return Bearing.PRICE;
        }
        if (TIME.matcher(leaf).matches() || leaf.equals("id") || leaf.endsWith("_id") || leaf.equals("index")) {
            return Bearing.NONE;
        }
        boolean inPlace = leaf.length() < snake.length()
                && anyOf(snake.substring(0, snake.length() - leaf.length() - 1).replace('.', '_'), STRONG, COUNTS);
        return anyOf(leaf, COUNTS) || inPlace ? Bearing.PRICE : Bearing.PERHAPS;
    }

    @SafeVarargs
    private static boolean anyOf(String name, Set<String>... words) {
        for (String word : name.split("_")) {
            for (Set<String> known : words) {
                if (known.contains(word)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Names in lower case, their words parted by underscores. */
    private static String snake(String path) {
        StringBuilder snake = new StringBuilder(path.length() + 8);
        char before = '.';
        for (int i = 0; i < path.length(); i++) {
            char c = path.charAt(i);
            boolean upper = c >= 'A' && c <= 'Z';
            boolean afterLower = (before >= 'a' && before <= 'z') || (before >= '0' && before <= '9');
            boolean endOfCapitals = before >= 'A'
                    && before <= 'Z'
                    && i + 1 < path.length()
                    && path.charAt(i + 1) >= 'a'
                    && path.charAt(i + 1) <= 'z';
            if (upper && (afterLower || endOfCapitals)) {
                snake.append('_');
            }
            boolean plain = (c >= 'a' && c <= 'z') || upper || (c >= '0' && c <= '9') || c == '.';
            snake.append(plain ? c : '_');
            before = c;
        }
        return snake.toString().toLowerCase(Locale.ROOT);
    }

    /**
     * A member that the reader does not know.
     *
     * @param path see {@link #bearing}
     * @param value a number's or truth value's literal, or a text
     */
    public void add(String path, String value) {
        switch (bearing(path, value)) {
            case PRICE -> price.add(name(path));
            case PERHAPS -> perhaps.add(name(path));
            case NONE -> {
                // Times and names.
            }
        }
    }

    /** A member that the reader does not know, with all that is in it. */
    public void add(String path, Node value) {
        add(path, value, 0);
    }

    private void add(String path, Node value, int depth) {
        if (depth > MAX_DEPTH) {
            add(path, "1");
        } else if (value instanceof Node.Number number) {
            add(path, number.literal());
        } else if (value instanceof Node.Truth truth) {
            add(path, Boolean.toString(truth.value()));
        } else if (value instanceof Node.Text text) {
            add(path, text.value());
        } else if (value instanceof Node.Mapping mapping) {
            for (Map.Entry<String, Node> member : mapping.members().entrySet()) {
                add(path + "." + member.getKey(), member.getValue(), depth + 1);
            }
        } else if (value instanceof Node.Sequence sequence) {
            sequence.items().forEach(item -> add(path, item, depth + 1));
        }
    }

    /** Something that bears on the price for certain, and is not in the figures. */
    public void leftOut(String path) {
        price.add(name(path));
    }

    /** Whether nothing was found that bears on the price, for certain or perhaps. */
    public boolean isEmpty() {
        return price.isEmpty() && perhaps.isEmpty();
    }

    /** The notes that a record gets: a few members by name, and whether there are more. */
    public SortedSet<String> notes() {
        SortedSet<String> notes = new TreeSet<>();
        named(UsageRecord.UNPRICED_MEMBER, price, notes);
        named(PERHAPS, perhaps, notes);
        return Collections.unmodifiableSortedSet(notes);
    }

    private static void named(String prefix, SortedSet<String> names, SortedSet<String> notes) {
        int left = MAX_NAMED;
        for (String name : names) {
            String note = prefix + name;
            notes.add(left == 1 && names.size() > MAX_NAMED ? prefix + "others" : cut(note));
            if (--left == 0) {
                return;
            }
        }
    }

    private static String cut(String note) {
        return note.length() > MAX_NOTE ? note.substring(0, MAX_NOTE) : note;
    }

    /** Sets the notes in a record that is being built. */
    public void applyTo(UsageRecord.Builder builder) {
        if (!isEmpty()) {
            builder.notes(notes());
        }
    }

    /** The path as a part of a note; the last name alone where there is no room for the whole path. */
    private static String name(String path) {
        String snake = snake(path);
        boolean room = snake.length() <= MAX_NOTE - UsageRecord.UNPRICED_MEMBER.length();
        return (room ? snake : snake.substring(snake.lastIndexOf('.') + 1)).replace('.', '_');
    }
}
