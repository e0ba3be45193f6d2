package dev.tokenledger.payloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.TokenCounts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResponseTapTest {

    private static final String CHAT_USAGE = "\"usage\":{\"prompt_tokens\":30,\"completion_tokens\":12,"
            + "\"prompt_tokens_details\":{\"cached_tokens\":10}}";

    private static final String MESSAGES = """
            event: message_start
            data: {"type":"message_start","message":{"id":"msg_1","model":"claude-sonnet-4-5","content":[],"usage":{"input_tokens":25,"cache_read_input_tokens":4000,"output_tokens":1}}}

            : a comment
            event: content_block_delta
            data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"a \\"usage\\":{\\"input_tokens\\":9} é{[\\\\"}}

            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},
            data: "usage":{"output_tokens":15}}

            event: message_stop
            data: {"type":"message_stop"}

            data: [DONE]

            """;

    private static ProviderResponse read(String format, byte[] bytes) {
        ResponseTap tap = new ResponseTap(ResponseReader.of(format));
        tap.bytes(bytes, 0, bytes.length);
        return tap.finish();
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Events that others replace are not read, and the tap knows as much as a reader of every one of them. */
    @Test
    void eventsThatDifferInNumbersAlone_replaceOneAnother() {
        List<String> events = List.of(
                "{\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}],\"usage\":null}",
                "{\"id\":\"x\",\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"b\"}}],\"usage\":null}",
                "{\"id\":\"y\",\"model\":\"n\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":1}}",
                "{\"id\":\"x\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}",
                "{\"id\":\"x1\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":2}}",
                "{\"id\":\"x\\\"2\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":99,\"completion_tokens\":12}}",
                "{\"id\":\"x\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":800,\"completion_tokens\":20}}",
                "{\"id\":\"x\",\"model\":\"m\",\"usage\":{\"completion_tokens\":20}}",
                "{\"id\":\"x\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":800,\"completion_tokens\":null}}",
                "{\"usage\":{\"prompt_tokens\":7,\"completion_tokens\":3,\"" + "x".repeat(9_000) + "\":0}}",
                "{\"id\":\"" + "z".repeat(9_000) + "\",\"type\":\"response.completed\"}");
        Seeds.run(200, random -> {
            StringBuilder stream = new StringBuilder();
            ResponseReader reader = ResponseReader.of("openai-chat");
            for (int i = 0; i < 12; i++) {
                String event = events.get(i == 11 ? 3 : random.nextInt(events.size()));
                for (int times = 1 + random.nextInt(3); times > 0; times--) {
                    stream.append("data: ").append(event).append("\n\n");
                    reader.json(event);
                }
            }
            assertThat(read("openai-chat", utf8(stream.toString()))).isEqualTo(reader.finish());
        });
    }

    @Test
    void deeplyNestedOutput_isPassedOver() {
        String deep = "{\"output\":[".repeat(40) + "]}".repeat(40);
        assertThat(read("openai-chat", utf8("{" + CHAT_USAGE + ",\"output\":[" + deep + "]}"))
                        .usage()
                        .tokens()
                        .output())
                .isEqualTo(12);
        assertThat(read(
                                "openai-responses",
                                utf8("{\"usage\":{\"input_tokens\":30,\"output_tokens\":12},\"output\":[" + deep
                                        + "]}"))
                        .usage()
                        .tokens()
                        .output())
                .isEqualTo(12);
    }

    /** The same whatever way the bytes come in pieces. */
    @Test
    void stream_isReadFromPiecesOfAnySize() {
        ProviderResponse whole = read("anthropic-messages", utf8(MESSAGES));
        assertThat(whole.responseId()).isEqualTo("msg_1");
        assertThat(whole.usage().tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(25)
                        .output(15)
                        .cacheRead(4000)
                        .build());
        assertThat(whole.usage().notes()).isEmpty();
        byte[] crlf = utf8(MESSAGES.replace("\n", "\r\n"));
        Seeds.run(40, random -> {
            ResponseTap tap = new ResponseTap(ResponseReader.of("anthropic-messages"));
            for (int at = 0; at < crlf.length; ) {
                int length = Math.min(crlf.length - at, 1 + random.nextInt(40));
                if (random.nextBoolean()) {
                    tap.bytes(ByteBuffer.wrap(Arrays.copyOfRange(crlf, at, at + length))
                            .asReadOnlyBuffer());
                } else {
                    tap.bytes(crlf, at, length);
                }
                at += length;
            }
            assertThat(tap.finish()).isEqualTo(whole);
        });
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"id":"x","model":"m",USAGE}
            [{"id":"x","choices":[1,"]",{"a":[]}]},{"model":"m",USAGE}]
            {"id":"x","model":"m"}SPACE{"choices":[],USAGE}
            {"choices":[{"message":{"content":"\\\\\\"}","usage":{"prompt_tokens":7}}}],"id":"x","model":"m",  USAGE , "n":1e5}
            {"logprobs":null,"stream":true,"seed":-1.5,"id":"x","\\\"id":"y","model":"m",USAGE}
            """)
    void documents_areReadWhereverTheUsageStands(String body) {
        String text = body.replace("USAGE", CHAT_USAGE).replace("SPACE", " ");
        ProviderResponse read = read("openai-chat", utf8(text));

        assertThat(read.responseId()).isEqualTo("x");
        assertThat(read.model()).isEqualTo("m");
        assertThat(read.usage().tokens())
                .isEqualTo(
                        TokenCounts.builder().input(20).output(12).cacheRead(10).build());
    }

    @Test
    void answerOfAHundredMegabytes_isReadInAFewBytes() {
        ResponseTap tap = new ResponseTap(ResponseReader.of("openai-chat"));
        byte[] head = utf8("{\"id\":\"x\",\"choices\":[{\"message\":{\"content\":\"");
        byte[] piece = utf8("lorem ipsum \\\" ".repeat(4096));
        tap.bytes(head, 0, head.length);
        long before = allocated();
        for (long sent = 0; sent < 100_000_000; sent += piece.length) {
            tap.bytes(piece, 0, piece.length);
        }
        long held = allocated() - before;
        byte[] tail = utf8("\"}}]," + CHAT_USAGE + "}");
        tap.bytes(tail, 0, tail.length);

        assertThat(held).isLessThan(64_000);
        assertThat(tap.finish().usage().tokens().output()).isEqualTo(12);
    }

    private static long allocated() {
        return ((com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    @Test
    void usageThatIsMadeToBeHeld_isRefusedBeyondABound() {
        ResponseTap tap = new ResponseTap(ResponseReader.of("openai-chat"));
        byte[] piece = utf8("{\"usage\":{\"a\":\"" + "x".repeat(ResponseTap.MAX_KEPT));
        tap.bytes(piece, 0, piece.length);

        assertThatIllegalArgumentException().isThrownBy(tap::finish).withMessageContaining("longer than");
    }

    @Test
    void documentThatEndsWithin_isNotRead_andEarlyEndsAreSaid() {
        ResponseTap cut = new ResponseTap(ResponseReader.of("openai-chat"));
        byte[] piece = utf8("{\"id\":\"x\",\"usage\":{\"prompt_tokens\":1");
        cut.bytes(piece, 0, piece.length);
        assertThat(cut.isWithinDocument()).isTrue();
        assertThatIllegalArgumentException().isThrownBy(cut::finish).withMessageContaining("ends within");

        ResponseTap left = new ResponseTap(ResponseReader.of("anthropic-messages"));
        byte[] start = utf8(MESSAGES.substring(0, MESSAGES.indexOf("data: {\"type\":\"message_delta\"")));
        left.bytes(start, 0, start.length);
        assertThat(left.finishEarly().orElseThrow().usage().notes()).contains("output_incomplete");
    }
}
