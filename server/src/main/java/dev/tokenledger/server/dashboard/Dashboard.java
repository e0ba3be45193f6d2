package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.formats.json.EntryJson;
import dev.tokenledger.formats.present.MissingLedgers;
import dev.tokenledger.formats.present.SummaryCsv;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.formats.query.QueryParameters;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.server.http.RequestBody;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.usage.RecordId;
import gg.jte.ContentType;
import gg.jte.TemplateEngine;
import gg.jte.output.StringOutput;
import io.javalin.http.Context;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.function.BiConsumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The dashboard. It works without script; with it, pages are swapped in place. Everything comes from this server, and the
 * policy sent with each page lets nothing else in: no inline script or style, no other origin.
 */
public final class Dashboard implements Part {

    private static final String POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
            + "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    private static final String HTML = "text/html";
    private static final String FORM = "multipart/form-data";

    /** An attribute with a path of ours. */
    private static final Pattern LINK = Pattern.compile("(?<= )(href|src|action|data-values)=\"/(?!/)");

    private static final String NOT_UNDERSTOOD = "Not understood";

    /** The pages with controls. */
    private static final Set<String> FORMS = Set.of("/", "/calls", "/calendar", "/unpriced", "/currency");

    /** The zone that its user chose last, so that every page without one is of it. */
    private static final String ZONE_COOKIE = "tokenledger-zone";

    private static final int ZONE_SECONDS = 365 * 86_400;

    private static final Set<String> OF_CALL = Set.of("id", "zone");

    private final Services services;
    private final CallsDownload downloads = new CallsDownload();
    private final BillComparison bills = new BillComparison();
    private final Optional<Supplier<ExchangeRates>> rates;
    private final Assets assets = new Assets();
    private final TemplateEngine templates = TemplateEngine.createPrecompiled(
            null, ContentType.Html, Dashboard.class.getClassLoader(), Dashboard.class.getPackageName());

    /**
     * A dashboard of these services' ledger.
     *
     * @param rates the exchange rates in force; empty for USD alone
     */
    public Dashboard(Services services, Optional<Supplier<ExchangeRates>> rates) {
        this.services = services;
        this.rates = rates;
    }

    @Override
    public List<Route> routes() {
        return List.of(
                page("/", "dashboard", "The dashboard", this::overview),
                page("/calls", "dashboardCalls", "The dashboard's list of calls", this::calls),
                page("/calendar", "dashboardCalendar", "The dashboard's calendar of days", this::calendar),
                page("/unpriced", "dashboardUnpriced", "The dashboard's models without a price", this::unpriced),
                Route.get(
                        "/call",
                        Access.READ,
                        Operation.of("dashboardCall", "The dashboard's page of one call")
                                .query("id", "the record's id", "call-1")
                                .with(ViewParameters.of(
                                        "zone",
                                        "The time zone of its times; default: the server's.",
                                        "{\"type\":\"string\"}",
                                        ""))
                                .answer(200, "A page.", HTML, ""),
                        this::call),
                page("/currency", "dashboardCurrency", "The dashboard's costs in another currency", this::currency),
                Route.get(
                        "/reconcile",
                        Access.READ_ALL,
                        Operation.of("dashboardReconcile", "The dashboard's form to compare with a bill")
                                .answer(200, "A page.", HTML, ""),
                        context -> show(
                                context,
                                "reconcile",
                                ReconcilePage.form(reconcileFrame(), ReconcilePage.Form.EMPTY, ""))),
                Route.post(
                        "/reconcile",
                        Access.READ_ALL,
                        Operation.of("dashboardReconcileBill", "Compares with a provider's bill and stores nothing")
                                .body(FORM, "{\"type\":\"object\"}", "")
                                .answer(200, "A page with what differs, and why.", HTML, ""),
                        this::reconcile),
                Route.download(
                        "/calls.csv",
                        Access.READ,
                        ViewParameters.of(
                                Operation.of("dashboardCallsCsv", "The dashboard's calls, all of them, as CSV")
                                        .answer(200, "A line for each call.", "text/csv", "")),
                        context -> page(
                                context, (asked, view) -> downloads.send(services.wholeLedger(asked), asked, view))),
                Route.get(
                        "/summary.csv",
                        Access.READ,
                        ViewParameters.of(Operation.of("dashboardSummaryCsv", "What the dashboard shows, as CSV")
                                .answer(200, "A line for each group.", "text/csv", "")),
                        context -> page(context, this::summaryCsv)),
                Route.get(
                        "/assets/{name}",
                        Access.ANYONE,
                        Operation.of("dashboardAsset", "The dashboard's script and style")
                                .path("name", "its name", "style.css")
                                .answer(200, "The file.", "text/css", ""),
                        assets::answer));
    }

