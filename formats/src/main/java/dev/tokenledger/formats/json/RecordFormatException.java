package dev.tokenledger.formats.json;

import java.util.Locale;

/** Text that is no record of usage. The message names the field and what was expected, and repeats no text value. */
public final class RecordFormatException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** What kind of mistake it is. */
    public enum Reason {
        /** Not one JSON object. */
        INVALID_JSON,
        /** Bytes that are not UTF-8. */
        INVALID_UTF8,
        /** More than {@value RecordJson#MAX_BYTES} bytes. */
        LINE_TOO_LONG,
        /** A JSON object, but a field breaks its rule. */
        INVALID_RECORD,
        /** An export's reversal, or a record that was reversed: not usage in force. */
        REVERSAL;

        private final String text = name().toLowerCase(Locale.ROOT);

        /** The name in reports. */
        public String text() {
            return text;
        }
    }

    private final Reason reason;
    private final String field;

    /**
     * A refusal.
     *
     * @param field the field's name; empty for the record as a whole
     * @param problem what is wrong, without the field's name
     */
    public RecordFormatException(Reason reason, String field, String problem) {
        super(field.isEmpty() ? problem : field + ": " + problem);
        this.reason = reason;
        this.field = field;
    }

    /** What kind of mistake it is. */
    public Reason reason() {
        return reason;
    }

    /** The JSON name of the field; empty if the record as a whole is at fault. */
    public String field() {
        return field;
    }
}
