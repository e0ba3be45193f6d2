package dev.tokenledger.spring;

import dev.tokenledger.capture.Capture;
import dev.tokenledger.capture.CapturedCall;
import dev.tokenledger.capture.Route;
import dev.tokenledger.payloads.ProviderResponse;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Providers' answers that were read along the way, until Spring AI's observation of the same call asks for them by their id.
 * What nobody asks for, such as the answer of a stream that broke off, whose observation never learns the id, is recorded by
 * itself after a while: it was paid. Bounded, and safe for use by many threads.
 */
final class Answers implements AutoCloseable {

    /** How many answers are kept for their observations at most; the oldest is recorded by itself first. */
    static final int MAX_KEPT = 1_000;

    /** How long an answer is kept. An observation ends right after its answer, or never. */
    static final Duration KEPT = Duration.ofSeconds(10);

    /** Noted on what was read of an answer that did not come to its end. */
    private static final String INCOMPLETE = "output_incomplete";

    private final Recorder recorder;
    private final InstantSource clock;
    private final Map<String, Answer> byId = new LinkedHashMap<>();

    /**
     * An answer.
     *
     * @param provider who was called, as Spring AI names it
     * @param requestedModel the model that was asked for; empty if it is not known
     * @param ended when it was read to its end
     */
    record Answer(
            String provider,
            String requestedModel,
            ProviderResponse response,
            Instant started,
            Instant ended,
            Attribution attribution) {}

    private volatile Runnable stop = () -> {};

    private Answers(Recorder recorder, InstantSource clock) {
        this.recorder = recorder;
        this.clock = clock;
    }

    /** Answers that are recorded by themselves only when {@link #sweep} is called, others end, or all is closed. */
    static Answers unswept(Recorder recorder, InstantSource clock) {
        return new Answers(recorder, clock);
    }

    /** Answers that a thread looks after until they are closed. */
    static Answers swept(Recorder recorder, InstantSource clock) {
        ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread daemon = new Thread(task, "tokenledger-answers");
            daemon.setDaemon(true);
            return daemon;
        });
        Answers answers = new Answers(recorder, clock);
        // An idle program's last answer; while others come, they sweep. A recorder never throws, so neither does this.
        ScheduledFuture<?> sweeping =
                thread.scheduleWithFixedDelay(answers::sweep, KEPT.toSeconds(), KEPT.toSeconds(), TimeUnit.SECONDS);
        answers.stop = () -> {
            sweeping.cancel(false);
            thread.shutdownNow();
        };
        return answers;
    }

    InstantSource clock() {
        return clock;
    }

    /**
     * Keeps what one provider's client is answered.
     *
     * @param provider as Spring AI names it, whatever host its client calls
     */
    Capture capture(String provider) {
        return Capture.to(call -> ended(provider, call), recorder)
                .route(uri -> Route.of(uri).map(route -> new Route(provider, route.format(), "")))
                .clock(clock)
                .build();
    }

    private void ended(String provider, CapturedCall call) {
        call.response()
                .ifPresent(response -> ended(new Answer(
                        provider,
                        call.requestedModel(),
                        response,
                        call.start(),
                        call.start().plus(call.duration()),
                        call.attribution())));
    }

    /** Keeps an answer; one without an id cannot be asked for, and its observation tells what it can. */
    void ended(Answer answer) {
        List<Answer> unclaimed;
        synchronized (byId) {
            unclaimed = overdue(answer.ended.minus(KEPT));
            if (!answer.response.responseId().isEmpty()) {
                byId.put(answer.response.responseId(), answer);
            }
        }
        unclaimed.forEach(this::record);
    }

    /** The answer of this id, which is no longer kept then. */
    Optional<Answer> claim(String id) {
        synchronized (byId) {
            return Optional.ofNullable(byId.remove(id));
        }
    }

    /** The only answer of this model since an instant that broke off or was left; empty if there is none, or several. */
    Optional<Answer> claimIncomplete(String provider, String requestedModel, Instant since) {
        synchronized (byId) {
            List<Answer> fitting = byId.values().stream()
                    .filter(answer -> answer.provider.equals(provider)
                            && answer.requestedModel.equals(requestedModel)
                            && !answer.started.isBefore(since)
                            && answer.response.usage().notes().contains(INCOMPLETE))
                    .toList();
            if (fitting.size() != 1) {
                return Optional.empty();
            }
            return Optional.ofNullable(byId.remove(fitting.get(0).response.responseId()));
        }
    }

    /** Records what nobody asked for in time. */
    void sweep() {
        List<Answer> unclaimed;
        synchronized (byId) {
            unclaimed = overdue(clock.instant().minus(KEPT));
        }
        unclaimed.forEach(this::record);
    }

    private List<Answer> overdue(Instant before) {
        List<Answer> unclaimed = new ArrayList<>();
        Iterator<Answer> kept = byId.values().iterator();
        while (kept.hasNext()) {
            Answer answer = kept.next();
            if (byId.size() - unclaimed.size() <= MAX_KEPT && answer.ended.isAfter(before)) {
                break;
            }
            unclaimed.add(answer);
        }
        unclaimed.forEach(answer -> byId.remove(answer.response.responseId()));
        return unclaimed;
    }

    /** Records all that nobody asked for. */
    @Override
    public void close() {
        stop.run();
        List<Answer> unclaimed;
        synchronized (byId) {
            unclaimed = List.copyOf(byId.values());
            byId.clear();
        }
        unclaimed.forEach(this::record);
    }

    private void record(Answer answer) {
        for (UsageRecord.Builder record : answer.response.toRecords(answer.provider)) {
            recorder.record(
                    () -> requested(record, answer)
                            .timestamp(answer.started)
                            .duration(Duration.between(answer.started, answer.ended))
                            .source(SpringAiRecords.SOURCE)
                            .build(),
                    answer.attribution);
        }
    }

    /** The answer's own pass alone was asked for by this name; an advisor has one of its own. */
    private static UsageRecord.Builder requested(UsageRecord.Builder record, Answer answer) {
        boolean named = answer.requestedModel.isEmpty() || answer.requestedModel.equals(answer.response.model());
        return named ? record : record.requestedModel(answer.requestedModel);
    }
}