    /** The route of a page that shows a view. */
    private Route page(String path, String id, String title, BiConsumer<Context, View> page) {
        return Route.get(
                path,
                Access.READ,
                ViewParameters.of(Operation.of(id, title).answer(200, "A page.", HTML, "")),
                context -> page(context, page));
    }

    /** Answers with a view, or with a page that says why its address cannot be understood. */
    private void page(Context context, BiConsumer<Context, View> page) {
        View view;
        try {
            view = new View(context.queryParamMap(), services.clock().instant(), services.zone());
        } catch (ParameterException e) {
            view = usual();
            notUnderstood(context, frame(view, "", NOT_UNDERSTOOD), e.parameter() + ": " + e.getMessage());
            return;
        }
        if (remembersZone(context, view)) {
            return;
        }
        if (!view.isCanonical()) {
            context.redirect(services.pathPrefix() + view.on(context.path()));
            return;
        }
        if (view.isBackwards()) {
            backwards(context, view);
            return;
        }
        page.accept(context, view);
    }

    /**
     * Keeps the zone that a form chose, and leads an address without one to it. An address says its zone itself from then on, so
     * that it shows everybody the same.
     *
     * @return whether it was answered with a redirect
     */
    private boolean remembersZone(Context context, View view) {
        String kept = context.cookie(ZONE_COOKIE);
        if (!FORMS.contains(context.path())) {
            return false;
        }
        if (context.queryParamMap().containsKey("zone")) {
            // Only a form states more than its address must.
            if (!view.isCanonical()) {
                String chosen = String.valueOf(context.queryParam("zone"));
                String path = services.pathPrefix() + "/";
                context.res()
                        .addHeader(
                                "Set-Cookie",
                                ZONE_COOKIE + "="
                                        + URLEncoder.encode(
                                                chosen.isBlank() ? "" : TimeText.name(view.zone()),
                                                StandardCharsets.UTF_8)
                                        + "; Path=" + path + "; Max-Age=" + (chosen.isBlank() ? 0 : ZONE_SECONDS)
                                        + "; HttpOnly; SameSite=Lax");
            }
            return false;
        }
        Optional<String> zone = Optional.ofNullable(kept).flatMap(Dashboard::zone);
        if (zone.isEmpty() || zone.get().equals(TimeText.name(services.zone()))) {
            return false;
        }
        context.redirect(services.pathPrefix() + view.on(context.path()).with("zone", zone.get()));
        return true;
    }

