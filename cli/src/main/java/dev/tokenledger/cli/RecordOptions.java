package dev.tokenledger.cli;

import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;

/** The options that state one record: one for every field, in the groups that the help shows. */
final class RecordOptions {

    private final Subcommand command;
    private final List<Field<?>> fields = new ArrayList<>();
    private final Argument<String> model;
    private final Argument<String> upstreamModel;
    private final Argument<String> timestamp;

    /** An option, and where its value goes. */
    private record Field<T>(Argument<T> argument, BiConsumer<UsageRecord.Builder, T> setter) {
        void fill(UsageRecord.Builder builder) {
            argument.stated().ifPresent(value -> setter.accept(builder, value));
        }
    }

    RecordOptions(Subcommand command) {
        this.command = command;
        command.group("Which model, and when:");
        model = text(
                "--model",
                "MODEL",
                "The deployment or model, such as claude-sonnet-4-5 or mirror/gpt-oss:20b. Parts that are not stated "
                        + "are taken from it.",
                UsageRecord.Builder::model);
        upstreamModel = text(
                "--upstream-model", "MODEL", "The model's name at its provider.", UsageRecord.Builder::upstreamModel);
        text("--resource", "NAME", "The server or endpoint that served the call.", UsageRecord.Builder::resource);
        text("--provider", "NAME", "The provider, such as anthropic or ollama.", UsageRecord.Builder::provider);
        text(
                "--requested-model",
                "MODEL",
                "The model asked for, if another served.",
                UsageRecord.Builder::requestedModel);
        timestamp = command.option(
                "--timestamp",
                "TIME",
                "When the call happened: 2026-11-01T09:30:00Z, or without an offset in the system's zone; now unless "
                        + "stated.");
        tokens();
        circumstances();
        ids();
        money();
    }

    private void tokens() {
        command.group("How many tokens (each is counted once: as input, cache write, cache read or output):");
        count("--input-tokens", "Uncached input.", UsageRecord.Builder::inputTokens);
        count("--output-tokens", "Output, reasoning included.", UsageRecord.Builder::outputTokens);
        count(
                "--cache-read-input-tokens",
                "Input read from the prompt cache.",
                UsageRecord.Builder::cacheReadInputTokens);
        count(
                "--cache-creation-input-tokens",
                "Input written to the prompt cache; default: the sum of the next two.",
                UsageRecord.Builder::cacheCreationInputTokens);
        count(
                "--cache-creation-5m-input-tokens",
                "The part of it that lives 5 minutes.",
                UsageRecord.Builder::cacheCreation5mInputTokens);
        count(
                "--cache-creation-1h-input-tokens",
                "The part of it that lives 1 hour.",
                UsageRecord.Builder::cacheCreation1hInputTokens);
        count("--reasoning-tokens", "The part of the output spent on reasoning.", UsageRecord.Builder::reasoningTokens);
        count(
                "--audio-input-tokens",
                "The part of the uncached input that was audio.",
                UsageRecord.Builder::audioInputTokens);
        count(
                "--image-input-tokens",
                "The part of the uncached input that was images.",
                UsageRecord.Builder::imageInputTokens);
        count(
                "--audio-output-tokens",
                "The part of the output that was audio.",
                UsageRecord.Builder::audioOutputTokens);
        count(
                "--image-output-tokens",
                "The part of the output that was images.",
                UsageRecord.Builder::imageOutputTokens);
        count(
                "--cached-audio-read-tokens",
                "The part of the tokens read from the cache that was audio.",
                UsageRecord.Builder::cachedAudioReadTokens);
        field(
                command.repeated(
                        "--calls", "NAME=N", "Paid tool calls, such as web_search=2; may be given several times."),
                (builder, calls) -> calls.forEach(call -> addCalls(builder, call)));
    }

