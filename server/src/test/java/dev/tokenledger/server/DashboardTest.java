package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.server.http.AgentLogs;
import dev.tokenledger.usage.UsageRecord;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard's pages as they come over HTTP. */
class DashboardTest {

    private static final Pattern FREE = Pattern.compile("\\$0\\.00(?![0-9])");

    @TempDir
    private Path folder;

    private final RunningServer server = RunningServer.start(settings -> settings.budgets(this::budgets));
    private @Nullable BudgetFile budgetFile;

    private List<Budget> budgets() {
        return budgetFile == null ? List.of() : budgetFile.read();
    }

    private void budgets(String yaml) {
        Path file = folder.resolve("budgets.yaml");
        try {
            Files.writeString(file, yaml);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (budgetFile == null) {
            budgetFile = new BudgetFile(file);
        }
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    private void record(String fields) {
        HttpResponse<String> answer = server.post("/v1/records", "application/json", "{" + fields + "}");
        assertThat(answer.body()).contains("appended");
    }

    private String page(String path) {
        HttpResponse<String> answer = server.get(path);
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
        return answer.body();
    }

    /** 45 days are young enough; what is older is told, once, with what to do. */
    @Test
    void oldPrices_areToldOnce() {
        for (int days : new int[] {45, 46}) {
            PriceEntry price = PriceEntry.builder("house-model")
                    .source("list (" + LocalDate.parse("2026-11-22").minusDays(days) + ")")
                    .build();
            try (RunningServer own = new RunningServer(
                    InMemoryLedger.open(PriceBook.of(List.of(price)), InstantSource.fixed(RunningServer.NOW)),
                    settings -> settings)) {
                String body = own.get("/").body();
                if (days == 45) {
                    assertThat(body).doesNotContain("out of date");
                } else {
                    assertThat(body)
                            .containsOnlyOnce("Prices may be out of date:")
                            .contains("46 days ago; 'tokenledger prices update' fetches newer prices");
                }
            }
        }
        assertThat(page("/")).doesNotContain("out of date");
    }

    /** A call that one figure of the page counts and another does not would make them differ. */
    @Test
    void overview_isOfOneMoment_whateverIsWrittenMeanwhile() throws Exception {
        InMemoryLedger ledger = InMemoryLedger.open(PriceBook.empty(), InstantSource.fixed(RunningServer.NOW));
        AtomicBoolean done = new AtomicBoolean();
        Semaphore allowed = new Semaphore(0);
        ExecutorService writer = Executors.newSingleThreadExecutor();
        try (RunningServer own = new RunningServer(ledger, settings -> settings)) {
            Future<?> writing = writer.submit(() -> {
                while (!done.get()) {
                    allowed.acquireUninterruptibly();
                    ledger.append(UsageRecord.builder()
                            .model("house-model")
                            .timestamp(RunningServer.NOW)
                            .inputTokens(1)
                            .cost(Usd.parse("1"))
                            .build());
                }
            });
            for (int i = 0; i < 60; i++) {
                allowed.release(40);
                String body = own.get("/?period=today").body();
                String cost = figure(body, "<dt>Cost</dt><dd><span class=\"figure\">([^<]*)<");
                assertThat(figure(body, "<h2>Today</h2><p class=\"figure\">([^<]*)<"))
                        .isEqualTo(cost);
                assertThat(figure(body, "<h2>This month</h2><p class=\"figure\">([^<]*)<"))
                        .isEqualTo(cost);
            }
            done.set(true);
            allowed.release();
            writing.get();
        } finally {
            done.set(true);
            allowed.release();
            writer.shutdown();
        }
    }

    private static String figure(String body, String pattern) {
        Matcher figure = Pattern.compile(pattern).matcher(body);
        assertThat(figure.find()).as(pattern).isTrue();
        return figure.group(1);
    }

    @Test
    void page_letsNothingButItsOwnFilesIn() {
        HttpResponse<String> answer = server.get("/");
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .contains("default-src 'none'", "script-src 'self'", "style-src 'self'")
                .doesNotContain("unsafe");
        assertThat(answer.body())
                .doesNotContain("style=\"", "<style", "onclick", "javascript:")
                .doesNotContainPattern("(src|href|action)=\"(?!/)(?!#main\")")
                .doesNotContainPattern("<script(?! src=)");
    }

    @Test
    void scripts_areSmall() throws IOException {
        Matcher script = Pattern.compile("<script src=\"([^\"]+)\"").matcher(page("/"));
        int gzipped = 0;
        int scripts = 0;
        while (script.find()) {
            HttpResponse<String> answer = server.get(script.group(1));
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("Cache-Control")).contains("public, max-age=31536000, immutable");
            gzipped += gzipped(answer.body());
            scripts++;
        }
        assertThat(scripts).isEqualTo(3);
        assertThat(gzipped).isBetween(1_000, 60_000);
    }

    private static int gzipped(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.size();
    }

    @Test
    void namesThatAreMarkup_areEscaped() {
        record("\"model\":\"<script>alert(1)</script>\\\"'\",\"input_tokens\":5,\"session_id\":\"</title><b>\"");
        assertThat(page("/?period=today")).contains("&lt;script&gt;alert(1)").doesNotContain("<script>alert");
        assertThat(page("/?period=today&group_by=session")).doesNotContain("</title><b>");
        assertThat(page("/?where.model=%3Cscript%3Ealert(1)")).doesNotContain("<script>alert");
    }

    /** A page but for the chart's axis, which begins at nothing. */
    private static String withoutAxis(String page) {
        return page.replaceAll("(?s)<div class=\"axis\">.*?</div>", "");
    }

    @Test
    void unpriced_isNeverShownAsFree() {
        record("\"model\":\"nobody-knows\",\"input_tokens\":5");
        assertThat(withoutAxis(page("/?period=today")))
                .contains("1 call has no price", "unpriced")
                .doesNotContainPattern(FREE);
        record("\"model\":\"claude-sonnet-4-5\",\"input_tokens\":5");
        assertThat(withoutAxis(page("/?period=today")))
                .contains("≥\u202f&lt;$0.01")
                .doesNotContainPattern(FREE);
    }

    @Test
    void sessionsOfVeryManyCalls_areThoseOfTheLatest_unlessAllAreWanted() {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < 41_000; i++) {
            boolean old = i % 2 == 0;
            records.add(UsageRecord.builder()
                    .id("call-" + i)
                    .model("claude-sonnet-4-5")
                    .provider("anthropic")
                    .sessionId(old ? "session-of-old" : "session-of-today")
                    .timestamp(RunningServer.NOW
                            .minus(Duration.ofDays(old ? 20 : 0))
                            .minusSeconds(60 + i / 100))
                    .inputTokens(1_000_000)
                    .build());
        }
        for (int i = 0; i < records.size(); i += 5_000) {
            server.ledger().appendAll(records.subList(i, Math.min(records.size(), i + 5_000)));
        }
        String latest = page("/?group_by=session");
        assertThat(latest)
                .contains("Only the latest 25,000 calls of the range, or fewer, are told apart by session here")
                .contains("the totals are of all 41,000.", "Before 2 Nov 2026 ", "session-of-today", "$246,000.00")
                .contains("href=\"/?group_by=session&amp;whole=yes\"");
        String whole = page("/?group_by=session&whole=yes");
        assertThat(whole)
                .contains("session-of-today", "session-of-old", "$123,000.00", "$246,000.00")
                .doesNotContain("Only the latest", "Before ", "whole=yes");
        for (String few :
                List.of("/?period=today&group_by=session", "/?group_by=session&where.session=session-of-old")) {
            assertThat(page(few)).contains("$123,000.00").doesNotContain("Only the latest");
        }
        assertThat(server.get("/?whole=yes").headers().firstValue("Location")).contains("/");
    }

