package dev.tokenledger.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.ColorScheme;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.money.Usd;
import dev.tokenledger.server.http.AgentLogs;
import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the dashboard's views and controls do in a real browser, by mouse, keyboard and finger. Runs with {@code -Pbrowser}. */
@Tag("browser")
class DashboardViewsBrowserTest {

    private static final String ARN = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/";

    /** Names in one legend. */
    private static final int SERIES = 7;

    private static RunningServer server;
    private static RunningServer namesServer;
    private static RunningServer budgetServer;
    private static RunningServer emptyServer;
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        SampleUsage.fill(server.ledger(), RunningServer.NOW, 3, 61, 40);
        namesServer = RunningServer.start();
        namesServer.ledger().appendAll(names());
        budgetServer = RunningServer.start(settings -> settings.budgets(
                () -> BudgetFile.parse("budgets.yaml", budgets().getBytes(StandardCharsets.UTF_8))));
        SampleUsage.fill(budgetServer.ledger(), RunningServer.NOW, 3, 31, 20);
        emptyServer = RunningServer.start(settings ->
                settings.foundLogs(() -> List.of(new AgentLogs("claude-code", 412), new AgentLogs("codex", 1))));
        chromium = new Chromium();
    }

    private static String budgets() {
        return "budgets:\n"
                + IntStream.range(0, 100)
                        .mapToObj(i -> "  - { name: Team " + i + ", period: month, usd: " + (i + 1) * 40 + " }\n")
                        .collect(Collectors.joining());
    }

    /** Names of all lengths: words, one long word, right to left, and two that differ only in their ends. */
    private static List<UsageRecord> names() {
        List<String> names = new ArrayList<>(List.of(
                ARN + "search-team-a1b2c3",
                ARN + "search-team-a1b2c4",
                "مساعد البحث ١٢٣",
                "עוזר חיפוש (בדיקה)",
                "\u202egpj.eman\u202c"));
        for (int length : new int[] {1, 2, 7, 16, 23, 31, 40, 42, 43, 60, 90, 121, 250, 512}) {
            names.add(("model-" + length + "-" + "abcdefghij".repeat(52)).substring(0, length));
            names.add(("team " + length + " " + "abcd efghi ".repeat(52))
                    .substring(0, length)
                    .strip());
        }
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            records.add(UsageRecord.builder()
                    .id("n" + i)
                    .model(names.get(i))
                    .timestamp(RunningServer.NOW.minus(Duration.ofDays(i / SERIES)))
                    .cost(Usd.parse(Integer.toString(i % SERIES + 1)))
                    .sessionId(cut(names.get(names.size() - 1 - i), 128))
                    .attribute("team", cut(names.get(i), 200))
                    .inputTokens(1_000L * (i + 1))
                    .outputTokens(100)
                    .build());
        }
        return records;
    }

    private static String cut(String text, int length) {
        return text.substring(0, Math.min(text.length(), length));
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
        namesServer.close();
        budgetServer.close();
        emptyServer.close();
    }

    @AfterEach
    void nobodyComplained() {
        assertThat(chromium.complaints()).isEmpty();
        assertThat(server.failures()).isEmpty();
        assertThat(namesServer.failures()).isEmpty();
        chromium.forget();
    }

    private static Page open(RunningServer of, String path, int width, ColorScheme scheme) {
        Page page = chromium.page(width, 844, scheme, false);
        page.navigate(of.server().address() + path);
        return page;
    }

    private static Page open(String path) {
        return open(server, path, 1280, ColorScheme.LIGHT);
    }

    private static String address(String path) {
        return server.server().address() + path;
    }

    private static void fits(Page page, int width, String what) {
        assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                .as(what)
                .isLessThanOrEqualTo(width);
    }

    @Test
    void views_areAccessible_inLightAndDark_wideAndOnAPhone() {
        for (String path : List.of(
                "/?compare=yes&group_by=attribute.project&then_by=provider",
                "/?group_by=session&order=calls",
                "/calls?order=cost",
                "/calendar",
                "/unpriced",
                "/nothing")) {
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                for (int width : new int[] {1280, 390}) {
                    Page page = open(server, path, width, scheme);
                    String name = "view" + path.replaceAll("\\W+", "-") + "-" + width + "-"
                            + scheme.name().toLowerCase(Locale.ROOT);
                    Chromium.keep(page, name);
                    fits(page, width, name);
                    assertThat(chromium.violations(page)).as(name).isEmpty();
                    page.close();
                }
            }
        }
        chromium.forgiveStatus(404);
    }

    @Test
    void namesOfAllLengths_areReadWhole_andAccessible() {
        for (String path : List.of(
                "/?limit=100", "/?group_by=attribute.team&then_by=model&limit=100", "/calls", "/calls?order=cost")) {
            for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
                for (int width : new int[] {1280, 390}) {
                    Page page = open(namesServer, path, width, scheme);
                    String name = "names" + path.replaceAll("\\W+", "-") + "-" + width + "-"
                            + scheme.name().toLowerCase(Locale.ROOT);
                    Chromium.keep(page, name);
                    fits(page, width, name);
                    assertThat(chromium.violations(page)).as(name).isEmpty();
                    assertThat((Integer) page.evaluate("""
                            () => Array.from(document.querySelectorAll('main *')).filter(
                                element => getComputedStyle(element).textOverflow === 'ellipsis').length""")).as(name).isZero();
                    page.close();
                }
            }
        }
        Page page = open(namesServer, "/?limit=100", 1280, ColorScheme.LIGHT);
        for (String whole : List.of(ARN + "search-team-a1b2c3", ARN + "search-team-a1b2c4", "مساعد البحث ١٢٣")) {
            assertThat(page.locator("table.groups tbody th").filter(new Locator.FilterOptions().setHasText(whole)))
                    .hasCount(1);
        }
    }

    /** So many names are in a legend at a time, and so many are on each day: each comes to stand there. */
    @Test
    void legendOfEachName_isAccessible() {
        LocalDate last = LocalDate.ofInstant(RunningServer.NOW, ZoneOffset.UTC);
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int day = 0; day * SERIES < names().size(); day++) {
                LocalDate date = last.minusDays(day);
                Page page = open(namesServer, "/?from=" + date + "&through=" + date, 1280, scheme);
                assertThat(page.locator(".links a").first()).isVisible();
                assertThat(chromium.violations(page)).as(date + " " + scheme).isEmpty();
                page.close();
            }
        }
    }

    @Test
    void dateTyped_isTakenAsTyped_whenItIsLeftOrEntered() {
        for (String path : List.of("/", "/calls", "/calendar")) {
            Page page = open(path);
            page.locator("#c-from").focus();
            page.keyboard().type("11112026");
            assertThat(page.locator("#c-from")).hasValue("2026-11-11");
            assertThat(page).hasURL(address(path));
            page.keyboard().press("Enter");
            assertThat(page).hasURL(address(path + "?from=2026-11-11"));
            assertThat(page.locator("#c-from")).hasValue("2026-11-11");
        }
        Page both = open("/");
        both.locator("#c-from").focus();
        both.keyboard().type("10102026");
        both.locator("#c-through").focus();
        both.keyboard().type("11112026");
        assertThat(both).hasURL(address("/"));
        both.locator("#c-group").focus();
        assertThat(both).hasURL(address("/?from=2026-10-10&through=2026-11-11"));
        assertThat(both.locator("#c-through")).hasValue("2026-11-11");
        assertThat(both.locator("#c-group")).isFocused();
    }

    @Test
    void attributeAndItsValues_areThereToPick() {
        Page page = open("/");
        page.locator("#c-group").selectOption("attribute.project");
        assertThat(page).hasURL(address("/?group_by=attribute.project"));
        assertThat(page.locator("#h-groups")).hasText("By Attribute project");
        page.locator("#c-more-summary").click();
        page.locator("#c-filter").selectOption("attribute.project");
        assertThat(page.locator("#values option")).hasCount(2);
        assertThat(page.locator("#values option").first().getAttribute("value")).isIn("atlas", "household");
        page.locator("#c-value").fill("atlas");
        page.locator("#c-apply").click();
        assertThat(page.locator(".chips li")).containsText("Attribute project: atlas");
        assertThat(page.locator("#main")).isFocused();
    }

    @Test
    void panel_isClosedByEscape_andByAClickElsewhere() {
        Page page = open("/");
        page.locator("#c-more-summary").click();
        page.locator("#c-value").focus();
        page.keyboard().press("Escape");
        assertThat(page.locator("#c-value")).isHidden();
        assertThat(page.locator("#c-more-summary")).isFocused();
        page.locator("#c-more-summary").click();
        assertThat(page.locator("#c-value")).isVisible();
        page.locator("#h-chosen").click();
        assertThat(page.locator("#c-value")).isHidden();
    }

    @Test
    void secondGroupingAndComparison_areShown() {
        Page page = open("/?period=last_7_days");
        page.locator("#c-then").selectOption("role");
        assertThat(page).hasURL(address("/?period=last_7_days&then_by=role"));
        page.locator("#c-then").selectOption("attribute.project");
        assertThat(page.locator("#h-groups")).hasText("By Model and Attribute project");
        page.locator("#c-compare").check();
        assertThat(page).hasURL(address("/?compare=yes&period=last_7_days&then_by=attribute.project"));
        assertThat(page.locator(".slot rect.before")).hasCount(7);
        assertThat(page.locator("table.groups thead")).containsText("Change");
        page.locator("#c-compare").uncheck();
        assertThat(page.locator(".slot rect.before")).hasCount(0);
    }

    @Test
    void tables_areSortedByTheirHeadings() {
        Page page = open("/?group_by=session");
        assertThat(page.locator("nav[aria-label=Pages] a[aria-current]")).hasText("Sessions");
        page.locator("table.groups thead a")
                .filter(new Locator.FilterOptions().setHasText("Calls"))
                .click();
        assertThat(page).hasURL(address("/?group_by=session&order=calls"));
        assertThat(page.locator("table.groups th[aria-sort]")).hasText("Calls");
        page.navigate(address("/calls"));
        page.locator("table.calls thead a")
                .filter(new Locator.FilterOptions().setHasText("Cost"))
                .click();
        assertThat(page).hasURL(address("/calls?order=cost"));
        assertThat(page.locator("table.calls th[aria-sort]")).hasText("Cost");
        assertThat(page.locator(".note").filter(new Locator.FilterOptions().setHasText("dearest first")))
                .hasCount(1);
    }

    @Test
    void phone_seesCostFirst() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            Page page = open(server, "/", 390, scheme);
            assertThat((Integer) page.evaluate(
                            "() => Math.ceil(document.querySelector('.facts .figure').getBoundingClientRect().bottom)"))
                    .isLessThan(300);
            Chromium.keep(page, "phone-" + scheme.name().toLowerCase(Locale.ROOT));
            Page calls = open(server, "/calls", 390, scheme);
            assertThat((Integer) calls.evaluate("""
                    () => Math.max(...Array.from(document.querySelectorAll('.calls td:nth-child(2)'),
                        cell => Math.ceil(cell.getBoundingClientRect().right)))""")).isLessThanOrEqualTo(390 - 16);
        }
    }

    @Test
    void tapOnABar_tellsWhatItIs_andTheNextOneFilters() {
        Page page = chromium.touched(390, 844);
        page.navigate(address("/"));
        Locator part = page.locator(".slot rect.s0").last();
        part.tap();
        assertThat(page.locator("#tip")).isVisible();
        assertThat(page).hasURL(address("/"));
        part.tap();
        assertThat(page).hasURL(Pattern.compile(".*[?]where\\.model=.*"));
    }

    @Test
    void refreshing_showsWhatIsNew_andCanBePaused() {
        try (RunningServer own = RunningServer.start()) {
            Page page = chromium.page(1280, 844, ColorScheme.LIGHT, false);
            page.clock().install();
            own.ledger().append(call("a"));
            page.navigate(own.server().address() + "/");
            Locator calls = page.locator(".facts .figure").nth(1);
            assertThat(calls).hasText("1");
            Locator button = page.locator("#live");
            assertThat(button).hasText("Refresh every 10 s");
            button.click();
            assertThat(button).hasAttribute("aria-pressed", "true");
            page.locator("#chart-figures summary").click();
            own.ledger().append(call("b"));
            page.clock().runFor(10_000);
            assertThat(calls).hasText("2");
            assertThat(page.locator("#chart-figures")).hasAttribute("open", "");
            button.click();
            assertThat(button).hasText("Refresh every 10 s");
            own.ledger().append(call("c"));
            page.clock().runFor(60_000);
            page.locator("#h-chosen").click();
            assertThat(calls).hasText("2");
            page.close();
        }
    }

    private static UsageRecord call(String id) {
        return UsageRecord.builder()
                .id(id)
                .model("gpt-5")
                .timestamp(RunningServer.NOW.minusSeconds(5))
                .inputTokens(1_000)
                .build();
    }

    @Test
    void zone_isRemembered_onOtherPages() {
        Page page = open("/");
        page.locator("#c-more-summary").click();
        page.locator("#c-zone").fill("Asia/Tokyo");
        page.locator("#c-apply").click();
        assertThat(page).hasURL(address("/?zone=Asia%2FTokyo"));
        page.navigate(address("/calls"));
        assertThat(page).hasURL(address("/calls?zone=Asia%2FTokyo"));
        page.locator("#c-more-summary").click();
        page.locator("#c-zone").fill("");
        page.locator("#c-apply").click();
        assertThat(page).hasURL(address("/calls"));
    }

    @Test
    void manyBudgets_areFolded_soThatTheChartIsNear() {
        for (int width : new int[] {1280, 390}) {
            Page page = open(budgetServer, "/", width, ColorScheme.DARK);
            Chromium.keep(page, "many-budgets-" + width);
            assertThat(page.locator(".budgets li:visible")).hasCount(3);
            assertThat((Integer) page.evaluate(
                            "() => Math.ceil(document.querySelector('.chart').getBoundingClientRect().top)"))
                    .isLessThan(width == 1280 ? 1_000 : 2_300);
            page.locator("#more-budgets summary").click();
            assertThat(page.locator(".budgets li:visible")).hasCount(100);
            assertThat(chromium.violations(page)).isEmpty();
        }
    }

    @Test
    void emptyLedger_offersLogs() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            Page page = open(emptyServer, "/", 390, scheme);
            assertThat(page.locator("#logs li")).hasText(new String[] {"claude-code: 412 files", "codex: 1 file"});
            Chromium.keep(page, "empty-logs-" + scheme.name().toLowerCase(Locale.ROOT));
            fits(page, 390, "empty");
            assertThat(chromium.violations(page)).isEmpty();
        }
    }
}
