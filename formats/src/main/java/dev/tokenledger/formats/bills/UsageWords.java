package dev.tokenledger.formats.bills;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What the words of reports mean in ours: classes of tokens, service tiers, regions. */
public final class UsageWords {

    private static final Set<String> ORDINARY_TIERS =
            Set.of("", "standard", "default", "auto", "standard_only", "on_demand", "on-demand", "null");
    private static final Set<String> NO_REGIONS =
            Set.of("", "global", "not_available", "unknown", "none", "default", "null");

    private UsageWords() {}

    /**
     * A class of tokens.
     *
     * @param name as price files have it; empty for words that mean none
     * @param tier the service tier that the words state; the ordinary one for none
     */
    record Meaning(String name, String tier) {}

    /** A service tier in one form; empty for the ordinary one. */
    public static String tier(String text) {
        String tier = text.strip().toLowerCase(Locale.ROOT);
        return ORDINARY_TIERS.contains(tier) ? "" : tier;
    }

    /** A region in one form; empty for no particular one. */
    public static String region(String text) {
        String region = text.strip().toLowerCase(Locale.ROOT);
        return NO_REGIONS.contains(region) ? "" : region;
    }

    /** What words such as {@code batch cached input}, {@code output_tokens} or {@code cache-write-1h-input-token-count} mean. */
    static Meaning meaning(String words) {
        String text = words.toLowerCase(Locale.ROOT).replace('_', ' ').replace('-', ' ');
        String tier = BillLine.ORDINARY_TIER;
        for (String name : new String[] {"batch", "priority", "flex"}) {
            if (text.contains(name)) {
                tier = name;
            }
        }
        return new Meaning(tokenClass(text), tier);
    }

    /** Cache first: the names of its classes contain "input"; and "uncached" is none of it. */
    private static String tokenClass(String text) {
        boolean audio = text.contains("audio");
        boolean image = text.contains("image");
        if (text.contains("storage")) {
            return "";
        }
        if (text.contains("cach") && !text.contains("uncached")) {
            if (text.contains("write") || text.contains("creation")) {
                return text.contains("1h") || text.contains("1 h") ? "cache_write_1h" : "cache_write_5m";
            }
            return audio ? "cached_audio_read" : "cache_read";
        }
        if (text.contains("reasoning")) {
            return "reasoning";
        }
        if (text.contains("output") || text.contains("completion")) {
            return audio ? "audio_output" : image ? "image_output" : "output";
        }
        if (text.contains("input") || text.contains("prompt")) {
            return audio ? "audio_input" : image ? "image_input" : "input";
        }
        return "";
    }

    /** The paid tool call that words are about, such as {@code Web search tool calls}. */
    static Optional<String> toolCall(String words) {
        String text = words.toLowerCase(Locale.ROOT).replace('_', ' ');
        for (String name : new String[] {"web search", "code execution", "code interpreter", "file search"}) {
            if (text.contains(name)) {
                return Optional.of(name.replace(' ', '_'));
            }
        }
        return Optional.empty();
    }
}
