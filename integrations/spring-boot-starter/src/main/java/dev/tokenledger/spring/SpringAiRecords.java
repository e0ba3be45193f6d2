package dev.tokenledger.spring;

import dev.tokenledger.payloads.ProviderResponse;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.spring.Answers.Answer;
import dev.tokenledger.spring.OpenCalls.OpenCall;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationView;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.advisor.observation.AdvisorObservationContext;
import org.springframework.ai.chat.client.observation.ChatClientObservationContext;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.ai.chat.metadata.ChatResponseMetadata;
import org.springframework.ai.chat.metadata.Usage;
import org.springframework.ai.chat.observation.ChatModelObservationContext;

/**
 * Records each observed call of a chat model: of a tool loop each round, of a call that failed the failure. The figures are those
 * of the provider's answer where it was read along, else those that Spring AI hands on, which the record notes as {@value
 * #BY_FRAMEWORK}. Whose call it is say the parameters of the client's advisors: the conversation of the chat memory, and those
 * that begin with {@value #PREFIX}.
 */
final class SpringAiRecords implements ObservationHandler<ChatModelObservationContext> {

    /** The source of the records. */
    static final String SOURCE = "spring-ai";

    /** Advisor parameters that begin so say whose call it is: session, conversation, role, task, and labels of any name. */
    static final String PREFIX = "tokenledger.";

    /** Noted where the counts are the framework's, which leaves some out. */
    static final String BY_FRAMEWORK = "usage_by_framework";

    /** Spring AI's names of providers whose input leaves out what was cached. */
    private static final List<String> EXCLUSIVE = List.of("anthropic", "bedrock-converse", "bedrock_converse");

    private final Recorder recorder;
    private final Answers answers;
    private final InstantSource clock;
    private final Attribution everywhere;
    private final OpenCalls openCalls = new OpenCalls();

    /** What is remembered of a call while it lasts. */
    private record Started(Instant at, Attribution attribution, OpenCall open, String reservation) {}

    SpringAiRecords(Recorder recorder, Answers answers, InstantSource clock, Attribution everywhere) {
        this.recorder = recorder;
        this.answers = answers;
        this.clock = clock;
        this.everywhere = everywhere;
    }

    @Override
    public boolean supportsContext(Observation.Context context) {
        return context instanceof ChatModelObservationContext;
    }

    /** An exception from a handler would reach the caller. */
    @Override
    public void onStart(ChatModelObservationContext context) {
        try {
            begin(context);
        } catch (RuntimeException e) {
            recorder.unread("an observed model call", e);
        }
    }

    private void begin(ChatModelObservationContext context) {
        // What is set on the thread is read here, for a stream ends on another one.
        Call call = Call.of(context);
        context.put(
                Started.class,
                new Started(
                        clock.instant(),
                        Attribution.current(),
                        openCalls.begin(call.provider, call.requested),
                        reservation(context)));
    }

    @Override
    public void onStop(ChatModelObservationContext context) {
        try {
            record(context);
        } catch (RuntimeException e) {
            recorder.unread("an observed model call", e);
        }
    }

    private void record(ChatModelObservationContext context) {
        Instant now = clock.instant();
        Started started = context.get(Started.class);
        if (started == null) {
            // Some other handler's exception kept this one from being told of the start.
            return;
        }
        boolean alone = openCalls.end(started.open);
        Attribution attribution = attribution(context).over(started.attribution).over(everywhere);
        Call call = Call.of(context);
        Optional<Answer> answer = answers.claim(call.id);
        if (answer.isEmpty() && call.outcome != Outcome.SUCCESS && alone) {
            answer = answers.claimIncomplete(call.provider, call.requested, started.at);
        }
        List<UsageRecord.Builder> records =
                answer.map(read -> ofAnswer(read, call)).orElseGet(() -> List.of(call.typed()));
        Duration lasted = Duration.between(started.at, now);
        boolean settles = answer.isPresent() || call.isCostKnown(context.getError());
        for (int i = 0; i < records.size(); i++) {
            UsageRecord.Builder record = records.get(i);
            boolean last = i == records.size() - 1;
            recorder.record(
                    () -> record.timestamp(started.at)
                            .duration(lasted.isNegative() ? Duration.ZERO : lasted)
                            .outcome(call.outcome)
                            .source(SOURCE)
                            .build(),
                    attribution,
                    last && settles ? started.reservation : "");
        }
    }

    private static List<UsageRecord.Builder> ofAnswer(Answer answer, Call call) {
        ProviderResponse response = answer.response();
        List<UsageRecord.Builder> records = response.toRecords(call.provider);
        // The answer's own pass alone was asked for by this name.
        call.request(records.get(0), response.model());
        return records;
    }

