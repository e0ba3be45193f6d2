package dev.tokenledger.formats.json;

import dev.tokenledger.usage.TokenCounts;
import java.io.StringWriter;
import java.util.function.Consumer;
import java.util.function.ObjLongConsumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.json.JsonFactory;

/** How all of our JSON is written: on one line, numbers in plain decimal digits, no name twice. */
public final class JsonText {

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamWriteFeature.WRITE_BIGDECIMAL_AS_PLAIN)
            .enable(StreamWriteFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private JsonText() {}

    /** What {@code content} writes, as text. */
    public static String write(Consumer<JsonGenerator> content) {
        StringWriter text = new StringWriter(512);
        try (JsonGenerator json = FACTORY.createGenerator(ObjectWriteContext.empty(), text)) {
            content.accept(json);
        }
        return text.toString();
    }

    /** All token counts by their names in JSON, zero or not. */
    public static void tokens(TokenCounts tokens, ObjLongConsumer<String> each) {
        each.accept("input_tokens", tokens.input());
        each.accept("output_tokens", tokens.output());
        each.accept("cache_creation_input_tokens", tokens.cacheCreation());
        each.accept("cache_creation_5m_input_tokens", tokens.cacheCreation5m());
        each.accept("cache_creation_1h_input_tokens", tokens.cacheCreation1h());
        each.accept("cache_read_input_tokens", tokens.cacheRead());
        each.accept("reasoning_tokens", tokens.reasoning());
        each.accept("audio_input_tokens", tokens.audioInput());
        each.accept("image_input_tokens", tokens.imageInput());
        each.accept("audio_output_tokens", tokens.audioOutput());
        each.accept("image_output_tokens", tokens.imageOutput());
        each.accept("cached_audio_read_tokens", tokens.cachedAudioRead());
    }
}
