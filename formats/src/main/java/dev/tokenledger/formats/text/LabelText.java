package dev.tokenledger.formats.text;

import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;

/** What of a label a record can keep: a call is not lost for a label that is too long, or no text. */
public final class LabelText {

    /** What a record notes that lacks such a label. */
    public static final String INCOMPLETE = Attribution.INCOMPLETE;

    private LabelText() {}

    /** The text without blanks around it; empty if a record cannot keep it. */
    public static String sanitize(String text, Bound bound) {
        try {
            return Texts.checked("label", text, bound);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** The same; a record from which the text has to be left out notes that. */
    public static String sanitize(String text, Bound bound, UsageRecord.Builder record) {
        String kept = sanitize(text, bound);
        if (kept.isEmpty() && !text.isBlank()) {
            record.note(INCOMPLETE);
        }
        return kept;
    }
}
