package dev.tokenledger.usage;

import dev.tokenledger.text.ModelNames;
import dev.tokenledger.text.Texts;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/** The delivered fields by their JSON names, in the order in which a difference is looked for. */
final class RecordFields {

    private record Field(String name, Function<UsageRecord, Object> value) {}

    private static final String ATTRIBUTES = "attributes";

    private static final List<Field> FIELDS = List.of(
            new Field("timestamp", UsageRecord::timestamp),
            new Field("model", record -> record.identity().model()),
            new Field("upstream_model", record -> record.identity().upstreamModel()),
            new Field("resource", record -> record.identity().resource()),
            new Field("provider", record -> record.identity().provider()),
            new Field("requested_model", UsageRecord::requestedModel),
            new Field("request_id", UsageRecord::requestId),
            new Field("session_id", UsageRecord::sessionId),
            new Field("conversation_id", UsageRecord::conversationId),
            new Field("upstream_request_id", UsageRecord::upstreamRequestId),
            new Field("input_tokens", record -> record.tokens().input()),
            new Field("output_tokens", record -> record.tokens().output()),
            new Field("cache_creation_input_tokens", record -> record.tokens().cacheCreation()),
            new Field(
                    "cache_creation_5m_input_tokens", record -> record.tokens().cacheCreation5m()),
            new Field(
                    "cache_creation_1h_input_tokens", record -> record.tokens().cacheCreation1h()),
            new Field("cache_read_input_tokens", record -> record.tokens().cacheRead()),
            new Field("reasoning_tokens", record -> record.tokens().reasoning()),
            new Field("audio_input_tokens", record -> record.tokens().audioInput()),
            new Field("image_input_tokens", record -> record.tokens().imageInput()),
            new Field("audio_output_tokens", record -> record.tokens().audioOutput()),
            new Field("image_output_tokens", record -> record.tokens().imageOutput()),
            new Field("cached_audio_read_tokens", record -> record.tokens().cachedAudioRead()),
            new Field("passes", UsageRecord::passes),
            new Field("calls", UsageRecord::calls),
            new Field("role", UsageRecord::role),
            new Field("task_name", UsageRecord::taskName),
            new Field("outcome", record -> record.outcome().text()),
            new Field("duration_ms", record -> record.duration().map(duration -> duration.toMillis())),
            new Field("service_tier", UsageRecord::serviceTier),
            new Field("requested_service_tier", UsageRecord::requestedServiceTier),
            new Field("region", UsageRecord::region),
            new Field(ATTRIBUTES, UsageRecord::attributes),
            new Field("source", UsageRecord::source),
            new Field("aggregate", UsageRecord::aggregate),
            new Field("reported_cost_usd", UsageRecord::reportedCost),
            new Field("cost_usd", record -> record.givenCost().map(UsageRecord.GivenCost::amount)),
            new Field(
                    "pricing_status",
                    record -> record.givenCost().map(cost -> cost.status().text())));

    private static final Set<String> IDENTITY =
            Set.of("model", "upstream_model", "resource", "provider", "requested_model");

    private static final int MAX_SHOWN_LENGTH = 200;

    private RecordFields() {}

    static Optional<UsageRecord.Difference> firstDifference(UsageRecord stored, UsageRecord offered) {
        boolean sameModel = sameModel(stored, offered);
        for (Field field : FIELDS) {
            if (sameModel && IDENTITY.contains(field.name)) {
                continue;
            }
            Object had = compared(field, stored, offered);
            Object has = compared(field, offered, stored);
            if (!had.equals(has) && !isAbsentTimestamp(field, has) && !isNewlyRead(field, had)) {
                return Optional.of(new UsageRecord.Difference(field.name, text(had), text(has)));
            }
        }
        return Optional.empty();
    }

    /** One model, though an earlier version may have kept its names, or what is no name, in another form. */
    private static boolean sameModel(UsageRecord stored, UsageRecord offered) {
        if (stored.identity().equals(offered.identity())) {
            return stored.requestedModel().equals(offered.requestedModel());
        }
        if (stored.requestedModel().equals(offered.requestedModel())) {
            return stored.identity().isSameOverVersions(offered.identity());
        }
        return isNamedByRequest(stored, offered) || isNamedByRequest(offered, stored);
    }

    private static boolean isNamedByRequest(UsageRecord before, UsageRecord now) {
        return !ModelNames.isName(before.identity().upstreamModel())
                && now.requestedModel().isEmpty()
                && before.requestedModel().equals(now.identity().upstreamModel());
    }

    private static boolean isAbsentTimestamp(Field field, Object offered) {
        return field.name.equals("timestamp") && offered.equals(Optional.empty());
    }

    /**
     * Whether the stored record lacks what earlier versions of the readers did not read: a call that one of them stored is the
     * same call when it is read again with more detail.
     */
    private static boolean isNewlyRead(Field field, Object stored) {
        return switch (field.name) {
            case "region" -> stored.equals("");
            case "passes" -> stored.equals(List.of());
            case "cached_audio_read_tokens" -> stored.equals(0L);
            default -> false;
        };
    }

    /** A record's value to be compared with another's: of the attributes those that neither of the two got from a server. */
    private static Object compared(Field field, UsageRecord record, UsageRecord other) {
        return field.name.equals(ATTRIBUTES) ? delivered(record, other) : field.value.apply(record);
    }

    private static Map<String, String> delivered(UsageRecord record, UsageRecord other) {
        if (record.stampedAttributes().isEmpty() && other.stampedAttributes().isEmpty()) {
            return record.attributes();
        }
        Map<String, String> attributes = new TreeMap<>(record.attributes());
        attributes.keySet().removeAll(record.stampedAttributes());
        attributes.keySet().removeAll(other.stampedAttributes());
        return attributes;
    }

    /** A conflict's values are for people to look at, so long ones (whole maps of attributes) are cut. */
    private static String text(Object value) {
        String text = value instanceof Optional<?> optional
                ? optional.map(Object::toString).orElse("")
                : value.toString();
        return Texts.cut(text, MAX_SHOWN_LENGTH);
    }
}