    /** One record stamped far ahead by a wrong clock stretches all time over more months than a chart has room for. */
    @Test
    void callsBeforeTheFirstBar_areSaidNotToBeShown() {
        record("\"model\":\"m\",\"cost_usd\":5000000");
        assertThat(page("/?period=all")).doesNotContain("not shown");
        record("\"model\":\"m\",\"cost_usd\":1,\"timestamp\":\"2099-06-01T00:00:00Z\"");
        for (String all : List.of("/?period=all", "/?from=2026-01-01", "/?from=2026-01-01&through=2099-06-30")) {
            assertThat(page(all))
                    .contains("1 call is not shown: what was before 1 Mar 2066, $5,000,000.00, lies further back");
        }
        assertThat(page("/?from=2080-01-01")).doesNotContain("not shown");
    }

    @Test
    void forms_leadToTheOneAddressOfAView() {
        HttpResponse<String> answer = server.get(
                "/?from=&through=&period=today&group_by=model&measure=cost&every=&limit=25&zone=&filter=role&value=a%26b");
        assertThat(answer.statusCode()).isEqualTo(302);
        assertThat(answer.headers().firstValue("Location")).contains("/?period=today&where.role=a%26b");
        assertThat(server.get("/?period=today&where.role=a%26b").statusCode()).isEqualTo(200);
    }

