package dev.tokenledger.cli;

import dev.tokenledger.money.Usd;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The options that state one record: a flag for every field, grouped as the help shows them. */
final class RecordOptions {

    private RecordOptions() {}

    /** Which model, and when. */
    @Command(optionListHeading = "Which model, and when:")
    static final class Identity {

        @Option(
                names = "--model",
                paramLabel = "MODEL",
                description =
                        "The deployment or model, such as claude-sonnet-4-5 or mirror/gpt-oss:20b. Parts that are "
                                + "not stated are taken from it.")
        String model = "";

        @Option(names = "--upstream-model", paramLabel = "MODEL", description = "The model's name at its provider.")
        String upstreamModel = "";

        @Option(names = "--resource", paramLabel = "NAME", description = "The server or endpoint that served the call.")
        String resource = "";

        @Option(names = "--provider", paramLabel = "NAME", description = "The provider, such as anthropic or ollama.")
        String provider = "";

        @Option(
                names = "--requested-model",
                paramLabel = "MODEL",
                description = "The model asked for, if another served.")
        String requestedModel = "";

        @Option(
                names = "--timestamp",
                paramLabel = "TIME",
                description =
                        "When the call happened: 2026-11-01T09:30:00Z, or without an offset in the system's zone; "
                                + "now unless stated.")
        @Nullable
        String timestamp;

        void fill(UsageRecord.Builder builder, Session session) {
            if (model.isBlank() && upstreamModel.isBlank()) {
                throw new UsageException("Missing required option: '--model=MODEL'");
            }
            builder.model(model)
                    .upstreamModel(upstreamModel)
                    .resource(resource)
                    .provider(provider)
                    .requestedModel(requestedModel);
            if (timestamp != null) {
                builder.timestamp(Times.parse(
                        "--timestamp", timestamp, session.environment().zone().get()));
            }
        }
    }

    /** How many tokens and paid calls. */
    @Command(optionListHeading = "How many tokens (each is counted once: as input, cache write, cache read or output):")
    static final class Tokens {

