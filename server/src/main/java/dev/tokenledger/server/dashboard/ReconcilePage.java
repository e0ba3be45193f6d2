package dev.tokenledger.server.dashboard;

import dev.tokenledger.formats.bills.BillFormat;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.reconcile.Cause;
import dev.tokenledger.formats.reconcile.Reconciliation;
import dev.tokenledger.formats.reconcile.Reconciliation.BucketTotal;
import dev.tokenledger.formats.reconcile.Reconciliation.Tolerance;
import dev.tokenledger.money.Usd;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The page that compares the ledger with a provider's bill, as text ready to be shown.
 *
 * @param formats whose reports can be chosen
 * @param form what was filled in
 * @param problem why nothing was compared; empty if something was, or nothing was asked for
 * @param verdict what came of it, in a sentence; empty if nothing was compared
 * @param causes the first {@value #MAX_CAUSES}, in the order of buckets
 * @param more how many causes are not shown; empty for none
 */
record ReconcilePage(
        Frame frame,
        List<Frame.Option> formats,
        Form form,
        String problem,
        String verdict,
        String note,
        List<Bucket> buckets,
        List<CauseRow> causes,
        String more) {

    /** The most causes of a page. */
    static final int MAX_CAUSES = 500;

    private static final int MAX_IDS = 3;

    /** What was filled in, but for the files, which a browser does not fill in again. */
    record Form(String format, String from, String through, String zone, String models) {
        static final Form EMPTY = new Form("", "", "", "", "");
    }

    /**
     * What both come to.
     *
     * @param state empty if they agree within the tolerance
     */
    record Bucket(
            String name,
            String billedCalls,
            String records,
            String billed,
            String ledger,
            String difference,
            String state) {}

    /** A cause of a difference, and what is done about it. */
    record CauseRow(String bucket, String cause, String of, String calls, String amount, String note, String advice) {}

    /** The page before anything was compared, perhaps with a reason. */
    static ReconcilePage form(Frame frame, Form form, String problem) {
        return new ReconcilePage(frame, formats(form), form, problem, "", "", List.of(), List.of(), "");
    }

    /** The page with what came of a comparison. */
    static ReconcilePage of(Frame frame, Form form, Reconciliation result) {
        Tolerance tolerance = Tolerance.DEFAULT;
        long differing = result.buckets().stream()
                .filter(bucket -> !bucket.within(tolerance))
                .count();
        String verdict = differing == 0
                ? "The ledger and the bill agree, within a cent or half a per cent a bucket."
                : Figures.count(differing) + " of "
                        + Figures.count(result.buckets().size(), "bucket", "buckets")
                        + (differing == 1 ? " differs" : " differ") + ". The ledger less the bill: "
                        + usd(result.difference()) + ".";
        int hidden = result.causes().size() - MAX_CAUSES;
        return new ReconcilePage(
                frame,
                formats(form),
                form,
                "",
                verdict,
                result.pricedByLedger()
                        ? "The bill states no amounts; its tokens are priced by the ledger’s own rates."
                        : "",
                Stream.concat(
                                result.buckets().stream().map(bucket -> bucket(bucket, tolerance)),
                                Stream.of(new Bucket(
                                        "Total",
                                        "",
                                        "",
                                        usd(result.billed()),
                                        usd(result.ledger()),
                                        usd(result.difference()),
                                        "")))
                        .toList(),
                result.causes().stream()
                        .limit(MAX_CAUSES)
                        .map(ReconcilePage::cause)
                        .toList(),
                hidden > 0 ? Figures.count(hidden) : "");
    }

    private static List<Frame.Option> formats(Form form) {
        return Arrays.stream(BillFormat.values())
                .map(format -> new Frame.Option(
                        format.text(), format.text(), format.text().equals(form.format())))
                .toList();
    }

    private static Bucket bucket(BucketTotal bucket, Tolerance tolerance) {
        return new Bucket(
                bucket.name(),
                bucket.billedCalls().map(BigDecimal::toPlainString).orElse("–"),
                Figures.count(bucket.ledgerRecords()),
                usd(bucket.billed()),
                usd(bucket.ledger()),
                usd(bucket.difference()),
                bucket.within(tolerance) ? "" : "differs");
    }

    private static CauseRow cause(Cause cause) {
        List<String> ids = cause.ids();
        String named = ids.isEmpty()
                ? ""
                : " (" + String.join(", ", ids.subList(0, Math.min(ids.size(), MAX_IDS)))
                        + (ids.size() > MAX_IDS ? ", …" : "") + ")";
        return new CauseRow(
                cause.bucket(),
                cause.kind().words(),
                Stream.of(cause.model(), cause.tier(), cause.region(), cause.project())
                        .filter(part -> !part.isEmpty())
                        .collect(Collectors.joining(", ")),
                cause.calls() == 0 ? "–" : Figures.count(cause.calls()),
                usd(cause.usd()),
                cause.note() + named,
                cause.kind().advice());
    }

    /** With all digits that the ledger itself keeps. */
    private static String usd(BigDecimal amount) {
        return Figures.exactUsd(Usd.rounded(amount));
    }
}
