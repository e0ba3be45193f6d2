package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.currency.ExchangeRates;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Costs in another currency: on a page of the dashboard, and in the answer of the API. */
class CurrencyTest {

    /** Friday the sixth, and Monday the ninth. */
    private static final String RATES = """
            date,currency,per_usd
            2026-11-06,EUR,0.5
            2026-11-09,EUR,0.25
            """;

    @TempDir
    private Path folder;

    private RunningServer server;

    @BeforeEach
    void start() throws IOException {
        ExchangeRates rates = ExchangeRates.read(Files.writeString(folder.resolve("rates.csv"), RATES), "EUR");
        server = RunningServer.start(settings -> settings.rates(() -> rates));
        record("friday", "2026-11-06T10:00:00Z", "1");
        record("sunday", "2026-11-08T10:00:00Z", "3");
        record("monday", "2026-11-09T10:00:00Z", "8");
    }

    private void record(String id, String time, String usd) {
        server.post(
                "/v1/records",
                "application/json",
                "{\"id\":\"" + id + "\",\"timestamp\":\"" + time + "\",\"model\":\"lamp-" + usd
                        + "\",\"input_tokens\":1,\"cost_usd\":" + usd + "}");
    }

    @AfterEach
    void stop() {
        server.close();
        assertThat(server.failures()).isEmpty();
    }

    @Test
    void summary_hasBoth_whereItIsAskedFor() {
        String both =
                server.get("/v1/summary?period=all&group_by=model&currency=eur").body();
        assertThat(both)
                .contains("\"currency\":{\"code\":\"EUR\",\"zone\":\"Z\"", "\"days_at_earlier_rate\":[\"2026-11-08\"]")
                .contains("\"total_cost_usd\":12,", "\"total_cost\":4,", "\"total_cost\":1.5,", "\"total_cost\":2,");
        for (String path : new String[] {"/v1/summary?period=all", "/v1/summary?period=all&currency=USD"}) {
            assertThat(server.get(path).body()).doesNotContain("total_cost\"", "currency");
        }
    }

    @Test
    void currencyWithoutRates_andDaysWithout_areNamed() {
        HttpResponse<String> other = server.get("/v1/summary?currency=CHF");
        assertThat(other.statusCode()).isEqualTo(400);
        assertThat(other.body()).contains("this server has no rates of it");
        assertThat(server.get("/v1/summary?currency=euros").statusCode()).isEqualTo(400);

        record("early", "2026-11-05T10:00:00Z", "1");
        HttpResponse<String> early = server.get("/v1/summary?period=all&currency=EUR");
        assertThat(early.statusCode()).isEqualTo(400);
        assertThat(early.body()).contains("there is no rate of EUR for 2026-11-05");
        HttpResponse<String> page = server.get("/currency?period=all");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("there is no rate of EUR for 2026-11-05")
                .doesNotContain("Day by day");
    }

    @Test
    void page_showsEachDayByItsRate_andEveryPageLinksToIt() {
        String page = server.get("/currency?period=all").body();
        assertThat(page)
                .contains("Costs in EUR", "4.00\u202fEUR", "$12.00; each day’s cost by that day’s rate")
                .contains("2026-11-08 has the last rate before", "rate of 2026-11-06")
                .contains("<th scope=\"row\">2026-11-09</th>", "<bdi>lamp-8</bdi></th>", "Total");
        assertThat(server.get("/").body()).contains("<a href=\"/currency\">EUR</a>");
        assertThat(server.get("/currency?zone=nowhere").statusCode()).isEqualTo(400);
    }

    @Test
    void serverWithoutRates_saysHowToNameSome() {
        try (RunningServer plain = RunningServer.start()) {
            assertThat(plain.get("/").body()).doesNotContain("/currency");
            assertThat(plain.get("/currency").body()).contains("--currency CODE --rates FILE");
            assertThat(plain.get("/v1/summary?currency=EUR").statusCode()).isEqualTo(400);
        }
    }
}
