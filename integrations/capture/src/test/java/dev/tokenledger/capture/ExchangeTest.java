package dev.tokenledger.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ExchangeTest {

    private static final String STREAM = """
            data: {"type":"message_start","message":{"id":"msg_1","model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":25,"output_tokens":1}}}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":15}}

            data: {"type":"message_st""";

    private final List<CapturedCall> calls = new ArrayList<>();

    /** A buffer ends where it likes, also within the event that says no more than that the answer is over. */
    @Test
    void streamLeftAfterItsUsage_withinItsLastEvent_keepsItsCounts() {
        Exchange exchange = Capture.to(calls::add)
                .build()
                .begin(() -> URI.create("https://api.anthropic.com/v1/messages"), Attribution.NONE)
                .orElseThrow();
        assertThat(exchange.answered(200, "text/event-stream")).isTrue();
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        exchange.body(bytes, 0, bytes.length);
        exchange.left();

        UsageRecord record = calls.get(0).toRecords().get(0);
        assertThat(record.tokens().input()).isEqualTo(25);
        assertThat(record.tokens().output()).isEqualTo(15);
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
    }

    /** It would fail in the host's call, long after it was set up. */
    @Test
    void routeOfAnUnknownFormat_isRefusedWhereItIsMade() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Route("groq", "openai-chats", ""))
                .withMessageContaining("openai-chat");
        Capture capture = Capture.to(calls::add)
                .route(uri -> Optional.of(new Route("groq", "openai-chats", "")))
                .build();
        assertThat(capture.begin(() -> URI.create("http://x/"), Attribution.NONE))
                .isEmpty();
        assertThat(capture.unread()).isEqualTo(1);
    }
}
