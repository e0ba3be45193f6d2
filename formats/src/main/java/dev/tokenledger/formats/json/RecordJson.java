package dev.tokenledger.formats.json;

import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.CharacterCodingException;
import java.util.function.Supplier;

/** Reads a record from one JSON object, by the rules that this package states. Safe for use by many threads. */
public final class RecordJson {

    /** The longest text of one record, in bytes: 1 MiB. */
    public static final int LONGEST = 1 << 20;

    private RecordJson() {}

    /**
     * The record that a JSON object states; without an id it gets a new one.
     *
     * @throws RecordFormatException if the text is no record
     */
    public static UsageRecord parse(String json) {
        return parse(json, RecordId::generate);
    }

    /**
     * The record that a JSON object states.
     *
     * @param idWhenAbsent the id of a record that states none
     * @throws RecordFormatException if the text is no record
     */
    public static UsageRecord parse(String json, Supplier<RecordId> idWhenAbsent) {
        return new RecordReader(RecordReader.NO_MORE_FIELDS, RecordReader.Costs.KEPT).read(checked(json), idWhenAbsent);
    }

    /**
     * The record that a JSON object in UTF-8 states; without an id it gets a new one.
     *
     * @throws RecordFormatException if the bytes are no record
     */
    public static UsageRecord parse(byte[] json, int offset, int length) {
        return parse(json, offset, length, RecordId::generate);
    }

    /**
     * The record that a JSON object in UTF-8 states.
     *
     * @param idWhenAbsent the id of a record that states none
     * @throws RecordFormatException if the bytes are no record
     */
    public static UsageRecord parse(byte[] json, int offset, int length, Supplier<RecordId> idWhenAbsent) {
        return parse(text(json, offset, length), idWhenAbsent);
    }

    /**
     * The text, if it is not too long. It has at least as many bytes as characters.
     *
     * @throws RecordFormatException if it is longer than {@value #LONGEST} characters
     */
    public static String checked(String json) {
        if (json.length() > LONGEST) {
            throw tooLong();
        }
        return json;
    }

    /**
     * The text of a record's bytes.
     *
     * @throws RecordFormatException if there are more than {@value #LONGEST}, or they are not UTF-8
     */
    public static String text(byte[] json, int offset, int length) {
        if (length > LONGEST) {
            throw tooLong();
        }
        try {
            return Utf8.decode(json, offset, length);
        } catch (CharacterCodingException e) {
            throw new RecordFormatException(Reason.INVALID_UTF8, "", "not valid UTF-8");
        }
    }

    /** The refusal of a record that is too long. */
    public static RecordFormatException tooLong() {
        return new RecordFormatException(Reason.LINE_TOO_LONG, "", "longer than " + LONGEST + " bytes");
    }
}
