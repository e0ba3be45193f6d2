package dev.tokenledger.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReversalsApiTest {

    private static final String JSON = "application/json";

    @Test
    void record_isTakenOutOfTheTotals_once_andStaysReadable() {
        try (RunningServer server = RunningServer.start()) {
            server.post("/v1/records", JSON, "{\"id\":\"a/b\",\"model\":\"m\",\"input_tokens\":7}");
            String request = "{\"id\":\"a/b\",\"reason\":\"recorded twice\"}";

            HttpResponse<String> first = server.post("/v1/reversals", JSON, request);
            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.body()).matches("\\{\"result\":\"reversed\",\"id\":\"a/b\",\"reversal\":\"[^\"]+\"}");
            assertThat(server.get("/v1/summary").body()).contains("\"total_records\":0,\"total_input_tokens\":0");
            assertThat(server.get("/v1/records?history=true").body())
                    .contains("\"id\":\"a/b\"")
                    .contains("recorded twice");

            HttpResponse<String> again = server.post("/v1/reversals", JSON, request);
            assertThat(again.statusCode()).isEqualTo(200);
            assertThat(again.body()).isEqualTo("{\"result\":\"already_reversed\",\"id\":\"a/b\"}");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{\"id\":\"none\",\"reason\":\"r\"}                | 404 | there is no record with this id",
                "{\"id\":\"none\"}                               | 400 | reason: expected a text that is not blank",
                "{\"id\":\"none\",\"reason\":\"  \"}               | 400 | reason: expected a text that is not blank",
                "{\"id\":7,\"reason\":\"r\"}                     | 400 | id: expected a text that is not blank",
                "{\"id\":\"none\",\"reason\":\"r\",\"why\":\"w\"}    | 400 | unknown field; expected id and reason",
                "[{\"id\":\"none\",\"reason\":\"r\"}]              | 400 | expected one JSON object with id and reason",
                "\"none\"                                      | 400 | expected one JSON object with id and reason",
                "{\"id\":\"none\",                             | 400 | not valid JSON",
            })
    void whatIsNoReversal_isRefused(String body, int status, String detail) {
        try (RunningServer server = RunningServer.start()) {
            HttpResponse<String> answer = server.post("/v1/reversals", JSON, body);

            assertThat(answer.statusCode()).isEqualTo(status);
            assertThat(answer.body()).contains("\"detail\":\"" + detail);
        }
    }

    @Test
    void callOfAClosedPeriod_isAConflict() {
        try (RunningServer server = RunningServer.start()) {
            server.post("/v1/records", JSON, "{\"id\":\"a\",\"model\":\"m\",\"timestamp\":\"2026-01-05T10:00:00Z\"}");
            server.ledger()
                    .markPeriod(
                            Optional.of(Instant.parse("2026-02-01T00:00:00Z")), ZoneOffset.UTC, "January is billed");

            HttpResponse<String> answer = server.post("/v1/reversals", JSON, "{\"id\":\"a\",\"reason\":\"r\"}");

            assertThat(answer.statusCode()).isEqualTo(409);
            assertThat(answer.body()).contains("2026-02-01T00:00:00Z, and what happened then is closed");
            assertThat(server.get("/v1/summary").body()).contains("\"total_records\":1");
        }
    }

    @Test
    void idAndReasonThatAreTooLong_areRefusedByName() {
        try (RunningServer server = RunningServer.start()) {
            server.post("/v1/records", JSON, "{\"id\":\"a\",\"model\":\"m\"}");

            assertThat(server.post("/v1/reversals", JSON, "{\"id\":\"a\",\"reason\":\"" + "r".repeat(513) + "\"}")
                            .body())
                    .contains("\"field\":\"reason\"");
            assertThat(server.post("/v1/reversals", JSON, "{\"id\":\"" + "i".repeat(129) + "\",\"reason\":\"r\"}")
                            .body())
                    .contains("\"field\":\"id\"");
            assertThat(server.get("/v1/summary").body()).contains("\"total_records\":1");
        }
    }
}
