package dev.tokenledger.formats.reprice;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.json.PeriodMarkJson;
import dev.tokenledger.formats.json.RecordFormatException;
import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.RecordId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a ledger remembers of a run of repricing, by a reader's state that is committed with the run's revaluations.
 *
 * @param id names the run, as its revaluations do
 * @param applied whether all of it is written; one that is not goes on when the same is asked for again
 * @param scope which records it was about, or which run it takes back
 * @param reason why, as the caller said
 * @param digest that of its plan
 * @param prices the names of the price lists that it priced by, the first one deciding; empty where one is taken back
 * @param began when it began
 * @param changed when it was last written to
 * @param filled records that were unpriced or partial
 * @param corrected records that were priced in full, or given back their earlier cost
 * @param before what they cost before, together
 * @param after what they cost since, together
 */
public record RepriceRun(
        String id,
        boolean applied,
        String scope,
        String reason,
        String digest,
        String prices,
        Instant began,
        Instant changed,
        long filled,
        long corrected,
        Usd before,
        Usd after) {

    static final String KEY = "reprice:";

    /** What the line of an export begins with that states a run. */
    public static final String LINE_BEGINNING = "{\"kind\":\"repricing_run\",";

    /** All runs of a ledger, the oldest first. */
    public static List<RepriceRun> of(Ledger ledger) {
        List<RepriceRun> runs = new ArrayList<>();
        ledger.readerStates(KEY).forEach((key, state) -> runs.add(parse(key.substring(KEY.length()), state)));
        runs.sort(Comparator.comparing(RepriceRun::began).thenComparing(RepriceRun::id));
        return runs;
    }

    /** How many records it repriced. */
    public long records() {
        return filled + corrected;
    }

    /** The key of the reader's state by which a ledger remembers the run. */
    public String key() {
        return KEY + id;
    }

    /** The run as one line of an export, without a line break. */
    public String line() {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("kind", "repricing_run");
            json.writeStringProperty("id", id);
            fields().forEach(json::writeStringProperty);
            json.writeEndObject();
        });
    }

    /**
     * Reads such a line.
     *
     * @throws RecordFormatException if it is none
     */
    public static RepriceRun ofLine(String line) {
        Map<String, String> fields = PeriodMarkJson.texts(line);
        String id = fields.remove("id");
        fields.remove("kind");
        try {
            return parse(RecordId.of(id == null ? "" : id).value(), JsonText.write(json -> {
                json.writeStartObject();
                fields.forEach(json::writeStringProperty);
                json.writeEndObject();
            }));
        } catch (IllegalArgumentException | LedgerIncompatibleException e) {
            throw new RecordFormatException(
                    RecordFormatException.Reason.INVALID_RECORD,
                    "kind",
                    "not a run of repricing as an export writes it");
        }
    }

    /** What the ledger remembers under the key. */
    public String state() {
        return JsonText.write(json -> {
            json.writeStartObject();
            fields().forEach(json::writeStringProperty);
            json.writeEndObject();
        });
    }

    private Map<String, String> fields() {
        Map<String, String> fields = new TreeMap<>();
        fields.put("state", applied ? "applied" : "open");
        fields.put("scope", scope);
        fields.put("reason", reason);
        fields.put("digest", digest);
        fields.put("prices", prices);
        fields.put("began", began.toString());
        fields.put("changed", changed.toString());
        fields.put("filled", Long.toString(filled));
        fields.put("corrected", Long.toString(corrected));
        fields.put("before", before.toString());
        fields.put("after", after.toString());
        return fields;
    }

    private static RepriceRun parse(String id, String state) {
        try {
            Node node = Documents.readJson(state);
            Map<String, String> fields = new TreeMap<>();
            if (node instanceof Node.Mapping mapping) {
                mapping.members().forEach((name, value) -> {
                    if (value instanceof Node.Text text) {
                        fields.put(name, text.value());
                    }
                });
            }
            return new RepriceRun(
                    id,
                    field(fields, "state").equals("applied"),
                    field(fields, "scope"),
                    field(fields, "reason"),
                    field(fields, "digest"),
                    field(fields, "prices"),
                    Instant.parse(field(fields, "began")),
                    Instant.parse(field(fields, "changed")),
                    Long.parseLong(field(fields, "filled")),
                    Long.parseLong(field(fields, "corrected")),
                    Usd.parse(field(fields, "before")),
                    Usd.parse(field(fields, "after")));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new LedgerIncompatibleException(
                    "cannot read the run of repricing " + id
                            + ": the ledger does not remember it as this version does; update Tokenledger",
                    e);
        }
    }

    private static String field(Map<String, String> fields, String name) {
        String value = fields.get(name);
        if (value == null) {
            throw new IllegalArgumentException(name + ": missing");
        }
        return value;
    }
}