    private void circumstances() {
        command.group("What it was for, and how it went:");
        text("--role", "NAME", "interactive, delegate, scheduled, auxiliary, or another.", UsageRecord.Builder::role);
        text("--task-name", "NAME", "The task, such as email_poll.", UsageRecord.Builder::taskName);
        field(
                command.repeated(
                        "--attribute",
                        "KEY=VALUE",
                        "A label of your own, such as team=search; may be given up to 16 times."),
                (builder, attributes) -> attributes.forEach(attribute -> {
                    String[] pair = pair("--attribute", attribute);
                    builder.attribute(pair[0], pair[1]);
                }));
        field(
                command.option(
                        "--outcome",
                        "OUTCOME",
                        new Converters.OfOutcome(),
                        List.of("success", "error", "canceled"),
                        "success, error or canceled."),
                (UsageRecord.Builder builder, Outcome outcome) -> builder.outcome(outcome));
        count(
                "--duration-ms",
                "How long the call took, in milliseconds.",
                (builder, millis) -> builder.duration(Duration.ofMillis(millis)));
        text("--service-tier", "NAME", "The tier that served, such as batch.", UsageRecord.Builder::serviceTier);
        text(
                "--requested-service-tier",
                "NAME",
                "The tier that was asked for.",
                UsageRecord.Builder::requestedServiceTier);
        text("--region", "NAME", "The place that served, such as us or europe-west1.", UsageRecord.Builder::region);
        field(command.flag("--aggregate", "The record stands for several calls."), UsageRecord.Builder::aggregate);
        text("--source", "NAME", "Which program delivers the record.", UsageRecord.Builder::source);
        field(
                command.repeated(
                        "--note",
                        "NOTE",
                        "What is known to be wrong with the figures, such as output_incomplete; may be given several "
                                + "times."),
                (builder, notes) -> notes.forEach(builder::note));
    }

    private void ids() {
        command.group("What it is known as:");
        text(
                "--id",
                "ID",
                "The record's unique id; default: one is made. State it, and a retry is safe.",
                UsageRecord.Builder::id);
        text("--request-id", "ID", "Your id of the request.", UsageRecord.Builder::requestId);
        text("--session-id", "ID", "Your id of the session.", UsageRecord.Builder::sessionId);
        text("--conversation-id", "ID", "Your id of the conversation.", UsageRecord.Builder::conversationId);
        text(
                "--upstream-request-id",
                "ID",
                "The provider's id of the request.",
                UsageRecord.Builder::upstreamRequestId);
    }

    private void money() {
        command.group("What it cost, if somebody else worked that out:");
        field(
                command.option(
                        "--cost-usd", "USD", new Converters.OfUsd(), "Keep this as the cost; do not compute one."),
                UsageRecord.Builder::cost);
        field(
                command.option(
                        "--pricing-status",
                        "STATUS",
                        new Converters.OfPricingStatus(),
                        Converters.names(PricingStatus.values()),
                        "How much --cost-usd covers: priced (the default), partial or unpriced."),
                UsageRecord.Builder::pricingStatus);
        field(
                command.option(
                        "--reported-cost-usd",
                        "USD",
                        new Converters.OfUsd(),
                        "The provider's own figure, kept beside the computed cost."),
                UsageRecord.Builder::reportedCost);
    }

    /**
     * The record that the options state.
     *
     * @throws IllegalArgumentException if a value breaks the rule of its field
     */
    UsageRecord record(Session session) {
        if (model.or("").isBlank() && upstreamModel.or("").isBlank()) {
            throw new UsageException("Missing required option: '--model=MODEL'");
        }
        UsageRecord.Builder builder = UsageRecord.builder();
        for (Field<?> field : fields) {
            field.fill(builder);
        }
        timestamp
                .stated()
                .ifPresent(time -> builder.timestamp(Times.parse(
                        "--timestamp", time, session.environment().zone().get())));
        return builder.build();
    }

    private Argument<String> text(
            String name, String label, String description, BiConsumer<UsageRecord.Builder, String> setter) {
        Argument<String> argument = command.option(name, label, description);
        field(argument, setter);
        return argument;
    }

    private void count(String name, String description, BiConsumer<UsageRecord.Builder, Long> setter) {
        field(command.option(name, "N", new Converters.WholeNumber(), description), setter);
    }

    private <T> void field(Argument<T> argument, BiConsumer<UsageRecord.Builder, T> setter) {
        fields.add(new Field<>(argument, setter));
    }

    private static void addCalls(UsageRecord.Builder builder, String call) {
        String[] pair = pair("--calls", call);
        try {
            builder.calls(pair[0], new Converters.WholeNumber().parse(pair[1]));
        } catch (IllegalArgumentException e) {
            throw new UsageException("Invalid value for option '--calls': " + e.getMessage());
        }
    }

    /** The two words of {@code KEY=VALUE}. */
    static String[] pair(String option, String text) {
        int equals = text.indexOf('=');
        if (equals <= 0) {
            throw new UsageException("Invalid value for option '" + option + "': expected two words joined by =, found "
                    + Converters.quoted(text));
        }
        return new String[] {text.substring(0, equals), text.substring(equals + 1)};
    }
}
