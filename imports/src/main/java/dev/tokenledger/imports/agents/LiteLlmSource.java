package dev.tokenledger.imports.agents;

import dev.tokenledger.Batch.Elsewhere;
import dev.tokenledger.formats.text.Keys;
import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.UsageSource;
import dev.tokenledger.payloads.AnthropicMessages;
import dev.tokenledger.payloads.SameCall;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Rows of LiteLLM's table {@code LiteLLM_SpendLogs}, as JSON, as its API and database tools give them: one a line, as a list, or
 * as the API's pages, {@code {"data":[…],"total":…,"page":…,"page_size":…,"total_pages":…}}, one or several behind each other.
 *
 * <p>{@code prompt_tokens} contain what was read from and written to the cache, by {@code metadata.usage_object} or {@code
 * metadata.additional_usage_values}; {@code completion_tokens} contain reasoning, unless {@code total_tokens} prove that it
 * stands beside them. {@code spend} is kept as reported. What LiteLLM answered out of its own cache ({@code cache_hit}) and rows
 * without tokens and spend are no calls. Times without an offset are UTC, as the table has them. Keys, addresses, messages and
 * responses are not read.
 */
public final class LiteLlmSource implements UsageSource {

    private static final String NAME = "litellm";

    /** Calls that fetch what a batch of calls came to, with the tokens and the spend of all of them. */
    private static final Set<String> BATCHES = Set.of("retrieve_batch", "aretrieve_batch");

    /** How a page begins: a row has no such fields. */
    private static final Pattern PAGE = Pattern.compile("\\{\\s*\"(data|total|page|page_size|total_pages)\"\\s*:");

    private static final int PEEKED = 4_096;

