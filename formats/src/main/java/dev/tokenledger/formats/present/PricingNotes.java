package dev.tokenledger.formats.present;

/** How a cost came about, in sentences; the notes' own vocabulary is {@code Cost.notes()}'s. */
public final class PricingNotes {

    private PricingNotes() {}

    /** One note in a sentence. */
    public static String words(String note) {
        int colon = note.indexOf(':');
        String name = colon < 0 ? note : note.substring(0, colon);
        String detail = colon < 0 ? "" : note.substring(colon + 1);
        return switch (name) {
            case "tier" -> tier(detail);
            case "tier_unknown" ->
                "The record stands for several calls, so no long-context tier was applied; the base rates were.";
            case "service_tier" -> "The rates are those of the service tier \"" + detail + "\".";
            case "service_tier_unpriced" -> "The price has no rates for the service tier \"" + detail + "\".";
            case "cache_multiplier_fallback" ->
                "The cache rates are multiples of the input rate (1.25, 2 and 0.1), since the price states none.";
            case "cache_write_unattributed" -> "Cache writes of unstated lifetime were charged at the 5-minute rate.";
            default -> "Note: " + note + ".";
        };
    }

    private static String tier(String detail) {
        int colon = detail.indexOf(':');
        String bound = detail.startsWith("at_least") ? "at least" : "more than";
        String threshold = detail.substring(colon + 1);
        try {
            threshold = Figures.count(Long.parseLong(threshold));
        } catch (NumberFormatException e) {
            // Shown as it is.
        }
        return "The call had " + bound + " " + threshold
                + " input tokens, so every token was charged at the long-context rate.";
    }
}
