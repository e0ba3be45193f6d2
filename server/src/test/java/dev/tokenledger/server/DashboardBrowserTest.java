package dev.tokenledger.server;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.PlaywrightException;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import dev.tokenledger.server.keys.Scope;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The dashboard in a real browser, on a ledger of two months. Runs with {@code -Pbrowser}. */
@Tag("browser")
class DashboardBrowserTest {

    private static final String BUDGETS = """
            budgets:
              - { name: Everything, period: month, usd: 500 }
              - { name: Project Atlas, where: { attribute.project: atlas }, period: month, usd: 12.50 }
              - name: Household
                where: { attribute.project: household }
                period: month
                usd: 40
                zone: Asia/Kathmandu
              - { name: Chat today, where: { task: chat }, period: day, usd: 5 }
              - { name: "<script>document.title='taken'</script>", where: { task: search }, period: day, usd: 1000000 }
              - name: A budget whose name goes on for much longer than a narrow phone is wide, by somebody-without-any-blanks
                where: { provider: anthropic }
                period: day
                usd: 0.01
            """;

    private static RunningServer server;
    private static RunningServer emptyServer;
    private static RunningServer budgetServer;
    private static RunningServer badBudgetServer;
    private static RunningServer guardedServer;
    private static final ApiKey.Created READER = ApiKey.create("reader", Set.of(Scope.READ), RunningServer.NOW);
    private static final ApiKey.Created SENDER = ApiKey.create("sender", Set.of(Scope.INGEST), RunningServer.NOW);
    private static Chromium chromium;

    @BeforeAll
    static void start() {
        server = RunningServer.start();
        SampleUsage.fill(server.ledger(), RunningServer.NOW, 1, 61, 60);
        emptyServer = RunningServer.start();
        budgetServer = withBudgets(BUDGETS);
        badBudgetServer = withBudgets("budgets: [{ name: a, period: day, usd: <b> }]");
        ApiKeys keys = ApiKeys.of(List.of(READER.key(), SENDER.key()));
        guardedServer = RunningServer.start(settings -> settings.keys(() -> keys));
        SampleUsage.fill(guardedServer.ledger(), RunningServer.NOW, 2, 3, 20);
        chromium = new Chromium();
    }

    @AfterAll
    static void stop() {
        chromium.close();
        server.close();
        emptyServer.close();
        guardedServer.close();
        budgetServer.close();
        badBudgetServer.close();
    }

    private static RunningServer withBudgets(String yaml) {
        RunningServer started = RunningServer.start(settings ->
                settings.budgets(() -> BudgetFile.parse("budgets.yaml", yaml.getBytes(StandardCharsets.UTF_8))));
        SampleUsage.fill(started.ledger(), RunningServer.NOW, 1, 61, 60);
        return started;
    }

    @AfterEach
    void nothingLeftTheOrigin_andNobodyComplained() {
        List<String> origins = Stream.of(server, emptyServer, guardedServer, budgetServer, badBudgetServer)
                .map(running -> running.server().address() + "/")
                .toList();
        assertThat(chromium.requests())
                .isNotEmpty()
                .allMatch(url -> origins.stream().anyMatch(url::startsWith));
        assertThat(chromium.complaints()).isEmpty();
        assertThat(server.failures()).isEmpty();
        chromium.forget();
    }

    private static Page open(String path, ColorScheme scheme) {
        return open(path, 1280, scheme);
    }

    private static Page open(String path, int width, ColorScheme scheme) {
        Page page = chromium.page(width, 900, scheme, false);
        page.navigate(server.server().address() + path);
        return page;
    }

