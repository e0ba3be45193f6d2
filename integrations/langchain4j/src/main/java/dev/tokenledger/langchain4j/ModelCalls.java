package dev.tokenledger.langchain4j;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.model.ModelProvider;
import dev.tokenledger.capture.Capture;
import dev.tokenledger.capture.CaptureListener;
import dev.tokenledger.capture.CapturedCall;
import dev.tokenledger.capture.Route;
import dev.tokenledger.payloads.ProviderResponse;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What all hooks of a recording share: how calls become records. The figures are those of the answer as the HTTP client saw it,
 * else of the raw answer that the framework hands on, else the framework's own, which the record notes as {@value
 * Answers#BY_FRAMEWORK}. Immutable, but for the call that each thread is about to send.
 */
final class ModelCalls {

    private static final int MAX_MODEL = 512;
    private static final int MAX_CAUSES = 16;

    private final Recorder recorder;
    private final InstantSource clock;
    private final String statedProvider;
    private final Attribution everywhere;
    private final List<Function<URI, Optional<Route>>> routes;

    /** A listener is told of a request on the thread that then sends it. Each recording has its own: two may be told of one. */
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable ModelCall> unsent = new ThreadLocal<>();

    ModelCalls(
            Recorder recorder,
            InstantSource clock,
            String statedProvider,
            Attribution everywhere,
            List<Function<URI, Optional<Route>>> routes) {
        this.recorder = recorder;
        this.clock = clock;
        this.statedProvider = statedProvider;
        this.everywhere = everywhere;
        this.routes = routes;
    }

    Instant now() {
        return clock.instant();
    }

    void failed(Throwable cause) {
        recorder.unread("a model call of LangChain4j", cause);
    }

    /** The provider's name: of the recording, else the framework's; empty if there is neither. */
    String provider(@Nullable ModelProvider provider) {
        if (!statedProvider.isEmpty()) {
            return statedProvider;
        }
        return provider == null || provider == ModelProvider.OTHER
                ? ""
                : provider.name().toLowerCase(Locale.ROOT);
    }

    /** A call begins on this thread. */
    ModelCall begin(@Nullable ModelProvider provider, @Nullable String model, Attribution attribution) {
        return begin(provider, model, attribution, "");
    }

    /** A call begins on this thread that a budget was asked for. */
    ModelCall begin(
            @Nullable ModelProvider provider, @Nullable String model, Attribution attribution, String reservation) {
        return new ModelCall(provider(provider), text(model), attribution.over(everywhere), now(), reservation);
    }

    /** What listener attributes say. */
    static Attribution ofAttributes(Map<Object, Object> attributes) {
        Map<String, Object> stated = new HashMap<>();
        attributes.forEach((key, value) -> {
            if (key instanceof String name && name.startsWith(LangChain4jRecording.PREFIX)) {
                stated.put(name.substring(LangChain4jRecording.PREFIX.length()), value);
            }
        });
        return Attribution.ofLabels(stated);
    }

    void aboutToSend(ModelCall call) {
        unsent.set(call);
    }

    /** The call that this thread is about to send; a model may send several requests for one. */
    Optional<ModelCall> toSend() {
        ModelCall call = unsent.get();
        if (call != null && call.isEnded()) {
            unsent.remove();
            return Optional.empty();
        }
        return Optional.ofNullable(call);
    }

    void sent() {
        unsent.remove();
    }

    /** A capture for one request of a call, or of none that a listener told of. */
    Capture capture(@Nullable ModelCall call) {
        CaptureListener listener = call == null ? this::record : call::captured;
        Capture.Builder capture = Capture.to(listener, recorder).clock(clock);
        routes.forEach(capture::route);
        return capture.build();
    }

    Attribution everywhere() {
        return everywhere;
    }

    /** A call that no listener told of, as it was seen on the wire. */
    private void record(CapturedCall captured) {
        for (UsageRecord record : captured.toRecords()) {
            recorder.record(
                    () -> record.toBuilder()
                            .source(LangChain4jRecording.SOURCE)
                            .provider(statedProvider.isEmpty() ? captured.provider() : statedProvider)
                            .build(),
                    Attribution.NONE);
        }
    }

    /** The call was answered. */
    void answered(ModelCall call, ProviderResponse stated) {
        Optional<List<CapturedCall>> ended = call.end(true);
        ended.ifPresent(captured -> answered(call, captured, stated));
    }

    private void answered(ModelCall call, List<CapturedCall> captured, ProviderResponse stated) {
        List<CapturedCall> answers =
                captured.stream().filter(one -> one.response().isPresent()).toList();
        List<Supplier<UsageRecord>> records = new ArrayList<>();
        if (answers.isEmpty()) {
            add(records, call, provider(call, null), stated, Outcome.SUCCESS, call.start(), elapsed(call));
        }
        for (CapturedCall answer : answers) {
            ProviderResponse seen = answer.response().orElseThrow();
            boolean lacksUsage = answers.size() == 1 && !Answers.statesUsage(seen) && Answers.statesUsage(stated);
            add(
                    records,
                    call,
                    provider(call, answer),
                    lacksUsage ? stated : seen,
                    answers.size() == 1 ? Outcome.SUCCESS : answer.outcome(),
                    answer.start(),
                    answer.duration());
        }
        record(call, records, true);
    }