    private static final Set<String> NAMES = Set.of(
            "request_id",
            "call_type",
            "spend",
            "prompt_tokens",
            "completion_tokens",
            "total_tokens",
            "startTime",
            "endTime",
            "request_duration_ms",
            "model",
            "model_group",
            "custom_llm_provider",
            "api_base",
            "user",
            "metadata",
            "usage_object",
            "additional_usage_values",
            "prompt_tokens_details",
            "cached_tokens",
            "cache_creation_tokens",
            "cache_creation_token_details",
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "ephemeral_5m_input_tokens",
            "ephemeral_1h_input_tokens",
            "completion_tokens_details",
            "reasoning_tokens",
            "audio_tokens",
            "accepted_prediction_tokens",
            "rejected_prediction_tokens",
            "text_tokens",
            "image_tokens",
            "server_tool_use",
            "web_search_requests",
            "speed",
            "inference_geo",
            "service_tier",
            "cache_hit",
            "request_tags",
            "team_id",
            "organization_id",
            "end_user",
            "agent_id",
            "session_id",
            "status");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        try (InputStream in = new BufferedInputStream(file.open())) {
            String beginning = beginning(in);
            if (beginning.startsWith("[")) {
                list(in, sink);
            } else if (PAGE.matcher(beginning).lookingAt()) {
                pages(in, sink);
            } else {
                lines(in, sink);
            }
        }
    }

    /** The first characters behind blanks and a byte order mark; the stream is left at its beginning. */
    private static String beginning(InputStream in) throws IOException {
        in.mark(PEEKED);
        String peeked = new String(in.readNBytes(PEEKED), StandardCharsets.ISO_8859_1);
        in.reset();
        int start = 0;
        while (start < peeked.length() && (peeked.charAt(start) <= ' ' || peeked.charAt(start) >= 0x80)) {
            start++;
        }
        return peeked.substring(start);
    }

    private static void list(InputStream in, ImportSink sink) {
        Rows rows = new Rows(sink);
        try (JsonParser parser = Fields.parser(in)) {
            parser.nextToken();
            if (!rows.read(parser) || parser.nextToken() != null) {
                rows.cut(JsonLines.INVALID_JSON, "expected a list of objects and nothing behind it");
            }
        } catch (JacksonException e) {
            rows.cut(JsonLines.INVALID_JSON, "the list is not valid JSON from here on");
        } catch (IllegalArgumentException e) {
            rows.cut(JsonLines.INVALID_RECORD, e.getMessage() + "; the list cannot be read from here on");
        }
    }

    private static void pages(InputStream in, ImportSink sink) {
        Rows rows = new Rows(sink);
        try (JsonParser parser = Fields.parser(in)) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                if (!page(parser, rows)) {
                    rows.cut(JsonLines.INVALID_JSON, "a page has no list of objects in \"data\"");
                    return;
                }
            }
            if (parser.currentToken() != null) {
                rows.cut(JsonLines.INVALID_JSON, "expected a page, and nothing behind the last one");
            }
        } catch (JacksonException e) {
            rows.cut(JsonLines.INVALID_JSON, "the page is not valid JSON from here on");
        } catch (IllegalArgumentException e) {
            rows.cut(JsonLines.INVALID_RECORD, e.getMessage() + "; the page cannot be read from here on");
        }
    }

    /** Whether the object had its rows. */
    private static boolean page(JsonParser parser, Rows rows) {
        boolean found = false;
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            boolean data = parser.currentName().equals("data");
            JsonToken token = parser.nextToken();
            if (!data) {
                parser.skipChildren();
            } else if (found || token != JsonToken.START_ARRAY || !rows.read(parser)) {
                return false;
            } else {
                found = true;
            }
        }
        return found;
    }

    /** Rows of lists, numbered through. */
    private static final class Rows {

        private final ImportSink sink;
        private long read;

        Rows(ImportSink sink) {
            this.sink = sink;
        }

        /** Reads the list that a parser stands on; whether it had objects alone. */
        boolean read(JsonParser parser) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Fields row = Fields.read(parser, NAMES);
                row(row, ++read, sink);
            }
            return parser.currentToken() == JsonToken.END_ARRAY;
        }

        /** Says that nothing can be read behind the rows so far. */
        void cut(String reason, String problem) {
            sink.skip(read + 1, reason, problem);
        }
    }

    private static void lines(InputStream in, ImportSink sink) throws IOException {
        try (Lines lines = new Lines(in, Fields.MAX_BYTES)) {
            while (lines.next()) {
                if (lines.tooLong()) {
                    sink.skip(lines.number(), "line_too_long", "longer than " + Fields.MAX_BYTES + " bytes");
                } else if (lines.blank()) {
                    sink.ignore(lines.number());
                } else {
                    line(lines, sink);
                }
            }
        }
    }

    private static void line(Lines lines, ImportSink sink) {
        Fields row;
        try {
            row = Fields.read(Utf8.decode(lines.bytes(), lines.offset(), lines.length()), NAMES);
        } catch (CharacterCodingException e) {
            sink.skip(lines.number(), "invalid_utf8", "not valid UTF-8");
            return;
        } catch (JacksonException e) {
            sink.skip(lines.number(), JsonLines.INVALID_JSON, "not valid JSON near column " + JsonLines.column(e));
            return;
        } catch (IllegalArgumentException e) {
            sink.skip(lines.number(), JsonLines.INVALID_JSON, String.valueOf(e.getMessage()));
            return;
        }
        row(row, lines.number(), sink);
    }

    private static void row(Fields row, long number, ImportSink sink) {
        UsageRecord record;
        try {
            if (!isCall(row)) {
                sink.ignore(number);
                return;
            }
            record = record(row);
        } catch (IllegalArgumentException e) {
            sink.skip(number, JsonLines.INVALID_RECORD, String.valueOf(e.getMessage()));
            return;
        }
        sink.append(number, record, toldBy(record), LiteLlmSource::merge);
    }

    /** Spans tell of the same call, and whoever made it may have recorded the answer. */
    private static Elsewhere toldBy(UsageRecord record) {
        String response = record.upstreamRequestId();
        return response.isEmpty()
                ? Elsewhere.NOWHERE
                : new Elsewhere(
                        SameCall.answerKey(record.identity().provider(), response).stream()
                                .toList(),
                        false,
                        List.of(SameCall.telemetryKey(response)));
    }

    /** What is known of a call that is there already; empty if the row is another one. */
    private static Optional<UsageRecord> merge(UsageRecord inForce, UsageRecord offered) {
        if (inForce.source().equals(SameCall.TELEMETRY)) {
            return Optional.of(SameCall.completed(offered, inForce));
        }
        if (!inForce.source().equals(NAME)) {
            return Optional.of(SameCall.completed(inForce, offered));
        }
        if (inForce.firstDifference(offered).isEmpty()) {
            return Optional.of(inForce);
        }
        if (!isReadBetter(inForce, offered)) {
            return Optional.empty();
        }
        if (SameCall.isCompleted(inForce)) {
            return Optional.of(SameCall.completed(offered, inForce));
        }
        boolean same = inForce.sessionId().equals(offered.sessionId())
                && inForce.timestamp().equals(offered.timestamp())
                && inForce.attributes().equals(offered.attributes());
        return same ? Optional.of(offered) : Optional.empty();
    }

    /** Whether a row can be the one of which an earlier version read less. */
    private static boolean isReadBetter(UsageRecord inForce, UsageRecord offered) {
        return inForce.tokens().totalInput() == offered.tokens().totalInput()
                && inForce.tokens().output() == offered.tokens().output()
                && inForce.reportedCost().equals(offered.reportedCost())
                && offered.calls().size() >= inForce.calls().size()
                && (inForce.serviceTier().isEmpty()
                        || (offered.serviceTier().isEmpty() && SameCall.isCompleted(inForce))
                        || inForce.serviceTier().equals(offered.serviceTier()))
                && (inForce.region().isEmpty() || inForce.region().equals(offered.region()));
    }

    private static boolean isCall(Fields row) {
        if (row.text("cache_hit").toLowerCase(Locale.ROOT).equals("true") || row.isTrue("cache_hit")) {
            return false;
        }
        return row.count("prompt_tokens") > 0
                || row.count("completion_tokens") > 0
                || row.usd("spend").map(spend -> spend.signum() > 0).orElse(false);
    }

    private static UsageRecord record(Fields row) {
        String id = row.text("request_id");
        if (id.isBlank()) {
            throw row.refused("request_id", "is missing");
        }
        Instant start = time(row, "startTime");
        UsageRecord.Builder record = UsageRecord.builder()
                .source(NAME)
                .id(Keys.of(NAME, id))
                .timestamp(start)
                .upstreamRequestId(LabelText.sanitize(id, Bound.ID))
                .sessionId(row.id("session_id"))
                .resource(host(row.text("api_base")))
                .outcome(outcome(row))
                .aggregate(BATCHES.contains(row.text("call_type")))
                .attribute("user", row.label("user"))
                .attribute("end_user", row.label("end_user"))
                .attribute("team", row.label("team_id"))
                .attribute("organization", row.label("organization_id"))
                .attribute("agent", row.label("agent_id"))
                .attribute("tags", tags(row));
        model(row, record);
        tokens(row, record);
        row.usd("spend").ifPresent(record::reportedCost);
        Duration duration = row.has("request_duration_ms")
                ? Duration.ofMillis(row.count("request_duration_ms"))
                : row.has("endTime") ? Duration.between(start, time(row, "endTime")) : Duration.ZERO;
        if (!duration.isNegative() && !duration.isZero()) {
            record.duration(duration);
        }
        return record.build();
    }

    private static void model(Fields row, UsageRecord.Builder record) {
        String provider = row.text("custom_llm_provider");
        String group = row.text("model_group");
        String model = row.text("model").isBlank() ? group : row.text("model");
        String prefix = provider + "/";
        String upstream = !provider.isEmpty() && model.startsWith(prefix) ? model.substring(prefix.length()) : model;
        record.upstreamModel(upstream).provider(provider);
        if (!group.equals(model) && !group.equals(upstream)) {
            record.requestedModel(group);
        }
    }

    private static void tokens(Fields row, UsageRecord.Builder record) {
        Fields metadata = metadata(row);
        Fields usage = metadata.hasObject("usage_object")
                ? metadata.object("usage_object")
                : metadata.object("additional_usage_values");
        Fields in = usage.object("prompt_tokens_details");
        Fields out = usage.object("completion_tokens_details");
        Fields split = in.object("cache_creation_token_details");
        boolean named = usage.has("cache_read_input_tokens");
        long reads = named ? usage.count("cache_read_input_tokens") : in.count("cached_tokens");
        long writes = usage.has("cache_creation_input_tokens")
                ? usage.count("cache_creation_input_tokens")
                : in.count("cache_creation_tokens");
        long prompt = row.count("prompt_tokens");
        long uncached = row.without("prompt_tokens", prompt, "metadata cached tokens", reads);
        uncached = row.without("prompt_tokens", uncached, "metadata cache_creation_tokens", writes);
        long shortLived = split.count("ephemeral_5m_input_tokens");
        long longLived = split.count("ephemeral_1h_input_tokens");
        long completion = row.count("completion_tokens");
        long reasoning = out.count("reasoning_tokens");
        if (reasoning > 0 && row.count("total_tokens") == prompt + completion + reasoning) {
            completion += reasoning;
            record.note(Notes.REASONING_ADDED_TO_OUTPUT);
        }
        long written = row.without("completion_tokens", completion, "metadata reasoning_tokens", reasoning);
        long audioOut = out.count("audio_tokens");
        row.without("completion_tokens", written, "metadata audio_tokens", audioOut);
        long audioIn = in.count("audio_tokens");
        row.without("prompt_tokens", prompt, "metadata audio_tokens", audioIn);
        if (audioIn > uncached) {
            record.note(Notes.INPUT_PARTS_PARTLY_CACHED);
            audioIn = uncached;
        }
        long imageIn = Math.min(in.count("image_tokens"), uncached - audioIn);
        long imageOut = Math.min(out.count("image_tokens"), completion - reasoning - audioOut);
        if (imageIn < in.count("image_tokens")) {
            record.note(Notes.INPUT_PARTS_PARTLY_CACHED);
        }
        record.tokens(TokenCounts.builder()
                .input(uncached)
                .output(completion)
                .cacheCreation(writes)
                .cacheCreation5m(shortLived)
                .cacheCreation1h(longLived)
                .cacheRead(reads)
                .reasoning(reasoning)
                .audioInput(audioIn)
                .imageInput(imageIn)
                .audioOutput(audioOut)
                .imageOutput(imageOut)
                .build());
        if (writes > shortLived + longLived) {
            record.note(Notes.CACHE_SPLIT_MISSING);
        }
        record.calls("web_search", usage.object("server_tool_use").count("web_search_requests"))
                .serviceTier(usage.text("speed").equals("fast") ? "fast" : usage.label("service_tier"))
                .notes(usage.unknownMembers());
        String place = usage.label("inference_geo");
        record.region(AnthropicMessages.ordinaryPlace(place) ? region(row.text("api_base")) : place);
    }

    /** Database tools give JSON columns as texts. */
    private static Fields metadata(Fields row) {
        String text = row.text("metadata");
        if (text.isBlank()) {
            return row.object("metadata");
        }
        try {
            return Fields.read(text, NAMES);
        } catch (JacksonException e) {
            throw row.refused("metadata", "not valid JSON");
        }
    }

    private static String tags(Fields row) {
        String text = row.text("request_tags");
        if (text.isBlank()) {
            return LabelText.sanitize(String.join(",", row.texts("request_tags")), Bound.TEXT);
        }
        try {
            return LabelText.sanitize(
                    String.join(
                            ",",
                            Fields.read("{\"request_tags\":" + text + "}", NAMES)
                                    .texts("request_tags")),
                    Bound.TEXT);
        } catch (JacksonException | IllegalArgumentException e) {
            return "";
        }
    }

    private static Instant time(Fields row, String name) {
        String text = row.text(name).strip();
        if (text.isEmpty()) {
            throw row.refused(name, "is missing");
        }
        String whole =
                text.length() > 10 && text.charAt(10) == ' ' ? text.substring(0, 10) + "T" + text.substring(11) : text;
        boolean offset = whole.length() > 19 && whole.substring(19).matches(".*([zZ]|[+-][0-9:]+)");
        try {
            return Rfc3339.parse(offset ? whole : whole + "Z");
        } catch (IllegalArgumentException e) {
            throw row.refused(name, String.valueOf(e.getMessage()));
        }
    }

    /** The region that OpenAI's own hosts stand for; they charge for it. */
    private static String region(String address) {
        String host = host(address);
        return host.endsWith(".api.openai.com") ? host.substring(0, host.length() - ".api.openai.com".length()) : "";
    }

    /** The server's name: an address may hold more than that. */
    private static String host(String address) {
        try {
            String host = URI.create(address).getHost();
            return host == null ? "" : LabelText.sanitize(host, Bound.TEXT);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    /** Rows from before there was a column have it among their metadata. */
    private static Outcome outcome(Fields row) {
        String status = row.text("status").isEmpty() ? metadata(row).text("status") : row.text("status");
        return switch (status) {
            case "success" -> Outcome.SUCCESS;
            case "failure" -> Outcome.ERROR;
            default -> Outcome.UNSTATED;
        };
    }
}
