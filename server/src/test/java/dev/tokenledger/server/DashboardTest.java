package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The dashboard's pages as they come over HTTP. */
class DashboardTest {

    private static final Pattern FREE = Pattern.compile("\\$0\\.00(?![0-9])");

    private final RunningServer server = RunningServer.start();

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

    @Test
    void unpriced_isNeverShownAsFree() {
        record("\"model\":\"nobody-knows\",\"input_tokens\":5");
        assertThat(page("/?period=today"))
                .contains("1 call has no price", "unpriced")
                .doesNotContainPattern(FREE);
        record("\"model\":\"claude-sonnet-4-5\",\"input_tokens\":5");
        assertThat(page("/?period=today")).contains("≥\u202f&lt;$0.01").doesNotContainPattern(FREE);
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
        for (String query : new String[] {
            "period=soon", "from=2026-13-01", "from=2026-02-02&through=2026-01-01", "zone=Nowhere", "limit=0", "x=1"
        }) {
            HttpResponse<String> answer = server.get("/?" + query);
            assertThat(answer.statusCode()).as(query).isEqualTo(400);
            assertThat(answer.body()).contains("This address is not understood");
        }
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
}
