package dev.tokenledger.formats.present;

import dev.tokenledger.LedgerMissingException;
import dev.tokenledger.formats.json.JsonText;
import java.util.List;
import java.util.stream.Collectors;

/** How answers say which of several ledgers are missing from them. An answer that is whole says nothing. */
public final class MissingLedgers {

    private MissingLedgers() {}

    /** What people are told beside the figures; empty if nothing is missing. */
    public static String words(List<LedgerMissingException> missing) {
        return missing.isEmpty()
                ? ""
                : missing.stream()
                        .map(ledger -> ledger.ledger() + " " + ledger.reason())
                        .collect(Collectors.joining(", ", "Partial: ", "; what is there is not in these figures."));
    }

    /** A JSON object with {@code "missing_ledgers":[{"name":…,"reason":…}]} as its last member, if there are any. */
    public static String marked(String object, List<LedgerMissingException> missing) {
        if (missing.isEmpty()) {
            return object;
        }
        int end = object.lastIndexOf('}');
        return object.substring(0, end) + member(missing) + object.substring(end);
    }

    /** The member, with the comma before it; empty if nothing is missing. */
    public static String member(List<LedgerMissingException> missing) {
        if (missing.isEmpty()) {
            return "";
        }
        return ",\"missing_ledgers\":"
                + JsonText.write(json -> {
                    json.writeStartArray();
                    for (LedgerMissingException ledger : missing) {
                        json.writeStartObject();
                        json.writeStringProperty("name", ledger.ledger());
                        json.writeStringProperty("reason", ledger.reason());
                        json.writeEndObject();
                    }
                    json.writeEndArray();
                });
    }
}