    /** The name of a zone that a browser sent back; empty if it is none. */
    private static Optional<String> zone(String kept) {
        try {
            return Optional.of(TimeText.name(TimeText.zone(URLDecoder.decode(kept, StandardCharsets.UTF_8))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private void overview(Context context, View view) {
        Ledger ledger = services.ledger(context);
        SortedSet<String> keys = ledger.attributeKeys();
        show(
                context,
                "overview",
                new Overview(
                                ledger,
                                view,
                                keys,
                                noting(frame(view, "/", "Overview", keys), context),
                                BudgetsPart.of(services, context, view),
                                services.foundLogs(context),
                                context.scheme() + "://" + context.host() + services.pathPrefix())
                        .page());
    }

    private void summaryCsv(Context context, View view) {
        SummaryQuery groups = Overview.listed(view);
        StringBuilder text = new StringBuilder();
        SummaryCsv.write(groups, services.wholeLedger(context).summaries(groups), text::append);
        csv(context, "tokenledger-summary.csv");
        context.result(text.toString());
    }

    private void calls(Context context, View view) {
        show(context, "calls", CallsPage.of(services.ledger(context), view, frame(context, view, "/calls", "Calls")));
    }

    private void calendar(Context context, View view) {
        show(
                context,
                "calendar",
                CalendarPage.of(services.ledger(context), view, frame(context, view, "/calendar", "Calendar")));
    }

    private void unpriced(Context context, View view) {
        show(
                context,
                "unpriced",
                UnpricedPage.of(
                        services.ledger(context), view, frame(context, view, "/unpriced", "Calls without a price")));
    }

    private void call(Context context) {
        Frame frame = noting(frame(usual(), "", "Call"), context);
        try {
            QueryParameters parameters = new QueryParameters(
                    context.queryParamMap(), OF_CALL, services.clock().instant(), services.zone());
            Ledger ledger = services.ledger(context);
            Optional<RecordId> id = parameters.get("id", RecordId::of);
            Optional<LedgerEntry> entry = id.flatMap(ledger::find);
            Optional<Explanation> explanation = entry.map(found -> EntryJson.explanation(ledger, found));
            if (entry.isEmpty() || explanation.isEmpty()) {
                context.status(404);
                String problem = "The ledger has no record with this id.";
                show(context, "error", new ErrorPage(frame, "There is no such call", problem, false));
                return;
            }
            show(context, "call", CallPage.of(entry.get(), ledger, explanation.get(), parameters.zone(), frame));
        } catch (ParameterException e) {
            notUnderstood(context, frame, e.parameter() + ": " + e.getMessage());
        }
    }

    private void currency(Context context, View view) {
        Frame frame = frame(context, view, "/currency", "Costs in another currency");
        if (rates.isEmpty()) {
            String problem = "Start the server with --currency CODE --rates FILE to see costs in another currency.";
            show(context, "error", new ErrorPage(frame, "There are no exchange rates", problem, false));
            return;
        }
        show(
                context,
                "currency",
                CurrencyPage.of(services.ledger(context), view, rates.get().get(), frame));
    }

    private void reconcile(Context context) {
        byte[] body = RequestBody.read(context, services.limits());
        if (!RequestBody.mediaType(context).equals(FORM)) {
            throw Problem.of(415, "Content-Type: expected " + FORM);
        }
        ReconcilePage.Form form = ReconcilePage.Form.EMPTY;
        ReconcilePage page;
        try {
            MultipartForm sent = MultipartForm.parse(String.valueOf(context.contentType()), body);
            form = BillComparison.form(sent);
            page = bills.page(services.ledger(), sent, form, reconcileFrame(), services.zone());
        } catch (IllegalArgumentException e) {
            context.status(400);
            page = ReconcilePage.form(reconcileFrame(), form, String.valueOf(e.getMessage()));
        }
        show(context, "reconcile", page);
    }

    private Frame reconcileFrame() {
        return frame(usual(), "/reconcile", "Compare with a bill");
    }

    private void notUnderstood(Context context, Frame frame, String problem) {
        context.status(400);
        show(context, "error", new ErrorPage(frame, "This address is not understood", problem, false));
    }

    /** Answers with the controls as they were sent, so that the date that is meant can be changed. */
    private void backwards(Context context, View view) {
        String problem = "from: " + view.from().orElseThrow() + " is after through: "
                + view.through().orElseThrow();
        if (!FORMS.contains(context.path())) {
            notUnderstood(context, frame(view, "", NOT_UNDERSTOOD), problem);
            return;
        }
        context.status(400);
        show(
                context,
                "error",
                new ErrorPage(
                        frame(context, view, context.path(), "No days chosen"),
                        "No days are chosen",
                        "From is after Through: change one of them.",
                        true));
    }

    /** The answer is a file of CSV. */
    static void csv(Context context, String name) {
        context.contentType("text/csv; charset=utf-8")
                .header("Content-Disposition", "attachment; filename=\"" + name + "\"");
    }

    /** What is shown where nothing is asked for. */
    private View usual() {
        return new View(Map.of(), services.clock().instant(), services.zone());
    }

    /** The frame of a page with controls: they offer the attributes that there are. */
    private Frame frame(Context context, View view, String path, String title) {
        return noting(frame(view, path, title, services.ledger(context).attributeKeys()), context);
    }

    /** The frame with a word about the ledgers that the page turns out to be without. */
    private static Frame noting(Frame frame, Context context) {
        return frame.noting(() -> MissingLedgers.words(Services.missing(context)));
    }

    private Frame frame(View view, String path, String title) {
        return frame(view, path, title, Collections.emptySortedSet());
    }

    private Frame frame(View view, String path, String title, SortedSet<String> keys) {
        return Frame.of(view, path, title, assets, services.zone(), services.version(), keys)
                .with(rates.map(known -> new Frame.Link(
                        known.get().currency(), "/currency" + view.on("").without("after"), path.equals("/currency"))));
    }

    private void show(Context context, String template, Object page) {
        StringOutput html = new StringOutput(1 << 16);
        templates.render(template + ".jte", page, html);
        context.header("Content-Security-Policy", POLICY);
        context.contentType("text/html; charset=utf-8").result(linked(html.toString()));
    }

    @Override
    public boolean show(Problem problem, Context context) {
        String title = problem.status() == 404 ? "There is no such page" : "This cannot be shown";
        show(context, "error", new ErrorPage(frame(usual(), "", title), title, problem.detail(), false));
        return true;
    }

    /** The page with the prefix before the paths that it links to. What users wrote is escaped: it has no quote. */
    private String linked(String page) {
        return services.pathPrefix().isEmpty()
                ? page
                : LINK.matcher(page).replaceAll("$1=\"" + Matcher.quoteReplacement(services.pathPrefix() + "/"));
    }
}
