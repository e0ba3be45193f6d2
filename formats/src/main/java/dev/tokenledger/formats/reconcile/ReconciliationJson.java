package dev.tokenledger.formats.reconcile;

import dev.tokenledger.formats.bills.BillFormat;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.reconcile.Booking.Booked;
import dev.tokenledger.formats.reconcile.Reconciliation.BucketTotal;
import dev.tokenledger.formats.reconcile.Reconciliation.Tolerance;
import dev.tokenledger.text.Decimals;
import java.math.BigDecimal;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/** A reconciliation as one JSON object on one line; every figure exact, differences are ledger less bill. */
public final class ReconciliationJson {

    private ReconciliationJson() {}

    /** The reconciliation as JSON. */
    public static String write(BillFormat format, Reconciliation result, Tolerance tolerance) {
        return write(format, result, tolerance, Optional.empty());
    }

    /**
     * The reconciliation as JSON, and what was booked.
     *
     * @param booked what became of each bucket that differs; empty if nothing was to be booked
     */
    public static String write(
            BillFormat format, Reconciliation result, Tolerance tolerance, Optional<List<Booked>> booked) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("bill", format.text());
            json.writeStringProperty("start", result.start().toString());
            json.writeStringProperty("end", result.end().toString());
            json.writeBooleanProperty("priced_by_ledger", result.pricedByLedger());
            totals(json, result.billed(), result.ledger());
            json.writeNumberProperty("tolerance_usd", tolerance.usd());
            json.writeNumberProperty("tolerance_part", tolerance.part());
            json.writeBooleanProperty("within_tolerance", result.within(tolerance));
            json.writeArrayPropertyStart("buckets");
            for (BucketTotal bucket : result.buckets()) {
                json.writeStartObject();
                json.writeStringProperty("bucket", bucket.name());
                json.writeStringProperty("start", bucket.start().toString());
                json.writeStringProperty("end", bucket.end().toString());
                totals(json, bucket.billed(), bucket.ledger());
                if (bucket.billedCalls().isPresent()) {
                    json.writeNumberProperty(
                            "billed_calls", bucket.billedCalls().get());
                } else {
                    json.writeNullProperty("billed_calls");
                }
                json.writeNumberProperty("ledger_records", bucket.ledgerRecords());
                json.writeBooleanProperty("within_tolerance", bucket.within(tolerance));
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeArrayPropertyStart("causes");
            result.causes().forEach(cause -> cause(json, cause));
            json.writeEndArray();
            booked.ifPresent(entered -> {
                json.writeArrayPropertyStart("booked");
                entered.forEach(one -> booked(json, one));
                json.writeEndArray();
            });
            json.writeEndObject();
        });
    }

    private static void booked(JsonGenerator json, Booked one) {
        json.writeStartObject();
        json.writeStringProperty("bucket", one.bucket());
        json.writeStringProperty("id", one.id().value());
        json.writeNumberProperty("usd", one.amount().toBigDecimal());
        json.writeBooleanProperty("entered", one.refusal().isEmpty());
        one.refusal().ifPresent(why -> json.writeStringProperty("refusal", why));
        json.writeEndObject();
    }

    private static void totals(JsonGenerator json, BigDecimal billed, BigDecimal ledger) {
        json.writeNumberProperty("billed_usd", Decimals.plain(billed));
        json.writeNumberProperty("ledger_usd", Decimals.plain(ledger));
        json.writeNumberProperty("difference_usd", Decimals.plain(ledger.subtract(billed)));
    }

    private static void cause(JsonGenerator json, Cause cause) {
        json.writeStartObject();
        json.writeStringProperty("cause", cause.kind().text());
        json.writeStringProperty("bucket", cause.bucket());
        json.writeNumberProperty("usd", Decimals.plain(cause.usd()));
        json.writeStringProperty("model", cause.model());
        json.writeStringProperty("service_tier", cause.tier());
        json.writeStringProperty("region", cause.region());
        json.writeStringProperty("project", cause.project());
        json.writeNumberProperty("calls", cause.calls());
        json.writeObjectPropertyStart("tokens");
        cause.tokens().forEach((name, count) -> json.writeNumberProperty(name, Decimals.plain(count)));
        json.writeEndObject();
        json.writeArrayPropertyStart("ids");
        cause.ids().forEach(json::writeString);
        json.writeEndArray();
        json.writeStringProperty("note", cause.note());
        json.writeEndObject();
    }
}
