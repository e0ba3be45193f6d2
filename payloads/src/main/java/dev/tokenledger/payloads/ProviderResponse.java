package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;

/**
 * What a provider's answer says of its call.
 *
 * <pre>{@code
 * ProviderResponse response = ProviderResponse.of("openai-chat", body);
 * ledger.append(response.toRecord().provider("openai").sessionId(session).build());
 * }</pre>
 *
 * @param responseId the provider's own id of the answer; empty where the format has none
 * @param model the model that answered, as the provider names it; empty where the format does not say (Bedrock Converse, Cohere)
 * @param usage tokens, tool calls, the tier that served
 */
public record ProviderResponse(String responseId, String model, PayloadUsage usage) {

    /**
     * Reads a whole body, or all events of a stream in a list.
     *
     * @param format the convention, see {@link UsagePayload#format}
     * @throws IllegalArgumentException if there is no such format, the body is no JSON, has no usage, or a figure is impossible;
     *     the message begins with the field where one is wrong
     */
    public static ProviderResponse of(String format, String body) {
        return ResponseReader.of(format).json(body).finish();
    }

    /**
     * Reads a whole body, or all events of a stream in a list, by the type that it declares: {@code "type":"message"}
     * (Anthropic), {@code "object":"response"} or {@code "object":"chat.completion"} (OpenAI, and those who speak its chat).
     *
     * @throws IllegalArgumentException as {@link #of} does, and if the body declares none of these
     */
    public static ProviderResponse ofDeclared(String body) {
        return ResponseReader.declared().json(body).finish();
    }

    /**
     * Records of all passes: first the answer's own, then one for each {@linkplain PayloadUsage#advisors advisor}, on its model. All
     * have the answer's id; provider and ids of their own are the caller's to add. An advisor whose model is not named is of the
     * model {@code unknown}.
     */
    public List<UsageRecord.Builder> toRecords() {
        List<UsageRecord.Builder> records = new ArrayList<>(1 + usage.advisors().size());
        UsageRecord.Builder own = UsageRecord.builder().upstreamModel(model);
        usage.applyOwnTo(own, false);
        records.add(own.upstreamRequestId(LabelText.sanitize(responseId, Bound.ID, own)));
        for (PayloadUsage.Advisor advisor : usage.advisors()) {
            UsageRecord.Builder record = UsageRecord.builder()
                    .upstreamModel(advisor.model().isEmpty() ? "unknown" : advisor.model())
                    .tokens(advisor.tokens())
                    .notes(advisor.notes())
                    .note("advisor");
            if (!usage.region().isEmpty()) {
                record.region(usage.region());
            }
            if (!usage.serviceTier().isEmpty()) {
                record.serviceTier(usage.serviceTier());
            }
            records.add(record.upstreamRequestId(LabelText.sanitize(responseId, Bound.ID, record)));
        }
        return records;
    }

    /**
     * Records of all passes as {@link #toRecords()} makes them, with provider and ids: the answer's own has the id of {@link
     * #toRecord(String)}, an advisor's that id with {@code :advisor-1}, {@code :advisor-2}, … behind it.
     *
     * @param provider the provider that was called
     */
    public List<UsageRecord.Builder> toRecords(String provider) {
        List<UsageRecord.Builder> records = toRecords();
        for (int i = 0; i < records.size(); i++) {
            String answer = responseId.isBlank() || i == 0 ? responseId : responseId + ":advisor-" + i;
            RecordId.ofResponse(provider, answer).ifPresent(records.get(i)::id);
            records.get(i).provider(provider);
        }
        return records;
    }

    /**
     * A record with all that the answer says, as {@link #toRecord()} makes it, of a provider's model, and with the id {@code
     * PROVIDER:RESPONSE_ID} ({@link RecordId#ofResponse}). Two observers of one call so make copies of one record, which {@link
     * dev.tokenledger.Ledger#revise} takes for one. An answer without an id of its own gets a new one each time.
     *
     * <pre>{@code
     * UsageRecord record = response.toRecord("openai").sessionId(session).build();
     * ledger.revise(record.id().value(), record, Merge.LATEST);
     * }</pre>
     *
     * @param provider the provider that was called, such as {@code openai}; brought to its canonical form
     */
    public UsageRecord.Builder toRecord(String provider) {
        UsageRecord.Builder record = toRecord().provider(provider);
        RecordId.ofResponse(provider, responseId).ifPresent(record::id);
        return record;
    }

    /**
     * A record with all that the answer says, but for advisors, for which it is partial (see {@link #toRecords}); the provider, and a model where the answer has none, are the caller's to add. A
     * response id that a record cannot keep is left out, which it notes as {@code labels_incomplete}.
     */
    public UsageRecord.Builder toRecord() {
        UsageRecord.Builder record = UsageRecord.builder().upstreamModel(model);
        usage.applyTo(record, false);
        record.upstreamRequestId(LabelText.sanitize(responseId, Bound.ID, record));
        return record;
    }
}
