package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.server.http.PathPrefix;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PathPrefixTest {

    private static final Pattern LINK = Pattern.compile(" (?:href|src|action)=\"([^\"]*)\"");

    private final RunningServer server = RunningServer.start(settings -> settings.pathPrefix("/team/ledger"));

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void pathsWithAndWithoutIt_areAnswered() {
        String record =
                "{\"id\":\"a/b\",\"model\":\"claude-sonnet-4-5\",\"provider\":\"anthropic\",\"input_tokens\":1000}";
        assertThat(server.post("/team/ledger/v1/records", "application/json", record)
                        .body())
                .contains("appended");
        for (String prefix : List.of("", "/team/ledger")) {
            assertThat(server.get(prefix + "/readyz").statusCode()).isEqualTo(200);
            assertThat(server.get(prefix + "/v1/records/a%2Fb").body()).contains("a/b");
            assertThat(server.get(prefix + "/v1/summary?group_by=model").body()).contains("claude-sonnet-4-5");
            assertThat(server.get(prefix + "/nothing").statusCode()).isEqualTo(404);
            assertThat(server.get(prefix + "/v1/../records").statusCode()).isEqualTo(400);
        }
        assertThat(server.get("/team/ledgers/readyz").statusCode()).isEqualTo(404);
        assertThat(server.get("/team/ledger/team/ledger/readyz").statusCode()).isEqualTo(404);
    }

    @Test
    void pagesLinkWithIt_andEachLinkLeadsSomewhere() {
        server.post(
                "/v1/records",
                "application/json",
                "{\"id\":\"call-1\",\"model\":\"m\",\"session_id\":\"s\",\"input_tokens\":1000}");
        for (String page : List.of("/?period=all", "/calls?period=all", "/call?id=call-1", "/call?id=none")) {
            HttpResponse<String> answer = server.get("/team/ledger" + page);
            List<String> links = LINK.matcher(answer.body())
                    .results()
                    .map(link -> link.group(1).replace("&amp;", "&"))
                    .filter(link -> !link.startsWith("#"))
                    .distinct()
                    .toList();
            assertThat(links).as(page).hasSizeGreaterThan(4).allMatch(link -> link.startsWith("/team/ledger/"));
            for (String link : links) {
                assertThat(server.get(link).statusCode()).as(link).isIn(200, 302);
            }
        }
    }

    @Test
    void redirects_haveItToo() {
        assertThat(server.get("/team/ledger").headers().firstValue("Location")).hasValue("/team/ledger/");
        assertThat(server.get("/team/ledger/?whole=yes").headers().firstValue("Location"))
                .hasValue("/team/ledger/");
    }

    @ParameterizedTest
    @ValueSource(strings = {"ledger", "//ledger", "/a b", "/a?b", "/a/../b", "/a/./b", "/ü", "/a//b"})
    void whatIsNoPath_isRefused(String prefix) {
        assertThatThrownBy(() -> PathPrefix.parse(prefix))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a path such as /tokenledger");
    }

    @Test
    void slashAtTheEnd_isLeftOut() {
        assertThat(PathPrefix.parse("/a/b/")).isEqualTo("/a/b");
        assertThat(PathPrefix.parse("/")).isEmpty();
    }
}