        @Option(
                names = "--input-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "Uncached input.")
        long input;

        @Option(
                names = "--output-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "Output, reasoning included.")
        long output;

        @Option(
                names = "--cache-read-input-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "Input read from the prompt cache.")
        long cacheRead;

        @Option(
                names = "--cache-creation-input-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "Input written to the prompt cache; the sum of the next two unless stated.")
        @Nullable
        Long cacheCreation;

        @Option(
                names = "--cache-creation-5m-input-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "The part of it that lives 5 minutes.")
        long cacheCreation5m;

        @Option(
                names = "--cache-creation-1h-input-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "The part of it that lives 1 hour.")
        long cacheCreation1h;

        @Option(
                names = "--reasoning-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "The part of the output spent on reasoning.")
        long reasoning;

        @Option(
                names = "--audio-input-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "The part of the uncached input that was audio.")
        long audioInput;

        @Option(
                names = "--image-input-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "The part of the uncached input that was images.")
        long imageInput;

        @Option(
                names = "--audio-output-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "The part of the output that was audio.")
        long audioOutput;

        @Option(
                names = "--image-output-tokens",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "The part of the output that was images.")
        long imageOutput;

        @Option(
                names = "--calls",
                paramLabel = "NAME=N",
                description = "Paid tool calls, such as web_search=2; may be given several times.")
        List<String> calls = new ArrayList<>();

        void fill(UsageRecord.Builder builder) {
            builder.inputTokens(input)
                    .outputTokens(output)
                    .cacheReadInputTokens(cacheRead)
                    .cacheCreation5mInputTokens(cacheCreation5m)
                    .cacheCreation1hInputTokens(cacheCreation1h)
                    .reasoningTokens(reasoning)
                    .audioInputTokens(audioInput)
                    .imageInputTokens(imageInput)
                    .audioOutputTokens(audioOutput)
                    .imageOutputTokens(imageOutput);
            if (cacheCreation != null) {
                builder.cacheCreationInputTokens(cacheCreation);
            }
            for (String call : calls) {
                String[] pair = pair("--calls", call);
                try {
                    builder.calls(pair[0], new Converters.WholeNumber().parse(pair[1]));
                } catch (IllegalArgumentException e) {
                    throw new UsageException("Invalid value for option '--calls': " + e.getMessage());
                }
            }
        }
    }

    /** What the call was for, and how it went. */
    @Command(optionListHeading = "What it was for, and how it went:")
    static final class Circumstances {

        @Option(
                names = "--role",
                paramLabel = "NAME",
                description = "interactive, delegate, scheduled, auxiliary, or another.")
        String role = "";

        @Option(names = "--task-name", paramLabel = "NAME", description = "The task, such as email_poll.")
        String taskName = "";

        @Option(
                names = "--attribute",
                paramLabel = "KEY=VALUE",
                description = "A label of your own, such as team=search; may be given up to 16 times.")
        List<String> attributes = new ArrayList<>();

        @Option(
                names = "--outcome",
                paramLabel = "OUTCOME",
                converter = Converters.OfOutcome.class,
                completionCandidates = OutcomeNames.class,
                description = "success, error or canceled.")
        Outcome outcome = Outcome.UNSTATED;

        @Option(
                names = "--duration-ms",
                paramLabel = "N",
                converter = Converters.WholeNumber.class,
                description = "How long the call took, in milliseconds.")
        @Nullable
        Long duration;

        @Option(names = "--service-tier", paramLabel = "NAME", description = "The tier that served, such as batch.")
        String serviceTier = "";

        @Option(names = "--requested-service-tier", paramLabel = "NAME", description = "The tier that was asked for.")
        String requestedServiceTier = "";

        @Option(names = "--aggregate", description = "The record stands for several calls.")
        boolean aggregate;

        @Option(names = "--source", paramLabel = "NAME", description = "Which program delivers the record.")
        String source = "";

        @Option(
                names = "--note",
                paramLabel = "NOTE",
                description = "What is known to be wrong with the figures, such as output_incomplete; may be given "
                        + "several times.")
        List<String> notes = new ArrayList<>();

        void fill(UsageRecord.Builder builder) {
            builder.role(role)
                    .taskName(taskName)
                    .outcome(outcome)
                    .serviceTier(serviceTier)
                    .requestedServiceTier(requestedServiceTier)
                    .aggregate(aggregate)
                    .source(source);
            if (duration != null) {
                builder.duration(Duration.ofMillis(duration));
            }
            for (String attribute : attributes) {
                String[] pair = pair("--attribute", attribute);
                builder.attribute(pair[0], pair[1]);
            }
            notes.forEach(builder::note);
        }
    }

    /** What the call is known as. */
    @Command(optionListHeading = "What it is known as:")
    static final class Ids {

        @Option(
                names = "--id",
                paramLabel = "ID",
                description = "The record's unique id; one is made unless stated. State it, and a retry is safe.")
        String id = "";

        @Option(names = "--request-id", paramLabel = "ID", description = "Your id of the request.")
        String requestId = "";

        @Option(names = "--session-id", paramLabel = "ID", description = "Your id of the session.")
        String sessionId = "";

        @Option(names = "--conversation-id", paramLabel = "ID", description = "Your id of the conversation.")
        String conversationId = "";

        @Option(names = "--upstream-request-id", paramLabel = "ID", description = "The provider's id of the request.")
        String upstreamRequestId = "";

        void fill(UsageRecord.Builder builder) {
            builder.id(id)
                    .requestId(requestId)
                    .sessionId(sessionId)
                    .conversationId(conversationId)
                    .upstreamRequestId(upstreamRequestId);
        }
    }

    /** What others say it cost. */
    @Command(optionListHeading = "What it cost, if somebody else worked that out:")
    static final class Money {

        @Option(
                names = "--cost-usd",
                paramLabel = "USD",
                converter = Converters.OfUsd.class,
                description = "Keep this as the cost; do not compute one.")
        @Nullable
        Usd cost;

        @Option(
                names = "--pricing-status",
                paramLabel = "STATUS",
                converter = Converters.OfPricingStatus.class,
                completionCandidates = StatusNames.class,
                description = "How much --cost-usd covers: priced (the default), partial or unpriced.")
        @Nullable
        PricingStatus status;

        @Option(
                names = "--reported-cost-usd",
                paramLabel = "USD",
                converter = Converters.OfUsd.class,
                description = "The provider's own figure, kept beside the computed cost.")
        @Nullable
        Usd reported;

        void fill(UsageRecord.Builder builder) {
            if (cost != null) {
                builder.cost(cost);
            }
            if (status != null) {
                builder.pricingStatus(status);
            }
            if (reported != null) {
                builder.reportedCost(reported);
            }
        }
    }

    private static String[] pair(String option, String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new UsageException("Invalid value for option '" + option + "': expected two words joined by =, found "
                    + Converters.quoted(text));
        }
        return new String[] {text.substring(0, equals), text.substring(equals + 1)};
    }

    static final class OutcomeNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("success", "error", "canceled").iterator();
        }
    }

    static final class StatusNames implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("priced", "partial", "unpriced").iterator();
        }
    }
}
