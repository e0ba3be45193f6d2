package dev.tokenledger.payloads;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.formats.text.Documents;
import dev.tokenledger.usage.UsageRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnknownMembersTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "holo_tokens | 3 | PRICE",
                "holoTokens | 3 | PRICE",
                "holoTokenCount | '3' | PRICE",
                "HOLO-TOKENS | 3 | PRICE",
                "cache_something | 1 | PRICE",
                "audioInput | 0.5 | PRICE",
                "image_area | 1e3 | PRICE",
                "video_seconds | 2 | PRICE",
                "server_side_things | 1 | PRICE",
                "tool_runs | 1 | PRICE",
                "num_somethings | 7 | PRICE",
                "cost_usd | 0.01 | PRICE",
                "billed_units | 5 | PRICE",
                "grounded_requests | 5 | PRICE",
                "service_tier_2 | turbo | PRICE",
                "inference_region | mars | PRICE",
                "cache_kind | eternal | PRICE",
                "image_mode | true | PRICE",
                "prompt_tokens_details.depth | 9 | PRICE",
                "usage.holo | 9 | PRICE",
                "server.holo | 9 | PRICE",
                "mood | 9 | PERHAPS",
                "odd.mood | 9 | PERHAPS",
                "mood | fine | NONE",
                "mood | true | NONE",
                "total_time | 0.41 | NONE",
                "queueTime | 3 | NONE",
                "tokens_per_second | 99.5 | NONE",
                "time_to_first_token_ms | 12 | NONE",
                "request_id | 77 | NONE",
                "index | 1 | NONE",
                "tool_name | lookup | NONE",
                "region | global | NONE",
                "trafficTier | ON_DEMAND | NONE",
                "cache_tokens | 0 | NONE",
                "cache_tokens | 0.00 | NONE",
                "cache_tokens | '' | NONE",
                "image | false | NONE",
                "image | null | NONE"
            })
    void bearing_isByNamePlaceAndValue(String path, String value, UnknownMembers.Bearing bearing) {
        assertThat(UnknownMembers.bearing(path, value)).isEqualTo(bearing);
    }

    @Test
    void objectsAndLists_areLookedThrough() {
        UnknownMembers unknown = new UnknownMembers();
        unknown.add("more", Documents.readJson("""
                {"holo_tokens":[{"amount":0},{"amount":4}],"mood":1,"name":"x","none":null}"""));
        assertThat(unknown.notes())
                .containsExactly("unknown_member_more_mood", "unpriced_member_more_holo_tokens_amount");
        assertThat(unknown.isEmpty()).isFalse();
        UnknownMembers nothing = new UnknownMembers();
        nothing.add("more", Documents.readJson("{\"holo_tokens\":0,\"deep\":{\"holo_tokens\":null}}"));
        assertThat(nothing.isEmpty()).isTrue();
        assertThat(nothing.notes()).isEmpty();
    }

    @Test
    void manyOrLongNames_stillMakeARecord() {
        UnknownMembers unknown = new UnknownMembers();
        for (int i = 0; i < 40; i++) {
            unknown.add("details." + "x".repeat(i) + "_tokens", "1");
            unknown.add("y".repeat(i) + "mood", "1");
        }
        unknown.add("gören." + "ß".repeat(100) + ".tokens", "1");
        UsageRecord.Builder builder = UsageRecord.builder().model("m").note("output_incomplete");
        unknown.applyTo(builder);
        assertThat(builder.build().notes())
                .hasSizeBetween(8, 10)
                .contains("unpriced_member_others", "unknown_member_others");
    }
}
