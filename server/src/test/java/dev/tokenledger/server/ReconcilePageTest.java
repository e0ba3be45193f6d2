package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The dashboard's page that compares the ledger with a bill that somebody uploads. */
class ReconcilePageTest {

    private static final String BOUNDARY = "----parts-7f3a";
    private static final String FORM = "multipart/form-data; boundary=" + BOUNDARY;

    /** The fifth of October has one call at half a dollar more than the ledger's; the sixth is not in the ledger. */
    private static final String BILL = """
            date,model,amount,description
            2026-10-05,lamp-2,1.5,calls
            2026-10-06,lamp-2,0.25,<b>calls</b>
            """;

    private final RunningServer server = RunningServer.start();

    @BeforeEach
    void fill() {
        server.post(
                "/v1/records",
                "application/json",
                "{\"id\":\"a\",\"timestamp\":\"2026-10-05T10:00:00Z\",\"model\":\"lamp-2\",\"provider\":\"bulb\",\"input_tokens\":100,"
                        + "\"cost_usd\":1}");
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    private static String field(String name, String value) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }

    private static String file(String name, String content) {
        return "--" + BOUNDARY + "\r\nContent-Disposition: form-data; name=\"files\"; filename=\"" + name
                + "\"\r\nContent-Type: text/csv\r\n\r\n" + content + "\r\n";
    }

    private HttpResponse<String> compare(String... parts) {
        return server.post("/reconcile", FORM, String.join("", parts) + "--" + BOUNDARY + "--\r\n");
    }

    @Test
    void form_asksForTheFiles_andEveryPageLinksToIt() {
        HttpResponse<String> page = server.get("/reconcile");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .contains("form-action 'self'");
        assertThat(page.body())
                .contains(
                        "<form class=\"bill\" id=\"bill\" method=\"post\" action=\"/reconcile\" enctype=\"multipart/form-data\"")
                .contains("<option value=\"openai\">", "<option value=\"csv\">")
                .doesNotContain("Causes");
        assertThat(server.get("/calls").body()).contains("<a href=\"/reconcile\"");
    }

    @Test
    void bill_isCompared_andNothingStored() throws IOException {
        String name = "of-" + UUID.randomUUID() + ".csv";
        HttpResponse<String> page = compare(field("bill", "csv"), field("zone", "UTC"), file("../" + name, BILL));
        assertThat(page.statusCode()).as(page.body()).isEqualTo(200);
        assertThat(page.body())
                .contains("2 of 2 buckets differ. The ledger less the bill: -$0.75.")
                .contains("<bdi>2026-10-05</bdi></th>", "-$0.50", "-$0.25", "differs")
                .contains("calls the ledger lacks", "find the program that used the key")
                .contains("<option value=\"csv\" selected>")
                .doesNotContain("<b>calls</b>");
        assertThat(server.ledger().summary(TimeWindow.all()).totalRecords()).isEqualTo(1);
        assertThat(isKept(name)).isFalse();
    }

    @Test
    void days_canBeChosen() {
        assertThat(compare(
                                field("bill", "csv"),
                                field("from", "2026-10-06"),
                                field("through", "2026-10-06"),
                                field("zone", "UTC"),
                                field("models", "lamp-2=lamp-2\r\n"),
                                file("invoice.csv", BILL))
                        .body())
                .contains("1 of 1 bucket differs.", "2026-10-06")
                .doesNotContain("2026-10-05");
    }

    @Test
    void whatCannotBeCompared_isSaidOnThePage() {
        assertProblem("choose whose bill it is", field("bill", "nobody"), file("a.csv", BILL));
        assertProblem("choose the provider’s files", field("bill", "csv"));
        assertProblem("expected a date such as", field("bill", "csv"), field("from", "yesterday"), file("a.csv", BILL));
        assertProblem(
                "there is no such time zone", field("bill", "csv"), field("zone", "Nowhere"), file("a.csv", BILL));
        assertProblem("expected a line NAME=MODEL", field("bill", "csv"), field("models", "x"), file("a.csv", BILL));
        assertProblem("1-a.csv", field("bill", "csv"), file("a.csv", "what,ever\n1,2\n"));
        assertProblem("1-a.json", field("bill", "openai"), file("a.json", "{"));
        assertProblem(
                "at most 20 files", field("bill", "csv"), file("a.csv", BILL).repeat(21));
        assertProblem("at most 64 parts", field("x", "y").repeat(65));
    }

    private void assertProblem(String message, String... parts) {
        HttpResponse<String> page = compare(parts);
        assertThat(page.statusCode()).as(message).isEqualTo(400);
        assertThat(page.body()).contains(message).doesNotContain(System.getProperty("java.io.tmpdir") + "/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "--",
                "------parts-7f3a",
                "------parts-7f3a\r\n",
                "------parts-7f3a\r\nContent-Disposition: form-data; name=\"bill\"\r\n\r\ncsv",
                "------parts-7f3a\r\n\r\n------parts-7f3a"
            })
    void formThatIsNotComplete_isRefused(String body) {
        HttpResponse<String> page = server.post("/reconcile", FORM, body);
        assertThat(page.statusCode()).as(page.body()).isEqualTo(400);
        assertThat(page.body()).contains("the form is not complete");
    }

    @Test
    void otherSitesAndOtherBodies_areRefused() {
        assertThat(server.send(server.request("/reconcile")
                                .header("Content-Type", FORM)
                                .header("Sec-Fetch-Site", "cross-site")
                                .POST(BodyPublishers.ofString(field("bill", "csv")))
                                .build())
                        .statusCode())
                .isEqualTo(403);
        assertThat(server.post("/reconcile", "application/json", "{}").statusCode())
                .isEqualTo(415);
        assertThat(server.post("/reconcile", "multipart/form-data", "x").statusCode())
                .isEqualTo(400);
    }

    /** Whether a file that was sent is still there; others than this test may have bills of their own. */
    private static boolean isKept(String name) throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName().toString().startsWith("tokenledger-bill"))
                    .anyMatch(folder ->
                            Files.exists(folder.resolve("1-.._" + name)) || Files.exists(folder.resolve("1-" + name)));
        }
    }
}
