package dev.tokenledger.formats.json;

import dev.tokenledger.PeriodMark;
import dev.tokenledger.formats.json.RecordFormatException.Reason;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.Rfc3339;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** How far a ledger's periods are closed, as the line of an export that says so: an object of kind {@code closing}. */
public final class PeriodMarkJson {

    /** What such a line begins with. */
    public static final String BEGINNING = "{\"kind\":\"closing\",";

    private PeriodMarkJson() {}

    /** The mark as one line of JSON, without a line break. */
    public static String write(PeriodMark mark) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("kind", "closing");
            mark.closedBefore().ifPresent(instant -> json.writeStringProperty("closed_before", instant.toString()));
            json.writeStringProperty("zone", mark.zone());
            json.writeStringProperty("reason", mark.reason());
            json.writeStringProperty(EntryJson.RECORDED, mark.recorded().toString());
            json.writeEndObject();
        });
    }

    /**
     * Reads such a line.
     *
     * @throws RecordFormatException if it is none
     */
    public static PeriodMark parse(String line) {
        Map<String, String> fields = texts(line);
        try {
            return new PeriodMark(
                    Optional.ofNullable(fields.get("closed_before")).map(Rfc3339::parse),
                    field(fields, "zone"),
                    field(fields, "reason"),
                    Rfc3339.parse(field(fields, EntryJson.RECORDED)));
        } catch (IllegalArgumentException e) {
            throw new RecordFormatException(Reason.INVALID_RECORD, "kind", "not a closing: " + e.getMessage());
        }
    }

    /**
     * The texts of a flat object, by name; other members are left out.
     *
     * @throws RecordFormatException if the line is no JSON object
     */
    public static Map<String, String> texts(String line) {
        Map<String, String> fields = new TreeMap<>();
        try {
            if (Documents.readJson(line) instanceof Node.Mapping mapping) {
                mapping.members().forEach((name, value) -> {
                    if (value instanceof Node.Text text) {
                        fields.put(name, text.value());
                    }
                });
            }
        } catch (IllegalArgumentException e) {
            throw new RecordFormatException(Reason.INVALID_JSON, "", String.valueOf(e.getMessage()));
        }
        return fields;
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + ": missing");
        }
        return value;
    }
}