    /** Waits until htmx has done with a page: links that it has not come to yet load their page whole. */
    private static void settled(Page page) {
        assertThat(page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling"))
                .hasCount(0);
    }

    @Test
    void overview_isAccessibleInLightAndDark() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            Page page = open("/", scheme);
            assertThat(page).hasTitle("Overview · Tokenledger");
            Chromium.keep(page, "overview-" + scheme.name().toLowerCase(Locale.ROOT));
            assertThat(chromium.violations(page)).isEmpty();
        }
    }

    @Test
    void overview_fitsANarrowPhone() {
        Page page = open("/", 320, ColorScheme.LIGHT);
        Chromium.keep(page, "overview-320");
        assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(320);
        assertThat(chromium.violations(page)).isEmpty();
    }

    @Test
    void costOfEachGroup_isSeenOnAPhoneWithoutScrolling() {
        for (String query : List.of("", "?period=all", "?group_by=session")) {
            Page page = open("/" + query, 320, ColorScheme.DARK);
            Chromium.keep(page, "groups-320" + query.replaceAll("\\W", "-"));
            assertThat((Integer) page.evaluate("""
                    () => Math.max(...Array.from(document.querySelectorAll('.groups td:nth-child(2)'),
                        cell => Math.ceil(cell.getBoundingClientRect().right)))""")).as(query).isLessThanOrEqualTo(320 - 16);
        }
    }

    @Test
    void budgets_areBars_accessibleInLightAndDark_andOnAPhone() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            for (int width : new int[] {1280, 320}) {
                Page page = chromium.page(width, 900, scheme, false);
                page.navigate(budgetServer.server().address() + "/");
                assertThat(page.locator(".budgets li")).hasCount(6);
                Chromium.keep(page, "budgets-" + width + "-" + scheme.name().toLowerCase(Locale.ROOT));
                assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                        .isLessThanOrEqualTo(width);
                assertThat(chromium.violations(page)).isEmpty();
            }
        }
    }

    @Test
    void budget_saysInWordsHowItStands_andLeadsToItsCalls() {
        Page page = chromium.page(1280, 900, ColorScheme.LIGHT, false);
        page.navigate(budgetServer.server().address() + "/");
        assertThat(page.locator(".budgets .state"))
                .hasText(new String[] {"exceeded", "exceeded", "not known", "on course to exceed", "within", "not known"
                });
        Locator atlas = page.locator(".budgets li").first();
        String spent = atlas.locator(".figures b").innerText();
        atlas.locator("a").click();
        assertThat(page.locator(".chips li")).containsText("Attribute project: atlas");
        assertThat(page.locator(".presets a[aria-current]")).hasText("This month");
        assertThat(page.locator(".facts .figure").first()).hasText(spent);
        assertThat(page.locator(".budgets")).hasCount(0);
    }

    @Test
    void budgetFileGoneBad_isSaidOnThePage() {
        Page page = chromium.page(320, 900, ColorScheme.DARK, false);
        page.navigate(badBudgetServer.server().address() + "/");
        Chromium.keep(page, "budgets-bad");
        assertThat(page.locator(".warning li"))
                .hasText("line 1: budgets[0].usd: expected a decimal number such as 0.25, " + "found \"<b>\"");
        assertThat(page.locator("#h-groups")).isVisible();
        assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(320);
        assertThat(chromium.violations(page)).isEmpty();
    }

    @Test
    void controls_changeTheAddressAndThePage_withoutLoadingItAnew() {
        Page page = open("/", ColorScheme.LIGHT);
        page.evaluate("() => { window.kept = true; }");
        page.locator("#c-group").selectOption("provider");
        assertThat(page).hasURL(server.server().address() + "/?group_by=provider");
        assertThat(page.locator("#h-groups")).hasText("By Provider");
        settled(page);
        page.getByRole(AriaRole.LINK, new Page.GetByRoleOptions().setName("7 days"))
                .click();
        assertThat(page).hasURL(server.server().address() + "/?group_by=provider&period=last_7_days");
        assertThat((Boolean) page.evaluate("() => window.kept")).isTrue();
        page.goBack();
        assertThat(page.locator("#h-groups")).hasText("By Provider");
    }

    @Test
    void dates_canBeMovedBackOneAfterTheOther() {
        Page page = open("/?from=2026-11-05&through=2026-11-10&group_by=provider", ColorScheme.LIGHT);
        String there = page.url();
        page.locator("#c-through").fill("2026-11-02");
        assertThat(page.locator("#c-through")).hasJSProperty("validity.rangeUnderflow", true);
        assertThat(page).hasURL(there);
        page.locator("#c-from").fill("2026-11-01");
        assertThat(page).hasURL(server.server().address() + "/?from=2026-11-01&group_by=provider&through=2026-11-02");
    }

    @Test
    void datesTheWrongWayRound_areMendedInTheForm() {
        Page page = open("/?from=2026-11-05&through=2026-11-02&group_by=provider", 320, ColorScheme.DARK);
        Chromium.keep(page, "backwards");
        assertThat(page.locator("#c-backwards")).hasText("From is after Through");
        assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                .isLessThanOrEqualTo(320);
        assertThat(chromium.violations(page)).isEmpty();
        page.locator("#c-from").fill("2026-11-01");
        assertThat(page.locator("#h-groups")).hasText("By Provider");
        chromium.forgiveStatus(400);
    }

    @Test
    void chartPart_filters() {
        Page page = open("/", ColorScheme.LIGHT);
        page.locator(".slot rect.s0").first().click();
        assertThat(page).hasURL(Pattern.compile(".*[?]where\\.model=.*"));
        assertThat(page.locator(".chips li")).hasCount(1);
    }

    @Test
    void theme_isToggledAndRemembered() {
        Page page = open("/", ColorScheme.LIGHT);
        page.locator("#theme").click();
        Locator html = page.locator("html");
        assertThat(html).hasAttribute("data-theme", "dark");
        page.reload();
        assertThat(html).hasAttribute("data-theme", "dark");
        page.locator("#theme").click();
        assertThat(html).hasAttribute("data-theme", "light");
    }

    @Test
    void modelThatIsMarkup_staysText_evenWithoutThePolicy() {
        Page page = chromium.page(1280, 900, ColorScheme.LIGHT, true);
        page.navigate(server.server().address() + "/?period=today");
        assertThat(page.locator("table.groups tbody th a").filter(new Locator.FilterOptions().setHasText("<script>")))
                .hasCount(1);
        assertThat(page).hasTitle("Overview · Tokenledger");
        assertThat(page.locator("img")).hasCount(0);
    }

    @Test
    void groups_leadToSessions_calls_andHowACostCameAbout() {
        Page page = open("/?period=today", ColorScheme.LIGHT);
        page.locator("table.groups tbody a").first().click();
        assertThat(page.locator("#h-groups")).hasText("By Session");
        page.locator("table.groups tbody a").first().click();
        assertThat(page.locator("#h-calls")).hasText("Calls");
        assertThat(page.locator(".chips li")).hasCount(2);
        Chromium.keep(page, "calls");
        assertThat(chromium.violations(page)).isEmpty();
        page.locator("table.calls tbody th a").first().click();
        assertThat(page.locator("table.cost tfoot")).containsText("$");
        Chromium.keep(page, "call");
        assertThat(chromium.violations(page)).isEmpty();
    }

    @Test
    void everyView_isAccessibleInTheDark_andFitsAPhone() {
        for (String path : List.of(
                "/calls", "/call?id=hostile", "/reconcile", "/?period=soon", "/?period=yesterday&where.role=x")) {
            Page page = open(path, 320, ColorScheme.DARK);
            assertThat((Integer) page.evaluate("() => document.documentElement.scrollWidth"))
                    .as(path)
                    .isLessThanOrEqualTo(320);
            assertThat(chromium.violations(page)).as(path).isEmpty();
        }
        chromium.forgiveStatus(400);
    }

    @Test
    void emptyLedger_saysHowToSendTheFirstRecord() {
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            Page page = chromium.page(1280, 900, scheme, false);
            page.navigate(emptyServer.server().address() + "/");
            assertThat(page.locator("pre"))
                    .containsText("curl " + emptyServer.server().address() + "/v1/records");
            Chromium.keep(page, "empty-" + scheme.name().toLowerCase(Locale.ROOT));
            assertThat(chromium.violations(page)).isEmpty();
        }
    }

    @Test
    void filterForm_filters_andChipsTakeItBack() {
        Page page = open("/", ColorScheme.LIGHT);
        page.locator("#c-more summary").click();
        page.locator("#c-filter").selectOption("provider");
        page.locator("#c-value").fill("openai");
        Chromium.keep(page, "filter");
        page.locator("#c-apply").click();
        assertThat(page).hasURL(server.server().address() + "/?where.provider=openai");
        assertThat(page.locator("table.groups tbody tr")).hasCount(2);
        page.locator(".chips a").click();
        assertThat(page).hasURL(server.server().address() + "/");
    }

    @Test
    void tables_areExported() throws IOException {
        Page page = open("/?period=yesterday", ColorScheme.LIGHT);
        Download groups = page.waitForDownload(() ->
                page.locator("section[aria-labelledby=h-groups] a[download]").click());
        assertThat(Files.readString(groups.path())).startsWith("model,other,total_records,");
        page.navigate(server.server().address() + "/calls?period=yesterday");
        Download calls = page.waitForDownload(() -> page.locator("a[download]").click());
        assertThat(Files.readString(calls.path())).startsWith("id,kind,timestamp,");
    }

    @Test
    void serverThatAsksForKeys_isEnteredWithOneAsThePassword() {
        String address = guardedServer.server().address().toString();
        Page page = chromium.signedIn("anybody", READER.secret());
        assertThat(page.navigate(address + "/").status()).isEqualTo(200);
        assertThat(page).hasTitle("Overview · Tokenledger");
        page.locator("table.groups tbody a").first().click();
        assertThat(page.locator("#h-groups")).hasText("By Session");
        page.navigate(address + "/calls");
        Download calls = page.waitForDownload(() -> page.locator("a[download]").click());
        assertThat(calls.failure()).isNull();
        chromium.forgiveStatus(401);
    }

    @Test
    void serverThatAsksForKeys_letsNobodyElseSeeAnything() {
        String address = guardedServer.server().address().toString();
        Page stranger = chromium.page(1280, 900, ColorScheme.LIGHT, false);
        // Here a browser asks its user; without one it gives up.
        assertThatThrownBy(() -> stranger.navigate(address + "/"))
                .isInstanceOf(PlaywrightException.class)
                .hasMessageContaining("ERR_INVALID_AUTH_CREDENTIALS");
        Page sender = chromium.signedIn("anybody", SENDER.secret());
        assertThat(sender.navigate(address + "/calls").status()).isEqualTo(403);
        assertThat(sender.content()).doesNotContain("call-");
        chromium.forgiveStatus(401);
        chromium.forgiveStatus(403);
    }

    @Test
    void keyboard_reachesTheContentFirst() {
        Page page = open("/", ColorScheme.LIGHT);
        page.keyboard().press("Tab");
        assertThat(page.locator(".skip")).isFocused();
        page.keyboard().press("Enter");
        assertThat(page.locator("#main")).isFocused();
    }
}
