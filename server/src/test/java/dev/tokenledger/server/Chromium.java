package dev.tokenledger.server;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The Chromium of this machine, driven by its Node. A machine without them fails the test, and is told what to install. */
final class Chromium implements AutoCloseable {

    private static final Path SCREENSHOTS = Path.of("target", "screenshots");

    /** For what takes a moment on a machine that has nothing else to do. */
    private static final double PATIENCE_MILLIS = 60_000;

    private final Playwright playwright;
    private final Browser browser;
    private final String axe;
    private final List<String> requests = new ArrayList<>();
    private final List<String> complaints = new ArrayList<>();

    Chromium() {
        playwright = Playwright.create(new Playwright.CreateOptions()
                .setEnv(Map.of(
                        "PLAYWRIGHT_NODEJS_PATH",
                        program("nodejs", "node", "nodejs").toString(),
                        "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD",
                        "1")));
        browser = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(program("chromium", "chromium", "chromium-browser", "google-chrome"))
                        .setArgs(List.of("--no-sandbox"))
                        .setTimeout(PATIENCE_MILLIS));
        PlaywrightAssertions.setDefaultAssertionTimeout(PATIENCE_MILLIS);
        axe = axe();
    }

    private static Path program(String debianPackage, String... names) {
        return Stream.of(System.getenv("PATH").split(System.getProperty("path.separator"), -1))
                .flatMap(folder -> Stream.of(names).map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(
                        "no " + names[0] + " on the path; install it (Debian: " + debianPackage + ")"));
    }

    private static String axe() {
        try (InputStream script = Chromium.class.getResourceAsStream("/axe/axe.min.js")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A fresh page that remembers nothing; what it requests and complains of is noted. */
    Page page(int width, int height, ColorScheme scheme, boolean policyBypassed) {
        return page(new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setColorScheme(scheme)
                .setBypassCSP(policyBypassed));
    }

    /** A fresh page on a device that is touched. */
    Page touched(int width, int height) {
        return page(new Browser.NewContextOptions()
                .setViewportSize(width, height)
                .setHasTouch(true)
                .setIsMobile(true));
    }

    /** A fresh page of somebody who answers with these when a server asks who they are. */
    Page signedIn(String name, String password) {
        return page(new Browser.NewContextOptions().setHttpCredentials(name, password));
    }

    private Page page(Browser.NewContextOptions options) {
        BrowserContext context = browser.newContext(options.setTimezoneId("UTC").setLocale("en-GB"));
        Page page = context.newPage();
        page.setDefaultTimeout(PATIENCE_MILLIS);
        page.onRequest(request -> requests.add(request.url()));
        page.onPageError(complaints::add);
        page.onConsoleMessage(message -> {
            if (message.type().equals("error") || message.type().equals("warning")) {
                complaints.add(message.text());
            }
        });
        page.onDialog(dialog -> {
            complaints.add("a dialog: " + dialog.message());
            dialog.dismiss();
        });
        return page;
    }

    /** Every address that any page asked for. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    /** What pages wrote to the console as errors or warnings, threw, or asked in dialogs. */
    List<String> complaints() {
        return List.copyOf(complaints);
    }

    /** Forgets what pages requested and complained of. */
    void forget() {
        requests.clear();
        complaints.clear();
    }

    /** Takes back the browser's complaints that an address answered with this status, as a test meant it to. */
    void forgiveStatus(int status) {
        complaints.removeIf(complaint -> complaint.contains("the server responded with a status of " + status));
    }

    /** What axe-core finds wrong on a page, one line for each place; nothing for a page that everybody can use. */
    @SuppressWarnings("unchecked")
    List<String> violations(Page page) {
        page.evaluate(axe);
        return (List<String>) page.evaluate("""
                async () => (await axe.run(document, {resultTypes: ['violations']})).violations.flatMap(
                    violation => violation.nodes.map(
                        node => violation.id + ': ' + node.target.join(' ') + ': ' + node.failureSummary))""");
    }

    /** Keeps what a page looks like, under {@code target/screenshots}. */
    static void keep(Page page, String name) {
        page.screenshot(new Page.ScreenshotOptions()
                .setPath(SCREENSHOTS.resolve(name + ".png"))
                .setFullPage(true));
    }

    @Override
    public void close() {
        playwright.close();
    }
}
