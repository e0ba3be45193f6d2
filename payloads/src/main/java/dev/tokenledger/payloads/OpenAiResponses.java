package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;

/**
 * OpenAI's Responses API, format {@code openai-responses}: {@code input_tokens} contains everything that {@code
 * input_tokens_details} lists, tokens read from and written to the cache too; {@code output_tokens} contains everything that
 * {@code output_tokens_details} lists.
 *
 * <p>The Images API has the same names, with image and text tokens in the details; where it has no details of the output, what it
 * makes are images, noted as {@code output_taken_for_images}. The Realtime API and transcriptions call the details {@code
 * input_token_details} and {@code output_token_details}, with {@code cached_tokens_details} by modality. A transcription of {@code
 * type: duration} states {@code seconds}: paid units {@code second}. xAI's tools and ticks are read as in {@link OpenAiChat}.
 */
public final class OpenAiResponses implements UsagePayload {

    OpenAiResponses() {}

    @Override
    public String format() {
        return "openai-responses";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        PayloadUsage.Builder read = new PayloadUsage.Builder();
        OpenAiUsage.read(figures, OpenAiUsage.Dialect.RESPONSES, OpenAiChat.CACHED, read);
        figures.requireAny();
        return read.build(figures);
    }
}