    /** What the advisors of the client call around a model call were told; nothing where a model is called without a client. */
    private static Attribution attribution(ChatModelObservationContext context) {
        for (ObservationView around = context.getParentObservation();
                around != null;
                around = around.getContextView().getParentObservation()) {
            Attribution stated = attribution(parameters(around.getContextView()));
            if (!stated.isEmpty()) {
                return stated;
            }
        }
        return Attribution.NONE;
    }

    /** What parameters of an advisor say. */
    static Attribution attribution(Map<String, @Nullable Object> parameters) {
        Map<String, @Nullable Object> stated = new HashMap<>();
        parameters.forEach((name, value) -> {
            if (name.equals(ChatMemory.CONVERSATION_ID)) {
                stated.putIfAbsent("conversation", value);
            } else if (name.startsWith(PREFIX)) {
                stated.put(name.substring(PREFIX.length()), value);
            }
        });
        return Attribution.ofLabels(stated);
    }

    /** What the advisor right around the model's call has reserved; empty if there is none. */
    private static String reservation(ChatModelObservationContext context) {
        ObservationView around = context.getParentObservation();
        BudgetAdvisor.Reserved reserved = around == null ? null : BudgetAdvisor.of(parameters(around.getContextView()));
        return reserved == null ? "" : reserved.begin();
    }

    private static Map<String, @Nullable Object> parameters(Observation.ContextView view) {
        if (view instanceof AdvisorObservationContext advisor) {
            return advisor.getChatClientRequest().context();
        }
        return view instanceof ChatClientObservationContext client
                ? client.getRequest().context()
                : Map.of();
    }

    /** A call as Spring AI tells of it; nearly everything may be absent. */
    private record Call(
            String provider,
            String id,
            String requested,
            String served,
            Outcome outcome,
            @Nullable Usage usage) {

        static Call of(ChatModelObservationContext context) {
            ChatResponseMetadata metadata =
                    context.getResponse() == null ? null : context.getResponse().getMetadata();
            String requested = context.getRequest().getOptions() == null
                    ? ""
                    : text(context.getRequest().getOptions().getModel());
            String served = metadata == null ? "" : text(metadata.getModel());
            // A streamed tool call of Ollama's has the name twice in a row.
            boolean doubled = !requested.isEmpty() && served.equals(requested + requested);
            return new Call(
                    text(context.getOperationMetadata().provider()).replace("google_genai", "google"),
                    metadata == null ? "" : text(metadata.getId()),
                    requested,
                    doubled ? requested : served,
                    outcome(context),
                    metadata == null ? null : metadata.getUsage());
        }

        /** A stream that its reader leaves has neither an error nor a response. */
        private static Outcome outcome(ChatModelObservationContext context) {
            Throwable error = context.getError();
            if (error == null) {
                return context.getResponse() == null ? Outcome.CANCELED : Outcome.SUCCESS;
            }
            return error instanceof CancellationException ? Outcome.CANCELED : Outcome.ERROR;
        }

        /** Whether what Spring AI tells is all that the call has cost; a stream that was left has cost what nobody knows. */
        boolean isCostKnown(@Nullable Throwable error) {
            return outcome != Outcome.CANCELED && !CallGuard.mayHaveBeenCharged(error);
        }

        /** Sets the models of a record. */
        void request(UsageRecord.Builder record, String answered) {
            String model = answered.isEmpty() ? served : answered;
            record.upstreamModel(model.isEmpty() ? (requested.isEmpty() ? "unknown" : requested) : model);
            if (!requested.isEmpty() && !requested.equals(model)) {
                record.requestedModel(requested);
            }
        }

        /** The figures that Spring AI hands on. */
        UsageRecord.Builder typed() {
            UsageRecord.Builder record = UsageRecord.builder().provider(provider);
            RecordId.ofResponse(provider, id).ifPresent(record::id);
            if (!id.isEmpty()) {
                record.upstreamRequestId(id);
            }
            request(record, served);
            if (usage != null) {
                record.tokens(tokens(usage)).note(BY_FRAMEWORK);
            }
            return record;
        }

        private TokenCounts tokens(Usage usage) {
            long input = count(usage.getPromptTokens());
            long output = count(usage.getCompletionTokens());
            long reads = count(usage.getCacheReadInputTokens());
            long writes = count(usage.getCacheWriteInputTokens());
            if (!EXCLUSIVE.contains(provider) && reads + writes <= input) {
                input -= reads + writes;
            }
            if (provider.equals("google")) {
                // What was thought is in the total alone.
                output = Math.max(output, count(usage.getTotalTokens()) - input - reads - writes);
            }
            return TokenCounts.builder()
                    .input(input)
                    .output(output)
                    .cacheCreation(writes)
                    .cacheRead(reads)
                    .build();
        }

        private static long count(@Nullable Number stated) {
            return stated == null ? 0 : Math.max(0, stated.longValue());
        }
    }

    static String text(@Nullable String text) {
        return text == null ? "" : text.strip();
    }
}