    /** The call failed, or was given up. */
    void failed(ModelCall call, @Nullable Throwable error) {
        Outcome outcome = error instanceof CancellationException ? Outcome.CANCELED : Outcome.ERROR;
        boolean free = !CallGuard.mayHaveBeenCharged(error);
        call.end(false).ifPresent(captured -> failed(call, captured, outcome, status(error), free));
    }

    /** An answer has ended that the framework was not told the end of: it broke off, or its reader has left it. */
    void ended(ModelCall call) {
        call.end(false).ifPresent(captured -> {
            boolean left = captured.stream().anyMatch(one -> one.outcome() == Outcome.CANCELED);
            int status =
                    captured.isEmpty() ? 0 : captured.get(captured.size() - 1).status();
            failed(call, captured, left ? Outcome.CANCELED : Outcome.ERROR, status / 100 == 2 ? 0 : status, false);
        });
    }

    /** What was seen of a call tells what it cost; of one without an answer it must be free for its reservation to end. */
    private void failed(ModelCall call, List<CapturedCall> captured, Outcome outcome, int status, boolean free) {
        List<CapturedCall> answers =
                captured.stream().filter(one -> one.response().isPresent()).toList();
        List<Supplier<UsageRecord>> records = new ArrayList<>();
        for (CapturedCall answer : answers) {
            add(
                    records,
                    call,
                    provider(call, answer),
                    answer.response().orElseThrow(),
                    outcome,
                    answer.start(),
                    answer.duration());
        }
        if (answers.isEmpty()) {
            CapturedCall last = captured.isEmpty() ? null : captured.get(captured.size() - 1);
            int seen = status != 0 || last == null || last.status() / 100 == 2 ? status : last.status();
            UsageRecord.Builder record = UsageRecord.builder().provider(provider(call, last));
            if (seen != 0) {
                record.note("http_" + seen);
            }
            add(records, call, record, "", outcome, call.start(), elapsed(call));
        }
        record(call, records, free || !answers.isEmpty());
    }

    private static Duration elapsed(ModelCall call) {
        return Duration.ofNanos(Math.max(0, call.nanos()));
    }

    private static void add(
            List<Supplier<UsageRecord>> to,
            ModelCall call,
            String provider,
            ProviderResponse response,
            Outcome outcome,
            Instant start,
            Duration duration) {
        List<UsageRecord.Builder> records = response.toRecords(provider);
        add(to, call, records.get(0), response.model(), outcome, start, duration);
        // An advisor has a model of its own, by another name than was asked for.
        for (UsageRecord.Builder advisor : records.subList(1, records.size())) {
            to.add(() -> finished(advisor, outcome, start, duration));
        }
    }

    private static void add(
            List<Supplier<UsageRecord>> to,
            ModelCall call,
            UsageRecord.Builder record,
            String served,
            Outcome outcome,
            Instant start,
            Duration duration) {
        String requested = call.requestedModel().length() > MAX_MODEL ? "" : call.requestedModel();
        to.add(() -> {
            if (served.isEmpty()) {
                record.upstreamModel(requested.isEmpty() ? "unknown" : requested);
            } else if (!requested.isEmpty() && !requested.equals(served)) {
                record.requestedModel(requested);
            }
            return finished(record, outcome, start, duration);
        });
    }

    /** Hands over what became of a call; the last of its records ends its reservation. */
    private void record(ModelCall call, List<Supplier<UsageRecord>> records, boolean settles) {
        for (int i = 0; i < records.size(); i++) {
            boolean last = i == records.size() - 1;
            recorder.record(records.get(i), call.attribution(), last && settles ? call.reservation() : "");
        }
    }

    private static UsageRecord finished(UsageRecord.Builder record, Outcome outcome, Instant start, Duration duration) {
        return record.timestamp(start)
                .duration(duration)
                .outcome(outcome)
                .source(LangChain4jRecording.SOURCE)
                .build();
    }

    /** OpenAI's models call any host that speaks as it does; the others' names say more than an address. */
    private String provider(ModelCall call, @Nullable CapturedCall seen) {
        boolean byAddress = call.provider().isEmpty() || call.provider().equals("open_ai");
        return statedProvider.isEmpty() && byAddress && seen != null ? seen.provider() : call.provider();
    }

    private static int status(@Nullable Throwable error) {
        Throwable cause = error;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof HttpException http) {
                return http.statusCode() > 0 && http.statusCode() < 1_000 ? http.statusCode() : 0;
            }
            cause = cause.getCause();
        }
        return 0;
    }

    static String text(@Nullable String text) {
        return text == null ? "" : text.strip();
    }
}