    @Test
    void addressThatIsNotUnderstood_getsAPageThatSaysWhy() {
        for (String query : new String[] {"period=soon", "from=2026-13-01", "zone=Nowhere", "limit=0", "x=1"}) {
            HttpResponse<String> answer = server.get("/?" + query);
            assertThat(answer.statusCode()).as(query).isEqualTo(400);
            assertThat(answer.body()).contains("This address is not understood");
        }
    }

    @Test
    void datesTheWrongWayRound_keepTheForm_andSaySoBesideThem() {
        for (String path : List.of("/", "/calls")) {
            HttpResponse<String> answer =
                    server.get(path + "?from=2026-10-05&through=2026-10-01&group_by=provider&where.role=r");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body())
                    .contains("<form id=\"controls\" method=\"get\" action=\"" + path + "\"")
                    .contains("value=\"2026-10-05\" aria-invalid", "value=\"2026-10-01\" aria-invalid")
                    .contains(
                            ">From is after Through</strong>",
                            "name=\"where.role\" value=\"r\"",
                            "<bdi>Role</bdi>: <bdi>r</bdi>")
                    .doesNotContain("not understood");
        }
        assertThat(page("/?from=2026-10-01&through=2026-10-01")).doesNotContain("aria-invalid", "is after");
        for (String csv : List.of("/summary.csv", "/calls.csv")) {
            HttpResponse<String> answer = server.get(csv + "?from=2026-10-05&through=2026-10-01");
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("from: 2026-10-05 is after through: 2026-10-01");
        }
    }

    /** Those of Java reach much further, where sums of days leave out what has no room. */
    @ParameterizedTest
    @ValueSource(strings = {"/", "/calls", "/calls.csv", "/summary.csv"})
    void dates_areOfYearsWithFourDigits(String path) {
        for (String date :
                List.of("+999999999-12-31", "-999999999-01-01", "+10000-01-01", "-0001-12-31", "2026-13-01")) {
            for (String name : List.of("from", "through")) {
                HttpResponse<String> answer = server.get(path + "?" + name + "=" + date.replace("+", "%2B"));
                assertThat(answer.statusCode()).as(date).isEqualTo(400);
                assertThat(answer.body()).contains(name + ": expected a date such as 2026-11-01, found ");
            }
        }
        for (String zone : List.of("UTC", "%2B18:00", "-18:00", "Asia/Kathmandu")) {
            String all = "?from=0000-01-01&through=9999-12-31" + (zone.equals("UTC") ? "" : "&zone=" + zone);
            assertThat(server.get(path + all).statusCode()).as(zone).isEqualTo(200);
        }
    }

    @Test
    void placeToGoOn_isOneThatAPageGave() {
        String last = Long.toString(Long.MAX_VALUE, Character.MAX_RADIX);
        String first = Long.toString(Long.MIN_VALUE, Character.MAX_RADIX);
        for (String after : List.of(last + "-" + last, first + "-0", "0-0")) {
            assertThat(server.get("/calls?after=" + after).statusCode()).isEqualTo(200);
        }
        for (String after : List.of("x", "-", "0-" + last + "0", "-1")) {
            HttpResponse<String> answer = server.get("/calls?after=" + after);
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).contains("after: ");
        }
    }

    @Test
    void callThatIsNotThere_isSaidToBeMissing() {
        HttpResponse<String> answer = server.get("/call?id=gone");
        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body())
                .contains("<h1>There is no such call</h1>", "no record with this id")
                .doesNotContain("not understood");
        HttpResponse<String> unclear = server.get("/call?id=gone&x=1");
        assertThat(unclear.statusCode()).isEqualTo(400);
        assertThat(unclear.body()).contains("<h1>This address is not understood</h1>");
    }

    @Test
    void callsList_namesItsZone() {
        record("\"model\":\"m\"");
        assertThat(page("/calls")).contains(" – 22 Nov 2026, UTC, newest first");
        assertThat(page("/calls?period=all&zone=Asia/Tokyo")).contains("all time, Asia/Tokyo, newest first");
    }

    @Test
    void priceGaps_countCallsWithoutAPriceAndThoseWithAPartOfOne() {
        record("\"model\":\"nobody-knows\",\"input_tokens\":5");
        record("\"model\":\"m\",\"cost_usd\":1,\"pricing_status\":\"partial\"");
        String page = page("/?period=today");
        assertThat(page)
                .contains("<th scope=\"col\" class=\"n\">Price gaps</th>")
                .doesNotContain(">Unpriced<");
        assertThat(page.substring(page.indexOf("<tfoot>"))).contains("<td class=\"n\">2</td></tr>");
    }

    @Test
    void doubts_areCountedInALine_andNotWhereThereAreNone() {
        record("\"model\":\"m\",\"cost_usd\":1");
        assertThat(page("/?period=today")).doesNotContain("id=\"doubts\"");
        record("\"model\":\"m\",\"cost_usd\":1,\"notes\":[\"output_incomplete\"]");
        record("\"model\":\"m\",\"cost_usd\":1,\"notes\":[\"cache_split_missing\",\"output_incomplete\"]");
        assertThat(page("/?period=today"))
                .contains(
                        "<p class=\"remark\" id=\"doubts\">Figures of 2 of 3 calls are in doubt: 2 may have more output than"
                                + " was logged, 1 has cache writes taken for 5-minute ones.</p>");
        assertThat(server.get("/v1/summary?period=all").body())
                .contains("\"doubtful_records\":2,\"output_incomplete_records\":2,\"cache_split_missing_records\":1}");
    }

    @Test
    void hitRate_isShownWithItsMeaning_andNotWhereNoWritesAreCounted() {
        record("\"model\":\"reads\",\"cost_usd\":1,\"input_tokens\":300,\"cache_read_input_tokens\":100");
        String page = page("/?period=today");
        assertThat(page)
                .contains("<span class=\"note\">reads of reads and writes; reads of all input: 25.0\u202f%</span>");
        assertThat(page.substring(page.indexOf("<tfoot>")))
                .contains("<td class=\"n\">–</td><td class=\"n\">25.0\u202f%</td>");
        record("\"model\":\"both\",\"cost_usd\":1,\"cache_read_input_tokens\":100,\"cache_creation_input_tokens\":100");
        page = page("/?period=today");
        assertThat(page.substring(page.indexOf("<tfoot>")))
                .contains("<td class=\"n\">66.7\u202f%</td><td class=\"n\">33.3\u202f%</td>");
    }

    @Test
    void budget_showsWhatItsLinkShows() {
        budgets("""
                budgets:
                  - { name: Team, where: { attribute.team: "a&b", role: "" }, period: month, usd: 10, zone: Asia/Kathmandu }
                  - { name: Day, period: day, usd: 0.5 }
                """);
        record(
                "\"model\":\"m\",\"cost_usd\":8,\"timestamp\":\"2026-10-31T18:15:00Z\",\"attributes\":{\"team\":\"a&b\"}");
        record(
                "\"model\":\"m\",\"cost_usd\":99,\"timestamp\":\"2026-10-31T18:14:59Z\",\"attributes\":{\"team\":\"a&b\"}");
        record("\"model\":\"m\",\"cost_usd\":0.51,\"role\":\"r\"");

        String page = page("/");

        assertThat(page).contains("1 of 2 exceeded", "Nov 2026, Asia/Kathmandu", "22 Nov 2026, UTC");
        assertThat(items(page))
                .satisfiesExactly(
                        team -> assertThat(team)
                                .contains(
                                        "<b>$8.00</b> of $10.00",
                                        "(80\u202f%)",
                                        "projected $11.04",
                                        "on course to exceed"),
                        day -> assertThat(day)
                                .contains("<b>$0.51</b> of $0.50", "(102\u202f%)", "projected $1.02", ">exceeded<"));
        Matcher link = Pattern.compile("<a href=\"([^\"]+)\"><bdi>(Team|Day)</bdi></a>")
                .matcher(page);
        assertThat(link.find()).isTrue();
        String ofTheTeam = page(link.group(1).replace("&amp;", "&"));
        assertThat(ofTheTeam).contains("<span class=\"figure\">$8.00</span>").doesNotContain("h-budgets");
        assertThat(link.find()).isTrue();
        assertThat(page(link.group(1).replace("&amp;", "&"))).contains("<span class=\"figure\">$0.51</span>");
    }

    @Test
    void budget_ofCostsThatAreNotKnown_isNeverWithin() {
        budgets("budgets: [{ name: a, period: month, usd: 10 }]");
        record("\"model\":\"nobody-knows\",\"input_tokens\":5");
        assertThat(items(page("/"))).singleElement().asString().contains("<b>unpriced</b>", "not known");
        record("\"model\":\"m\",\"cost_usd\":1");
        assertThat(items(page("/")))
                .singleElement()
                .asString()
                .contains("<b>≥\u202f$1.00</b> of $10.00", "(≥\u202f10\u202f%)", "projected ≥\u202f$1.40", "not known");
    }

    @Test
    void noBudgets_haveNoSection() {
        assertThat(page("/")).doesNotContain("budget");
        budgets("budgets: []");
        assertThat(page("/")).doesNotContain("budget");
    }

    @Test
    void budgetFile_isReadAgain_andSaysWhatIsWrongWithIt() throws IOException {
        budgets("budgets: [{ name: First, period: month, usd: 10 }]");
        assertThat(page("/")).contains(">First</bdi></a>");
        budgets("budgets: [{ name: <i>, perod: month, usd: 10 }]");
        assertThat(page("/"))
                .contains(
                        "The budget file cannot be read", "line 1: budgets[0].perod: unknown key; did you mean period?")
                .doesNotContain("h-budgets", folder.toString());
        Files.delete(folder.resolve("budgets.yaml"));
        assertThat(page("/")).contains("<li>there is no such file</li>").doesNotContain(folder.toString());
        budgets("budgets: [{ name: <i>, period: month, usd: 10 }]");
        assertThat(page("/")).contains(">&lt;i&gt;</bdi></a>").doesNotContain("cannot be read");
    }

    private static List<String> items(String page) {
        String list = page.substring(page.indexOf("<ul class=\"budgets\">"));
        Matcher item = Pattern.compile("(?s)<li>.*?</li>").matcher(list.substring(0, list.indexOf("</ul>")));
        return item.results().map(result -> result.group()).toList();
    }

    @Test
    void csv_hasWhatTheTableShows() {
        record("\"model\":\"claude-sonnet-4-5\",\"input_tokens\":1000,\"role\":\"a\"");
        record("\"model\":\"gpt-5\",\"input_tokens\":1000,\"role\":\"b\"");
        HttpResponse<String> answer = server.get("/summary.csv?period=today&where.role=a");
        assertThat(answer.headers().firstValue("Content-Type")).contains("text/csv; charset=utf-8");
        assertThat(answer.body().lines().toList())
                .hasSize(2)
                .last()
                .asString()
                .startsWith("claude-sonnet-4-5,false,1,1000,");
        assertThat(server.get("/summary.csv?period=today&every=hour").body())
                .startsWith("bucket,model,other,")
                .contains("2026-11-22T12:00:00Z,gpt-5,false,1,1000,");
    }

    @Test
    void unknownPage_isAPageForABrowser_andADocumentForAProgram() {
        for (String path : List.of("/nothing", "/calls/x", "/index.html")) {
            HttpResponse<String> page = server.send(server.request(path)
                    .header("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
                    .build());
            assertThat(page.statusCode()).isEqualTo(404);
            assertThat(page.headers().firstValue("Content-Type")).contains("text/html;charset=utf-8");
            assertThat(page.headers().firstValue("Content-Security-Policy")).isPresent();
            assertThat(page.headers().firstValue("Vary")).contains("Accept");
            assertThat(page.body()).contains("<h1>There is no such page</h1>", "Back to the overview");
            HttpResponse<String> document = server.get(path);
            assertThat(document.statusCode()).isEqualTo(404);
            assertThat(document.headers().firstValue("Content-Type")).contains("application/problem+json");
        }
        HttpResponse<String> api = server.send(
                server.request("/v1/nothing").header("Accept", "text/html").build());
        assertThat(api.headers().firstValue("Content-Type")).contains("application/problem+json");
    }

    @Test
    void namesAreWhole_howeverLong() {
        String arn = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/" + "a".repeat(420);
        record("\"model\":\"" + arn + "-search\",\"cost_usd\":2,\"session_id\":\"" + "s".repeat(128) + "\"");
        record("\"model\":\"" + arn + "-ads\",\"cost_usd\":1");
        assertThat(page("/?period=today")).contains("<bdi>" + arn + "-search</bdi>", "<bdi>" + arn + "-ads</bdi>");
        assertThat(page("/calls?period=today")).contains("<bdi>" + arn + "-ads</bdi>", "s".repeat(128));
    }

    @Test
    void attributes_areOffered_andOneThatNoCallHasIsSaid() {
        record("\"model\":\"m\",\"cost_usd\":1,\"attributes\":{\"team\":\"search\",\"env\":\"live\"}");
        assertThat(page("/?period=today&group_by=attribute.team"))
                .contains("<option value=\"attribute.team\" selected>team</option>", "<bdi>search</bdi>")
                .doesNotContain("No call has the attribute");
        assertThat(page("/?period=today&group_by=attribute.taem"))
                .contains("No call has the attribute “taem”. Those of this ledger: env, team.");
    }

    @Test
    void secondGrouping_tellsPairsApart_andLeadsToBoth() {
        record("\"model\":\"a\",\"cost_usd\":2,\"role\":\"x\"");
        record("\"model\":\"a\",\"cost_usd\":1,\"role\":\"y\"");
        String body = page("/?period=today&then_by=role");
        assertThat(body)
                .contains("Cost by model and role", "<bdi>a / x</bdi>", "<bdi>a / y</bdi>")
                .contains("href=\"/?group_by=session&amp;period=today&amp;where.model=a&amp;where.role=x\"");
        assertThat(server.get("/summary.csv?period=today&then_by=role").body())
                .startsWith("model,role,other,")
                .contains("\na,x,false,1,");
        assertThat(server.get("/?then_by=model").headers().firstValue("Location"))
                .contains("/");
    }

    @Test
    void periodBefore_isComparedByGroup() {
        record("\"model\":\"a\",\"cost_usd\":3");
        record("\"model\":\"b\",\"cost_usd\":1");
        record("\"model\":\"a\",\"cost_usd\":2,\"timestamp\":\"2026-11-21T09:00:00Z\"");
        record("\"model\":\"c\",\"cost_usd\":9,\"timestamp\":\"2026-11-21T13:00:00Z\"");
        String body = page("/?period=today&compare=yes");
        assertThat(body)
                .contains("<td class=\"n\">$2.00</td><td class=\"n\">+50\u202f%</td>")
                .contains("<td class=\"n\">–</td><td class=\"n\">new</td>")
                .contains("The period before", "$9.00\tthe period before");
        assertThat(page("/?period=today")).doesNotContain("The period before");
        assertThat(page("/?compare=yes&period=all")).doesNotContain("The period before");
    }

    @Test
    void caching_isToldWhatItSaved() {
        record("\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"input_tokens\":5,"
                + "\"cache_read_input_tokens\":1000000,\"cache_creation_input_tokens\":1000000,"
                + "\"cache_creation_5m_input_tokens\":1000000");
        // Input 3 USD a million, reads 0.30, writes for five minutes 3.75.
        assertThat(page("/?period=today")).contains("<dt>Saved by caching</dt><dd><span class=\"figure\">$1.95</span>");
        record("\"model\":\"nobody-knows\",\"cache_read_input_tokens\":70");
        assertThat(page("/?period=today")).contains("$1.95</span>", "; 70 of them have no price");
        assertThat(page("/?period=today&where.model=nobody-knows")).contains("the cached tokens have no price");
        assertThat(page("/?period=yesterday")).contains("no cache reads or writes are counted");
    }

    @Test
    void tilesOfToday_standOnlyWhereTheViewCanHaveAny() {
        record("\"model\":\"m\",\"cost_usd\":1,\"session_id\":\"old\",\"timestamp\":\"2026-08-03T09:00:00Z\"");
        record("\"model\":\"m\",\"cost_usd\":1,\"session_id\":\"new\"");
        for (String with : List.of("/", "/?period=yesterday", "/?where.session=new", "/?period=all")) {
            assertThat(page(with)).as(with).contains("<h2>Today</h2>");
        }
        for (String without : List.of(
                "/?period=all&where.session=old",
                "/?where.session=old",
                "/?period=last_month",
                "/?from=2026-08-01&through=2026-08-31")) {
            assertThat(page(without)).as(without).doesNotContain("<h2>Today</h2>");
        }
    }

    @Test
    void callsWithoutAPrice_leadToWhatGivesThemOne() {
        record("\"model\":\"nobody-knows\",\"provider\":\"house\",\"input_tokens\":5,\"cache_read_input_tokens\":3");
        record("\"model\":\"m\",\"cost_usd\":1,\"pricing_status\":\"partial\"");
        assertThat(page("/?period=today"))
                .contains("href=\"/unpriced?period=today\"", "With a price for a part:", "<bdi>m</bdi>");
        String body = page("/unpriced?period=today");
        assertThat(body)
                .contains("<bdi>nobody-knows</bdi>", "model: nobody-knows", "provider: house")
                .contains("input: USD_PER_MILLION", "cache_read: USD_PER_MILLION")
                .contains("tokenledger reprice --prices prices.yaml --reason", "--apply")
                .contains("with a price for only a part of the usage");
        assertThat(page("/unpriced?period=yesterday")).contains("has a price for all of its usage");
    }

    @Test
    void calls_haveATotal_andTheDearestFirst() {
        record("\"id\":\"a\",\"model\":\"cheap\",\"cost_usd\":1,\"output_tokens\":900,\"session_id\":\"s\"");
        record("\"id\":\"b\",\"model\":\"dear\",\"cost_usd\":7,\"output_tokens\":5,\"session_id\":\"s\","
                + "\"timestamp\":\"2026-11-22T09:00:00Z\"");
        record("\"id\":\"c\",\"model\":\"elsewhere\",\"cost_usd\":100");
        String newest = page("/calls?where.session=s");
        assertThat(newest)
                .contains("<dt>Cost</dt><dd><span class=\"figure\">$8.00</span>", "newest first")
                .containsSubsequence("<bdi>cheap</bdi>", "<bdi>dear</bdi>");
        assertThat(page("/calls?where.session=s&order=cost"))
                .contains("dearest first", "aria-sort=\"descending\"><a href=\"/calls?order=cost")
                .containsSubsequence("<bdi>dear</bdi>", "<bdi>cheap</bdi>")
                .doesNotContain("looked through");
        assertThat(page("/calls?where.session=s&order=tokens"))
                .containsSubsequence("<bdi>cheap</bdi>", "<bdi>dear</bdi>");
    }

    @Test
    void dearestOfVeryManyCalls_areThoseOfTheLatest_unlessAllAreWanted() {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i <= 6_000; i++) {
            records.add(UsageRecord.builder()
                    .id("call-" + i)
                    .model(i == 0 ? "dear-of-old" : "m")
                    .timestamp(RunningServer.NOW.minusSeconds(7_000 - i))
                    .cost(Usd.parse(i == 0 ? "9" : "1"))
                    .build());
        }
        server.ledger().appendAll(records.subList(0, 3_000));
        server.ledger().appendAll(records.subList(3_000, records.size()));
        assertThat(page("/calls?order=cost"))
                .contains(
                        "Only the latest 5,000 calls are looked through here.",
                        "href=\"/calls?order=cost&amp;whole=yes\"")
                .doesNotContain("<bdi>dear-of-old</bdi>");
        assertThat(page("/calls?order=cost&whole=yes"))
                .contains("<bdi>dear-of-old</bdi>")
                .doesNotContain("looked through");
    }

    @Test
    void calendar_hasADayForEveryDate() {
        record("\"model\":\"m\",\"cost_usd\":1");
        record("\"model\":\"m\",\"cost_usd\":4,\"timestamp\":\"2026-02-28T23:59:59Z\"");
        String body = page("/calendar");
        assertThat(body)
                .contains(
                        "title=\"22 Nov 2026: $1.00\"",
                        "title=\"28 Feb 2026: $4.00\"",
                        "title=\"1 Mar 2026: no calls\"")
                .contains("class=\"day h4\" href=\"/?from=2026-02-28&amp;through=2026-02-28\"")
                .doesNotContain("23 Nov 2026:");
        assertThat(page("/calendar?zone=Asia/Tokyo")).contains("title=\"1 Mar 2026: $4.00\"");
        assertThat(page("/calendar?measure=calls")).contains("title=\"22 Nov 2026: 1\"");
        for (String any : List.of("?period=all", "?from=0000-01-01&through=0000-01-02", "?through=9999-12-31")) {
            assertThat(page("/calendar" + any)).contains("by day");
        }
    }

    @Test
    void budgets_areFoldedWhenMany_whatIsExceededFirst() {
        budgets("budgets:\n"
                + IntStream.range(0, 40)
                        .mapToObj(
                                i -> "  - { name: B" + i + ", period: day, usd: " + (i == 30 ? "0.5" : "500") + " }\n")
                        .collect(Collectors.joining()));
        record("\"model\":\"m\",\"cost_usd\":1");
        String body = page("/");
        assertThat(items(body)).hasSize(3).first().asString().contains(">B30<", ">exceeded<");
        assertThat(body).contains("<summary>37 more budgets</summary>", ">B39<");
    }

    @Test
    void zone_isRemembered_untilItIsTakenBack() {
        HttpResponse<String> chosen = server.get("/?period=today&zone=Asia/Tokyo&group_by=model");
        String cookie = chosen.headers().firstValue("Set-Cookie").orElseThrow();
        assertThat(cookie).contains("HttpOnly", "SameSite=Lax", "Path=/;");
        String kept = cookie.substring(0, cookie.indexOf(';'));
        assertThat(withCookie("/calls?period=today", kept).headers().firstValue("Location"))
                .contains("/calls?period=today&zone=Asia%2FTokyo");
        assertThat(withCookie("/?zone=Europe%2FBerlin", kept).statusCode()).isEqualTo(200);
        assertThat(server.get("/?zone=Europe/Berlin").headers().firstValue("Set-Cookie"))
                .as("a link that others sent")
                .isEmpty();
        assertThat(withCookie("/?zone=&group_by=model", kept).headers().firstValue("Set-Cookie"))
                .hasValueSatisfying(gone -> assertThat(gone).contains("Max-Age=0"));
        for (String broken : List.of("Nowhere", "%zz", "\u00e9", "a b", "UTC", "")) {
            assertThat(withCookie("/", "tokenledger-zone=" + broken.replace("\u00e9", "%E9"))
                            .statusCode())
                    .as(broken)
                    .isEqualTo(200);
        }
    }

    private HttpResponse<String> withCookie(String path, String cookie) {
        return server.send(server.request(path).header("Cookie", cookie).build());
    }

    @Test
    void emptyLedger_offersTheLogsOnThisMachine() {
        try (RunningServer empty = RunningServer.start(settings ->
                settings.foundLogs(() -> List.of(new AgentLogs("claude-code", 41), new AgentLogs("codex", 1))))) {
            assertThat(empty.get("/").body())
                    .contains(
                            "<li>claude-code: 41 files</li>",
                            "<li>codex: 1 file</li>",
                            "<pre tabindex=\"0\">tokenledger import</pre>");
            empty.post("/v1/records", "application/json", "{\"model\":\"m\"}");
            assertThat(empty.get("/?period=yesterday").body()).doesNotContain("claude-code");
        }
    }
}
