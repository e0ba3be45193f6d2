package dev.tokenledger.summary;

import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What totals are grouped or filtered by. The empty value of a dimension stands for "none".
 *
 * @param name the name in queries and JSON
 */
public record Dimension(String name) {

    private static final String ATTRIBUTE = "attribute.";

    private static final int MAX_SHOWN_LENGTH = 64;

    /** Stands before the constants, whose construction it checks. */
    private static final Set<String> NAMES = Set.of(
            "model",
            "upstream_model",
            "provider",
            "resource",
            "role",
            "task",
            "session",
            "conversation",
            "source",
            "pricing_status",
            "outcome",
            "service_tier");

    /** The selected deployment's id; {@code deployment} means the same. */
    public static final Dimension MODEL = new Dimension("model");
    /** The model's name at the provider. */
    public static final Dimension UPSTREAM_MODEL = new Dimension("upstream_model");
    /** The provider's family. */
    public static final Dimension PROVIDER = new Dimension("provider");
    /** The server or endpoint. */
    public static final Dimension RESOURCE = new Dimension("resource");
    /** The caller's role. */
    public static final Dimension ROLE = new Dimension("role");
    /** The task's name. */
    public static final Dimension TASK = new Dimension("task");
    /** The caller's session. */
    public static final Dimension SESSION = new Dimension("session");
    /** The caller's conversation. */
    public static final Dimension CONVERSATION = new Dimension("conversation");
    /** The reader or program that delivered the record. */
    public static final Dimension SOURCE = new Dimension("source");
    /** Priced, partial or unpriced. */
    public static final Dimension PRICING_STATUS = new Dimension("pricing_status");
    /** How the call ended. */
    public static final Dimension OUTCOME = new Dimension("outcome");
    /** The service tier that served the call. */
    public static final Dimension SERVICE_TIER = new Dimension("service_tier");

    private static final List<Dimension> ALL = List.of(
            MODEL,
            UPSTREAM_MODEL,
            PROVIDER,
            RESOURCE,
            ROLE,
            TASK,
            SESSION,
            CONVERSATION,
            SOURCE,
            PRICING_STATUS,
            OUTCOME,
            SERVICE_TIER);

    /** @throws IllegalArgumentException if there is none of that name, or an attribute's key is blank or too long */
    public Dimension {
        if (name.startsWith(ATTRIBUTE)) {
            String key = Texts.checked("attribute.<key>", name.substring(ATTRIBUTE.length()), Bound.ID);
            if (key.isEmpty()) {
                throw new IllegalArgumentException("attribute.<key>: must not be blank");
            }
            name = ATTRIBUTE + key;
        } else if (!NAMES.contains(name)) {
            throw new IllegalArgumentException("unknown dimension \"" + Texts.cut(name, MAX_SHOWN_LENGTH) + "\"");
        }
    }

    /** All dimensions but attributes, whose keys are the callers' own. */
    public static List<Dimension> all() {
        return ALL;
    }

    /**
     * The dimension of an attribute's values.
     *
     * @throws IllegalArgumentException if the key is blank or longer than 128 characters
     */
    public static Dimension attribute(String key) {
        return new Dimension(ATTRIBUTE + key);
    }

    /**
     * Reads a dimension's name; blanks around it are ignored, and {@code deployment} means {@code model}.
     *
     * @throws IllegalArgumentException if there is none of that name; the message lists the names
     */
    public static Dimension parse(String text) {
        String name = text.strip();
        if (name.equals("deployment")) {
            return MODEL;
        }
        if (name.startsWith(ATTRIBUTE) && name.length() > ATTRIBUTE.length()) {
            return new Dimension(name);
        }
        for (Dimension dimension : ALL) {
            if (dimension.name.equals(name)) {
                return dimension;
            }
        }
        throw new IllegalArgumentException("unknown dimension \"" + Texts.cut(name, MAX_SHOWN_LENGTH)
                + "\"; expected one of deployment, "
                + ALL.stream().map(Dimension::name).collect(Collectors.joining(", ")) + ", attribute.<key>");
    }

    /** The attribute's key, for a dimension of one. */
    public Optional<String> attributeKey() {
        return name.startsWith(ATTRIBUTE) ? Optional.of(name.substring(ATTRIBUTE.length())) : Optional.empty();
    }

    /**
     * A record's value in this dimension; empty where it has none.
     *
     * @param pricingStatus the status of the record's cost, which the record itself does not know
     */
    public String valueOf(UsageRecord record, String pricingStatus) {
        Optional<String> key = attributeKey();
        if (key.isPresent()) {
            return record.attributes().getOrDefault(key.get(), "");
        }
        return switch (name) {
            case "model" -> record.identity().model();
            case "upstream_model" -> record.identity().upstreamModel();
            case "provider" -> record.identity().provider();
            case "resource" -> record.identity().resource();
            case "role" -> record.role();
            case "task" -> record.taskName();
            case "session" -> record.sessionId();
            case "conversation" -> record.conversationId();
            case "source" -> record.source();
            case "pricing_status" -> pricingStatus;
            case "outcome" -> record.outcome().text();
            case "service_tier" -> record.serviceTier();
            default -> throw new IllegalStateException("dimension " + name + " has no value");
        };
    }

    /** Written out, as is {@link #hashCode}: a record's own is linked anew in each process, which a short command feels. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Dimension dimension && name.equals(dimension.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public String toString() {
        return name;
    }
}
