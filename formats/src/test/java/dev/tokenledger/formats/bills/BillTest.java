package dev.tokenledger.formats.bills;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What each provider's words and columns mean. The figures are made up. */
class BillTest {

    @TempDir
    Path folder;

    private int files;

    private Bill read(BillFormat format, String ending, String... contents) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (String content : contents) {
            paths.add(Files.writeString(folder.resolve("f" + files++ + ending), content));
        }
        return Bill.read(format, paths, ZoneId.of("UTC"));
    }

    private static List<String> lines(Bill bill) {
        return bill.lines().stream()
                .map(line -> String.join(
                        " ",
                        line.kind().name(),
                        line.start().toString().substring(0, 10),
                        line.model(),
                        line.what(),
                        line.tier(),
                        line.region(),
                        line.project(),
                        line.quantity().map(BigDecimal::toPlainString).orElse("-"),
                        line.requests().map(BigDecimal::toPlainString).orElse("-"),
                        line.amount().map(BigDecimal::toPlainString).orElse("-")))
                .toList();
    }

    @Test
    void openAi_usage_takesTheCachedOutOfTheInput() throws IOException {
        Bill bill = read(BillFormat.OPENAI, ".json", """
                {"object":"page","data":[
                 {"object":"bucket","start_time":1790985600,"end_time":1791072000,"results":[]},
                 {"object":"bucket","start_time":1791072000,"end_time":1791158400,"results":[
                  {"object":"organization.usage.completions.result","input_tokens":100,"input_cached_tokens":40,
                   "input_cache_write_tokens":10,"output_tokens":7,"num_model_requests":3,"project_id":"p1","model":"m-1",
                   "batch":true,"service_tier":"default"}]}],"has_more":false,"next_page":null}
                """);

        assertThat(bill.start()).isEqualTo("2026-10-03T00:00:00Z");
        assertThat(lines(bill))
                .containsExactly(
                        "USAGE 2026-10-04 m-1  batch  p1 - 3 -",
                        "USAGE 2026-10-04 m-1 input batch  p1 50 - -",
                        "USAGE 2026-10-04 m-1 cache_read batch  p1 40 - -",
                        "USAGE 2026-10-04 m-1 cache_write_5m batch  p1 10 - -",
                        "USAGE 2026-10-04 m-1 output batch  p1 7 - -");
    }

    @Test
    void openAi_costs_areReadByTheWordsBehindTheModel() throws IOException {
        String row = "{\"object\":\"organization.costs.result\",\"amount\":{\"value\":%v,\"currency\":\"usd\"},"
                + "\"line_item\":\"%i\",\"project_id\":null,\"quantity\":%q,\"quantity_unit\":\"%u\"}";
        List<String> rows = new ArrayList<>();
        for (String[] of : new String[][] {
            {"m-1, cached input", "\"0.0000100000000000000000000000\"", "40", "tokens"},
            {"m-1, batch output", "0.5", "7", "1000_tokens"},
            {"m, 2, input_tokens", "1e-3", "null", ""},
            {"Web search tool calls", "0.03", "3", ""},
            {"m-1, audio input", "1", "9", "tokens"},
            {"Fine-tuning of m-1", "2", "null", ""}
        }) {
            rows.add(row.replace("%i", of[0])
                    .replace("%v", of[1])
                    .replace("%q", of[2])
                    .replace("%u", of[3]));
        }
        Bill bill = read(
                BillFormat.OPENAI,
                ".json",
                "{\"data\":[{\"start_time\":1791072000,\"end_time\":1791158400,\"results\":[" + String.join(",\n", rows)
                        + "]}]}");

        assertThat(lines(bill))
                .containsExactly(
                        "USAGE 2026-10-04 m-1 cache_read standard   40 - 0.00001",
                        "USAGE 2026-10-04 m-1 output batch   7000 - 0.5",
                        "USAGE 2026-10-04 m, 2 input standard   - - 0.001",
                        "USAGE 2026-10-04  web_search    3 - 0.03",
                        "USAGE 2026-10-04 m-1 audio_input standard   9 - 1",
                        "OTHER 2026-10-04      - - 2");
    }

    @Test
    void openAi_exports_haveTheSameFigures() throws IOException {
        Bill bill = read(
                BillFormat.OPENAI,
                ".csv",
                "start_time,end_time,project_id,num_model_requests,model,batch,service_tier,input_tokens,output_tokens,"
                        + "input_cached_tokens\n1790985600,1791072000,,,,,,,,\n"
                        + "1791072000,1791158400,p1,2.0,m-1,FALSE,priority,100.0,7.0,40.0\n",
                "start_time,end_time,amount_value,amount_currency,line_item,project_id\n"
                        + "1791072000,1791158400,0.25,usd,\"m-1, priority input\",p1\n");

        assertThat(lines(bill))
                .containsExactly(
                        "USAGE 2026-10-04 m-1  priority  p1 - 2 -",
                        "USAGE 2026-10-04 m-1 input priority  p1 60 - -",
                        "USAGE 2026-10-04 m-1 cache_read priority  p1 40 - -",
                        "USAGE 2026-10-04 m-1 output priority  p1 7 - -",
                        "USAGE 2026-10-04 m-1 input priority  p1 - - 0.25");
    }

    @Test
    void anthropic_usageAndCosts_areInClassesAndCents() throws IOException {
        Bill bill = read(BillFormat.ANTHROPIC, ".json", """
                {"data":[{"starting_at":"2026-10-04T00:00:00Z","ending_at":"2026-10-05T00:00:00Z","results":[
                 {"uncached_input_tokens":5,"cache_read_input_tokens":6,"cache_creation":{"ephemeral_5m_input_tokens":7,
                  "ephemeral_1h_input_tokens":8},"output_tokens":9,"server_tool_use":{"web_search_requests":2},"workspace_id":"w",
                  "model":"m-1","service_tier":"standard","context_window":"200k-1M","inference_geo":"us"}]}]}
                """, """
                {"data":[{"starting_at":"2026-10-04T00:00:00Z","ending_at":"2026-10-05T00:00:00Z","results":[
                 {"currency":"USD","amount":"123.45","workspace_id":null,"description":"x","cost_type":"tokens","model":"m-1",
                  "service_tier":"batch","token_type":"uncached_input_tokens","inference_geo":"global"},
                 {"currency":"USD","amount":"4","workspace_id":null,"description":"Web Search Usage","cost_type":"web_search",
                  "model":null,"service_tier":null,"token_type":null},
                 {"currency":"USD","amount":"1","workspace_id":null,"description":"y","cost_type":"tokens","model":"m-1",
                  "service_tier":"standard","token_type":"cache_creation.ephemeral_1h_input_tokens"}]}]}
                """);

        assertThat(lines(bill))
                .containsExactly(
                        "USAGE 2026-10-04 m-1 input standard us w 5 - -",
                        "USAGE 2026-10-04 m-1 output standard us w 9 - -",
                        "USAGE 2026-10-04 m-1 cache_read standard us w 6 - -",
                        "USAGE 2026-10-04 m-1 cache_write_5m standard us w 7 - -",
                        "USAGE 2026-10-04 m-1 cache_write_1h standard us w 8 - -",
                        "USAGE 2026-10-04 m-1 web_search standard us w 2 - -",
                        "USAGE 2026-10-04 m-1 input batch   - - 1.2345",
                        "USAGE 2026-10-04  web_search    - - 0.04",
                        "USAGE 2026-10-04 m-1 cache_write_1h standard   - - 0.01");
        assertThat(bill.lines().get(0).longContext()).isTrue();
    }

    @Test
    void anthropic_analytics_tellsTheDiscountFromTheListPrice() throws IOException {
        Bill bill = read(BillFormat.ANTHROPIC, ".json", """
                {"data":[{"starting_at":"2026-10-04T00:00:00Z","ending_at":"2026-10-05T00:00:00Z","group":{"model":"m-1"},
                 "cost":{"amount":"90","list_amount":"100","currency":"USD","requests":4}}]}
                """);

        assertThat(lines(bill))
                .containsExactly("USAGE 2026-10-04 m-1     - 4 1", "DISCOUNT 2026-10-04 m-1     - - -0.1");
    }

    @Test
    void openRouter_tellsSearchesFromTokens() throws IOException {
        assertThat(lines(read(
                        BillFormat.OPENROUTER,
                        ".csv",
                        "generation_id,created_at,cost_total,cost_web_search,tokens_prompt,tokens_completion,tokens_cached,"
                                + "model_permaslug\ngen-1,2026-10-04 23:59:59.999,0.03,0.02,100,7,40,maker/m-1\n")))
                .containsExactly(
                        "USAGE 2026-10-04 maker/m-1     - 1 0.01",
                        "USAGE 2026-10-04 maker/m-1 input    60 - -",
                        "USAGE 2026-10-04 maker/m-1 cache_read    40 - -",
                        "USAGE 2026-10-04 maker/m-1 output    7 - -",
                        "USAGE 2026-10-04 maker/m-1 web_search    - - 0.02");
        assertThat(lines(read(BillFormat.OPENROUTER, ".json", """
                {"data":[{"date":"2026-10-04","model":"maker/m","model_permaslug":"maker/m-1","usage":0.5,"requests":3,
                 "prompt_tokens":100,"completion_tokens":7}]}
                """)))
                .containsExactly(
                        "USAGE 2026-10-04 maker/m-1     - 3 0.5",
                        "USAGE 2026-10-04 maker/m-1 prompt    100 - -",
                        "USAGE 2026-10-04 maker/m-1 output    7 - -");
    }

    @Test
    void amazon_usageTypes_haveModelClassTierAndRegion() throws IOException {
        StringBuilder table =
                new StringBuilder("line_item_line_item_type,line_item_product_code,line_item_usage_start_date,"
                        + "line_item_usage_end_date,line_item_usage_type,line_item_usage_amount,line_item_unblended_cost,"
                        + "line_item_currency_code,pricing_unit,product_region_code,line_item_line_item_description\n");
        for (String row : List.of(
                "Usage,AmazonBedrock,%,USE1-Lamp2.0Big-input-tokens,1.5,0.3,USD,1K tokens,us-east-1,",
                "Usage,AmazonBedrock,%,USE1-Lamp2.0Big-cache-write-1h-input-token-count,2,0.1,USD,1K tokens,us-east-1,",
                "Usage,AmazonBedrock,%,USW2-maker.lamp-2-mantle-cache-read-tokens-global-standard,1,0.2,USD,1M tokens,us-west-2,",
                "Usage,AmazonBedrock,%,EU-Lamp2.0Big-output-tokens-flex,3,0.2,USD,1K tokens,eu-west-1,",
                "Usage,AmazonS3,%,USE1-Requests,3,9,USD,Requests,us-east-1,",
                "Usage,AmazonBedrock,%,USE1-Guardrail-units,3,0.4,USD,Units,us-east-1,",
                "Credit,AmazonBedrock,%,,,-0.5,USD,,,Promotion",
                "Tax,AmazonBedrock,%,,,0.07,USD,,,VAT")) {
            table.append(row.replace("%", "2026-10-04 00:00:00,2026-10-05 00:00:00"))
                    .append('\n');
        }

        assertThat(lines(read(BillFormat.AWS_CUR, ".csv", table.toString())))
                .containsExactly(
                        "USAGE 2026-10-04 Lamp2.0Big input standard us-east-1  1500 - 0.3",
                        "USAGE 2026-10-04 Lamp2.0Big cache_write_1h standard us-east-1  2000 - 0.1",
                        "USAGE 2026-10-04 maker.lamp-2 cache_read standard   1000000 - 0.2",
                        "USAGE 2026-10-04 Lamp2.0Big output flex eu-west-1  3000 - 0.2",
                        "OTHER 2026-10-04      - - 0.4",
                        "CREDIT 2026-10-04      - - -0.5",
                        "TAX 2026-10-04      - - 0.07");
    }

    @Test
    void google_skus_haveModelClassAndTier_andCreditsStandBesideThem() throws IOException {
        String row = "{\"sku\":{\"description\":\"%s\"},\"usage_start_time\":\"2026-10-04 09:00:00 UTC\","
                + "\"usage_end_time\":\"2026-10-04 10:00:00 UTC\",\"project\":{\"id\":\"p1\"},\"location\":{\"region\":\"europe-west1\"},"
                + "\"cost\":%c,\"currency\":\"USD\",\"usage\":{\"amount\":%a,\"unit\":\"%u\"},\"credits\":[%k],\"cost_type\":\"%t\"}\n";
        StringBuilder rows = new StringBuilder();
        for (String[] of : new String[][] {
            {
                "Lamp 2 Flash Text Input - Predictions",
                "0.5",
                "1000.0",
                "count",
                "{\"name\":\"Trial\",\"amount\":-0.1}",
                "regular"
            },
            {"Lamp 2 Flash Text Input Caching", "\"1e-2\"", "\"70\"", "count", "", "regular"},
            {"Lamp 2 Flash Batch Text Output - Predictions", "1", "5", "count", "", "regular"},
            {"Lamp 2 Flash Text Input Caching Storage", "2", "5", "token-hour", "", "regular"},
            {"Rounding error", "0.000001", "0", "", "", "rounding_error"},
            {"Tax", "3", "0", "", "", "tax"}
        }) {
            rows.append(row.replace("%s", of[0])
                    .replace("%c", of[1])
                    .replace("%a", of[2])
                    .replace("%u", of[3])
                    .replace("%k", of[4])
                    .replace("%t", of[5]));
        }

        assertThat(lines(read(BillFormat.GOOGLE_BILLING, ".ndjson", rows.toString())))
                .containsExactly(
                        "USAGE 2026-10-04 Lamp 2 Flash input standard europe-west1 p1 1000 - 0.5",
                        "CREDIT 2026-10-04 Lamp 2 Flash input standard europe-west1 p1 - - -0.1",
                        "USAGE 2026-10-04 Lamp 2 Flash cache_read standard europe-west1 p1 70 - 0.01",
                        "USAGE 2026-10-04 Lamp 2 Flash output batch europe-west1 p1 5 - 1",
                        "OTHER 2026-10-04     p1 - - 2",
                        "ROUNDING 2026-10-04     p1 - - 0.000001",
                        "TAX 2026-10-04     p1 - - 3");
    }

    @Test
    void mistakes_nameFileAndLine() {
        assertThatThrownBy(() ->
                        read(BillFormat.OPENAI, ".json", "{\"data\":[{\n\"start_time\":\"soon\",\"end_time\":1}]}"))
                .hasMessageMatching(
                        "cannot read the bill .*f0.json: line 2: expected a time such as .*, found \"soon\"");
        assertThatThrownBy(() -> read(BillFormat.OPENAI, ".json", "[]")).hasMessageContaining("it has no days at all");
        assertThatThrownBy(() -> read(BillFormat.ANTHROPIC, ".json", "{\"x\":1}"))
                .hasMessageContaining("line 1: expected a usage or cost report with \"data\"");
        assertThatThrownBy(() -> read(BillFormat.CSV, ".csv", "date,amount\n2026-10-04,NaN\n"))
                .hasMessageContaining(".csv:2:1: amount: expected a decimal number");
        assertThatThrownBy(() -> read(BillFormat.CSV, ".csv", "date,amount,currency\n2026-10-04,1,EUR\n"))
                .hasMessageContaining(".csv:2:1: currency: the amount is in EUR; bills are compared in USD");
        assertThatThrownBy(() -> read(BillFormat.CSV, ".csv", "date,amount\n2026-10-04,1e99\n"))
                .hasMessageContaining("at most 18 digits before");
        assertThatThrownBy(() -> read(BillFormat.CSV, ".csv", "date,amount,kind\n2026-10-04,1,gift\n"))
                .hasMessageContaining("kind: expected usage, credit");
        assertThatThrownBy(() -> read(BillFormat.GOOGLE_BILLING, ".ndjson", "{}\n{\"cost\":\n"))
                .hasMessageContaining("line 1: expected a time");
        assertThatThrownBy(() -> read(
                        BillFormat.OPENAI,
                        ".csv",
                        "start_time,end_time,model,input_tokens,input_cached_tokens\n1791072000,1791158400,m,10,11\n"))
                .hasMessageContaining("line 2: the parts of input_tokens are more than the whole");
    }

    @Test
    void figuresOfTwoFiles_areNotCountedTwice() {
        String costs = "date,model,class,quantity,amount\n2026-10-04,m,input,1,2\n";

        assertThatThrownBy(() -> read(BillFormat.CSV, ".csv", costs, costs))
                .hasMessageContaining("line 2 states what line 2 of")
                .hasMessageContaining("give each report once");
    }
}
