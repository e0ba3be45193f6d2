package dev.tokenledger.capture;

import dev.tokenledger.payloads.ProviderResponse;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A call that has ended, as it was seen on the wire. One that was retried is several.
 *
 * @param provider the provider that was called
 * @param format the convention of its answer, see {@link dev.tokenledger.payloads.UsagePayload#format}
 * @param requestedModel the model that was asked for; empty if the request does not say
 * @param response what the answer says; empty if there was none, or an error
 * @param status the HTTP status; 0 if there was no answer
 * @param outcome whether the answer was read to its end ({@code SUCCESS}), the caller left it ({@code CANCELED}), or it failed
 *     or broke off ({@code ERROR})
 * @param start when the call began
 * @param duration until its answer ended
 * @param attribution what was set where the call began
 */
public record CapturedCall(
        String provider,
        String format,
        String requestedModel,
        Optional<ProviderResponse> response,
        int status,
        Outcome outcome,
        Instant start,
        Duration duration,
        Attribution attribution) {

    /** The source of records that the capture makes. */
    public static final String SOURCE = "capture";

    private static final int MAX_MODEL = 512;

    /** The provider's id of the answer; empty if there is none. */
    public String responseId() {
        return response.map(ProviderResponse::responseId).orElse("");
    }

    /** Whether the answer was read to its end. */
    public boolean complete() {
        return outcome == Outcome.SUCCESS;
    }

    /**
     * Records of the call, under the id {@code PROVIDER:RESPONSE_ID} where the answer has one: one, and one more for each other
     * model that took part. A call that failed has no tokens and costs nothing; its status is noted.
     */
    public List<UsageRecord> toRecords() {
        List<UsageRecord.Builder> builders =
                response.map(answer -> answer.toRecords(provider)).orElseGet(() -> List.of(failed()));
        List<UsageRecord> records = new ArrayList<>(builders.size());
        for (UsageRecord.Builder builder : builders) {
            String model = requestedModel.length() > MAX_MODEL ? "" : requestedModel;
            boolean own = records.isEmpty();
            boolean servedNamed =
                    response.filter(answer -> !answer.model().isEmpty()).isPresent();
            if (own && !servedNamed) {
                builder.upstreamModel(model.isEmpty() ? "unknown" : model);
            } else if (own
                    && !model.isEmpty()
                    && !model.equals(response.orElseThrow().model())) {
                builder.requestedModel(model);
            }
            records.add(attribution.applyTo(builder.timestamp(start)
                    .duration(duration)
                    .outcome(outcome)
                    .source(SOURCE)
                    .build()));
        }
        return records;
    }

    private UsageRecord.Builder failed() {
        UsageRecord.Builder builder = UsageRecord.builder().provider(provider);
        return status == 0 ? builder : builder.note("http_" + status);
    }
}
