package dev.tokenledger.usage;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.model.ProviderRule;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.ModelNames;
import dev.tokenledger.text.Providers;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What a caller delivered about one model call (or, marked {@linkplain #aggregate() as such}, several): who, which
 * model, how many tokens. Its cost is the ledger's business.
 *
 * <p>Empty texts stand for "not stated". Texts are trimmed and at most 512 characters long, ids 128; counts are 0 to
 * 10¹²; timestamps have microseconds. Immutable and safe for use by many threads. The class is long because it lists
 * every field three times: field, accessor, builder.
 */
public final class UsageRecord {

    /** The most passes of which a record keeps the tokens. */
    public static final int MAX_PASSES = 64;

    /** The most attributes, kinds of paid calls, or notes that one record can carry. */
    public static final int MAX_ENTRIES = 16;

    /**
     * How a note begins that names a member of a provider's or program's usage which bears on the price and which its reader
     * does not know: such a record is never priced in full. The member's name follows.
     */
    public static final String UNPRICED_MEMBER = "unpriced_member_";

    private static final Instant EARLIEST = Instant.parse("1970-01-01T00:00:00Z");
    private static final Instant LATEST = Instant.parse("9999-12-31T00:00:00Z");
    private static final Duration MAX_DURATION = Duration.ofDays(366);
    private static final int MAX_NAME_LENGTH = 63;

    /** Noted where the provider was inferred from a name that has no sign of a host: a guess. */
    private static final String PROVIDER_INFERRED = "provider_inferred";

    private final RecordId id;
    private final @Nullable Instant timestamp;
    private final String requestId;
    private final String sessionId;
    private final String conversationId;
    private final String upstreamRequestId;
    private final ModelIdentity identity;
    private final String requestedModel;
    private final TokenCounts tokens;
    private final List<TokenCounts> passes;
    private final SortedMap<String, Long> calls;
    private final String role;
    private final String taskName;
    private final Outcome outcome;
    private final @Nullable Duration duration;
    private final String serviceTier;
    private final String requestedServiceTier;
    private final String region;
    private final SortedMap<String, String> attributes;
    private final SortedSet<String> stampedAttributes;
    private final String source;
    private final boolean aggregate;
    private final @Nullable Usd reportedCost;
    private final @Nullable GivenCost givenCost;
    private final SortedSet<String> notes;

    /**
     * A cost that the caller brought along and the ledger keeps as it is.
     *
     * @param amount 0 to 9,000,000 USD; 0 for a cost that is not known
     * @param status how much of the usage it covers
     */
    public record GivenCost(Usd amount, PricingStatus status) {
        /** @throws IllegalArgumentException if the amount is negative, above 9,000,000 USD, or there is one of no price */
        public GivenCost {
            checkCost("cost_usd", amount);
            Objects.requireNonNull(status, "status");
            if (status == PricingStatus.UNPRICED && amount.signum() != 0) {
                throw new IllegalArgumentException("pricing_status: a cost that is unpriced is 0, found " + amount
                        + " USD; say partial if that covers a part of the usage");
            }
        }
    }

    private UsageRecord(Builder builder) {
        id = builder.id != null ? builder.id : RecordId.generate();
        timestamp = builder.timestamp;
        requestId = builder.requestId;
        sessionId = builder.sessionId;
        conversationId = builder.conversationId;
        upstreamRequestId = builder.upstreamRequestId;
        identity = builder.identity();
        requestedModel = builder.isNamedByRequest() ? "" : builder.requestedModel;
        tokens = builder.tokens.build();
        passes = builder.passes.isEmpty() || tokens.isSumOf(builder.passes) ? builder.passes : List.of();
        calls = builder.calls.share();
        role = builder.role;
        taskName = builder.taskName;
        outcome = builder.outcome;
        duration = builder.duration;
        serviceTier = builder.serviceTier;
        requestedServiceTier = builder.requestedServiceTier;
        region = builder.region;
        attributes = builder.attributes.share();
        stampedAttributes = builder.stamped(attributes);
        source = builder.source;
        aggregate = builder.aggregate;
        reportedCost = builder.reportedCost;
        givenCost = builder.givenCost();
        notes = builder.notes(identity);
    }

    /** Starts a record. */
    public static Builder builder() {
        return new Builder();
    }

    /** A builder that starts with all of this record's fields, the id too. */
    public Builder toBuilder() {
        Builder builder = new Builder();
        builder.id = id;
        builder.timestamp = timestamp;
        builder.requestId = requestId;
        builder.sessionId = sessionId;
        builder.conversationId = conversationId;
        builder.upstreamRequestId = upstreamRequestId;
        builder.identity(identity);
        builder.requestedModel = requestedModel;
        builder.tokens(tokens);
        builder.passes = passes;
        builder.calls.share(calls);
        builder.role = role;
        builder.taskName = taskName;
        builder.outcome = outcome;
        builder.duration = duration;
        builder.serviceTier = serviceTier;
        builder.requestedServiceTier = requestedServiceTier;
        builder.region = region;
        builder.attributes.share(attributes);
        builder.stamped = stampedAttributes;
        builder.source = source;
        builder.aggregate = aggregate;
        builder.reportedCost = reportedCost;
        if (givenCost != null) {
            builder.costGiven(givenCost.amount, givenCost.status);
        }
        builder.notes = notes;
        return builder;
    }

    /** The record's unique id; a UUIDv7 was generated when the caller stated none. */
    public RecordId id() {
        return id;
    }

    /** When the call happened, in microseconds; absent means "when it is appended". */
    public Optional<Instant> timestamp() {
        return Optional.ofNullable(timestamp);
    }

    /** The caller's id of the request. */
    public String requestId() {
        return requestId;
    }

    /** The caller's id of the session. */
    public String sessionId() {
        return sessionId;
    }

    /** The caller's id of the conversation. */
    public String conversationId() {
        return conversationId;
    }

    /** The provider's own id of the request. */
    public String upstreamRequestId() {
        return upstreamRequestId;
    }

    /** Which model served the call. */
    public ModelIdentity identity() {
        return identity;
    }

    /** The model that was asked for, where it differs from the one that served. */
    public String requestedModel() {
        return requestedModel;
    }

    /**
     * The passes over the input that the tokens are the sum of, where the source states them: a long-context tier is reached by a
     * pass, never by the sum. Empty for a call of one pass, and where it is not known what each used.
     */
    public List<TokenCounts> passes() {
        return passes;
    }

    /** How many tokens the call used. */
    public TokenCounts tokens() {
        return tokens;
    }

    /** Paid tool calls by name ({@code web_search}, {@code request}, …), each 1 to 10¹². */
    public SortedMap<String, Long> calls() {
        return calls;
    }

    /** {@code interactive}, {@code delegate}, {@code scheduled}, {@code auxiliary}, … */
    public String role() {
        return role;
    }

    /** The task, such as {@code email_poll}; empty for interactive calls. */
    public String taskName() {
        return taskName;
    }

    /** How the call ended. */
    public Outcome outcome() {
        return outcome;
    }

    /** Elapsed time of the call, in milliseconds. */
    public Optional<Duration> duration() {
        return Optional.ofNullable(duration);
    }

    /** The service tier that served the call, such as {@code standard} or {@code batch}. */
    public String serviceTier() {
        return serviceTier;
    }

    /** The service tier that was asked for. */
    public String requestedServiceTier() {
        return requestedServiceTier;
    }

    /**
     * The place that served the call, as the provider states it where the place has a price: {@code us}, {@code eu}, a cloud's
     * region. Empty where nobody stated one.
     */
    public String region() {
        return region;
    }

    /** The caller's own labels, such as team, project, user. */
    public SortedMap<String, String> attributes() {
        return attributes;
    }

    /**
     * The keys of those attributes that the caller did not deliver: a server put them on the record by the key that it was sent
     * with. They take no part in {@link #firstDifference}.
     */
    public SortedSet<String> stampedAttributes() {
        return stampedAttributes;
    }

    /** Which reader or program delivered the record. */
    public String source() {
        return source;
    }

    /** Whether the record stands for more than one call; then no long-context tier applies. */
    public boolean aggregate() {
        return aggregate;
    }

    /** The provider's or another ledger's own figure, kept beside ours. */
    public Optional<Usd> reportedCost() {
        return Optional.ofNullable(reportedCost);
    }

    /** The cost that the caller brought along, to be kept as the record's cost. */
    public Optional<GivenCost> givenCost() {
        return Optional.ofNullable(givenCost);
    }

    /** What is known to be wrong with the figures, such as {@code output_incomplete}. */
    public SortedSet<String> notes() {
        return notes;
    }

    /** The same record at an instant; for ledgers, which fill in an absent timestamp. */
    public UsageRecord at(Instant instant) {
        return toBuilder().timestamp(instant).build();
    }

    /** A delivered field in which two records differ. */
    public record Difference(String field, String stored, String offered) {}

    /**
     * The first delivered field in which a record offered again differs from this, the stored one.
     *
     * <p>An absent timestamp matches any. Notes take no part: a newer reader may know more of the same call. Neither does what
     * readers of earlier versions did not read where the stored record lacks it: the region, audio from a cache, and passes; nor
     * an attribute that is {@linkplain #stampedAttributes stamped} on either of the two: who sends a record again may do so with
     * another key, or with one whose attributes have changed.
     */
    public Optional<Difference> firstDifference(UsageRecord offered) {
        return RecordFields.firstDifference(this, offered);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof UsageRecord record
                && id.equals(record.id)
                && Objects.equals(timestamp, record.timestamp)
                && notes.equals(record.notes)
                && region.equals(record.region)
                && tokens.equals(record.tokens)
                && passes.equals(record.passes)
                && attributes.equals(record.attributes)
                && stampedAttributes.equals(record.stampedAttributes)
                && firstDifference(record).isEmpty();
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    /** Names the record for a message; states no attribute and no session. */
    @Override
    public String toString() {
        return "UsageRecord[id=" + id + ", model=" + identity.model() + ", tokens=" + tokens + "]";
    }

    private static void checkCost(String field, Usd cost) {
        if (cost.signum() < 0 || cost.compareTo(Usd.RECORD_LIMIT) > 0) {
            throw new IllegalArgumentException(field + ": expected 0 to " + Usd.RECORD_LIMIT + " USD, found " + cost);
        }
    }

    /** The rule of a label's key and value, which are trimmed. */
    static final class Label {

        private Label() {}

        /** @throws IllegalArgumentException as {@link Builder#attribute} does */
        static String key(String key) {
            return key("attributes", key);
        }

        /**
         * The same for a field that names attributes.
         *
         * @throws IllegalArgumentException as {@link Builder#attribute} does
         */
        static String key(String field, String key) {
            String name = Texts.checked(field, key, Bound.ID);
            if (!isKey(name)) {
                throw new IllegalArgumentException(field + ": a key is a letter, then letters, digits, _ . or -, "
                        + "found \"" + Texts.cut(name, 64) + "\"");
            }
            return name;
        }

        /**
         * Empty where a label is to be forgotten.
         *
         * @param name the key, trimmed
         * @throws IllegalArgumentException as {@link Builder#attribute} does
         */
        static String value(String name, String value) {
            return Texts.checked("attributes." + name, value, Bound.TEXT);
        }

        /** A letter, then letters, digits and {@code _.-}. */
        private static boolean isKey(String text) {
            for (int i = 0; i < text.length(); i++) {
                char c = text.charAt(i);
                boolean letter = Builder.isSmallLetter(c) || (c >= 'A' && c <= 'Z');
                if (!letter && (i == 0 || (!Builder.isDigit(c) && c != '_' && c != '.' && c != '-'))) {
                    return false;
                }
            }
            return !text.isEmpty();
        }
    }

    /**
     * Builds one record; every field is optional but the model. Setters check at once and name the field. Not safe for
     * use by several threads.
     */
    public static final class Builder {

        private @Nullable RecordId id;
        private @Nullable Instant timestamp;
        private String requestId = "";
        private String sessionId = "";
        private String conversationId = "";
        private String upstreamRequestId = "";
        private @Nullable ModelIdentity identity;
        private String model = "";
        private String upstreamModel = "";
        private String resource = "";
        private String provider = "";
        private String requestedModel = "";
        private final TokenCounts.Builder tokens = TokenCounts.builder();
        private final Entries<Long> calls = new Entries<>();
        private String role = "";
        private String taskName = "";
        private Outcome outcome = Outcome.UNSTATED;
        private @Nullable Duration duration;
        private String serviceTier = "";
        private String requestedServiceTier = "";
        private String region = "";
        private final Entries<String> attributes = new Entries<>();

        /** Never changed, so that records can hold it. */
        private SortedSet<String> stamped = Collections.emptySortedSet();

        private String source = "";
        private boolean aggregate;
        private List<TokenCounts> passes = List.of();
        private @Nullable Usd reportedCost;
        private @Nullable Usd cost;
        private @Nullable PricingStatus pricingStatus;

        /** Never changed, so that records can hold it; there are seldom any. */
        private SortedSet<String> notes = Collections.emptySortedSet();

        private Builder() {}

        /** The unique id; a UUIDv7 is generated when none is set. */
        public Builder id(RecordId id) {
            this.id = id;
            return this;
        }

        /** The unique id; a blank text has a UUIDv7 generated. */
        public Builder id(String id) {
            this.id = id.isBlank() ? null : new RecordId(id);
            return this;
        }

        /**
         * When the call happened; cut to microseconds.
         *
         * @throws IllegalArgumentException if it is before 1970, or after 9999-12-31T00:00:00Z: a day less, so that it has a date in every zone
         */
        public Builder timestamp(Instant timestamp) {
            if (timestamp.isBefore(EARLIEST) || timestamp.isAfter(LATEST)) {
                throw new IllegalArgumentException(
                        "timestamp: expected a time from " + EARLIEST + " to " + LATEST + ", found " + timestamp);
            }
            this.timestamp = timestamp.truncatedTo(ChronoUnit.MICROS);
            return this;
        }

        /** The caller's id of the request. */
        public Builder requestId(String requestId) {
            this.requestId = Texts.checked("request_id", requestId, Bound.ID);
            return this;
        }

        /** The caller's id of the session. */
        public Builder sessionId(String sessionId) {
            this.sessionId = Texts.checked("session_id", sessionId, Bound.ID);
            return this;
        }

        /** The caller's id of the conversation. */
        public Builder conversationId(String conversationId) {
            this.conversationId = Texts.checked("conversation_id", conversationId, Bound.ID);
            return this;
        }

        /** The provider's own id of the request. */
        public Builder upstreamRequestId(String upstreamRequestId) {
            this.upstreamRequestId = Texts.checked("upstream_request_id", upstreamRequestId, Bound.ID);
            return this;
        }

        /** All four parts of the identity, as a catalog resolved them; parts set one by one are put over it. */
        public Builder identity(ModelIdentity identity) {
            this.identity = Objects.requireNonNull(identity, "identity");
            return this;
        }

        /**
         * The selected deployment's id, or any model reference. Parts of the identity that are not set are taken from
         * it by {@link ModelIdentity#ofReference(String)}; the provider rather from the upstream model, where that is set.
         */
        public Builder model(String model) {
            this.model = Texts.checked("model", model, Bound.TEXT);
            return this;
        }

        /** The model's name at the provider; where no model is set, it stands for that too. */
        public Builder upstreamModel(String upstreamModel) {
            this.upstreamModel = Texts.checked("upstream_model", upstreamModel, Bound.TEXT);
            return this;
        }

        /** The server or endpoint. */
        public Builder resource(String resource) {
            this.resource = Texts.checked("resource", resource, Bound.TEXT);
            return this;
        }

        /** The provider's family; brought to {@linkplain Providers#canonical its one form}. */
        public Builder provider(String provider) {
            this.provider = Providers.canonical(Texts.checked("provider", provider, Bound.TEXT));
            return this;
        }

        /** The model that was asked for, where another one served. */
        public Builder requestedModel(String requestedModel) {
            this.requestedModel = Texts.checked("requested_model", requestedModel, Bound.TEXT);
            return this;
        }

        /** All token counts at once. */
        public Builder tokens(TokenCounts tokens) {
            this.tokens.all(tokens);
            return this;
        }

        /**
         * What each of several passes used, in their order. Passes that do not add up to the record's tokens are left out of it: so
         * they are ignored once other tokens are set.
         *
         * @throws IllegalArgumentException if there are more than {@link #MAX_PASSES}
         */
        public Builder passes(List<TokenCounts> each) {
            if (each.size() > MAX_PASSES) {
                throw new IllegalArgumentException(
                        "passes: at most " + MAX_PASSES + " can be kept, found " + each.size());
            }
            passes = List.copyOf(each);
            return this;
        }

        /** Uncached input tokens. */
        public Builder inputTokens(long tokens) {
            this.tokens.input(tokens);
            return this;
        }

        /** Generated tokens, reasoning included. */
        public Builder outputTokens(long tokens) {
            this.tokens.output(tokens);
            return this;
        }

        /** All tokens written to the prompt cache; when it is not set, the sum of the 5-minute and 1-hour parts. */
        public Builder cacheCreationInputTokens(long tokens) {
            this.tokens.cacheCreation(tokens);
            return this;
        }

        /** The part of the cache writes that lives 5 minutes. */
        public Builder cacheCreation5mInputTokens(long tokens) {
            this.tokens.cacheCreation5m(tokens);
            return this;
        }

        /** The part of the cache writes that lives 1 hour. */
        public Builder cacheCreation1hInputTokens(long tokens) {
            this.tokens.cacheCreation1h(tokens);
            return this;
        }

        /** Tokens served from the prompt cache. */
        public Builder cacheReadInputTokens(long tokens) {
            this.tokens.cacheRead(tokens);
            return this;
        }

        /** The part of the output spent on reasoning. */
        public Builder reasoningTokens(long tokens) {
            this.tokens.reasoning(tokens);
            return this;
        }

        /** The part of the uncached input that was audio. */
        public Builder audioInputTokens(long tokens) {
            this.tokens.audioInput(tokens);
            return this;
        }

        /** The part of the uncached input that was images. */
        public Builder imageInputTokens(long tokens) {
            this.tokens.imageInput(tokens);
            return this;
        }

        /** The part of the output that was audio. */
        public Builder audioOutputTokens(long tokens) {
            this.tokens.audioOutput(tokens);
            return this;
        }

        /** The part of the output that was images. */
        public Builder imageOutputTokens(long tokens) {
            this.tokens.imageOutput(tokens);
            return this;
        }

        /** The part of the tokens served from the prompt cache that was audio. */
        public Builder cachedAudioReadTokens(long tokens) {
            this.tokens.cachedAudioRead(tokens);
            return this;
        }

        /**
         * How often a paid tool was called; 0 forgets it.
         *
         * @param name the tool's name as in a price file, such as {@code web_search}
         * @throws IllegalArgumentException if the name is not of lower-case letters, digits and {@code _} or is taken, the count is
         *     out of 0 to 10¹², or there are more than {@link #MAX_ENTRIES}
         */
        public Builder calls(String name, long count) {
            if (name.equals("unpriced")) {
                // A ledger's exports say under this name which calls had no fee.
                throw new IllegalArgumentException("unpriced_calls: the name is taken; call the tool otherwise");
            }
            if (!isName(name)) {
                throw new IllegalArgumentException(
                        "calls: a name has lower-case letters, digits and _, found \"" + Texts.cut(name, 64) + "\"");
            }
            if (count < 0 || count > TokenCounts.LIMIT) {
                throw new IllegalArgumentException(
                        name + "_calls: expected 0 to " + TokenCounts.LIMIT + ", found " + count);
            }
            if (count == 0) {
                calls.remove(name);
            } else {
                calls.put(name, count);
            }
            checkSize("calls", calls.size());
            return this;
        }

        /** {@code interactive}, {@code delegate}, {@code scheduled}, {@code auxiliary}, … */
        public Builder role(String role) {
            this.role = Texts.checked("role", role, Bound.TEXT);
            return this;
        }

        /** The task, such as {@code email_poll}. */
        public Builder taskName(String taskName) {
            this.taskName = Texts.checked("task_name", taskName, Bound.TEXT);
            return this;
        }

        /** How the call ended. */
        public Builder outcome(Outcome outcome) {
            this.outcome = Objects.requireNonNull(outcome, "outcome");
            return this;
        }

        /**
         * Elapsed time of the call; cut to milliseconds.
         *
         * @throws IllegalArgumentException if it is negative or longer than 366 days
         */
        public Builder duration(Duration duration) {
            if (duration.isNegative() || duration.compareTo(MAX_DURATION) > 0) {
                throw new IllegalArgumentException(
                        "duration_ms: expected 0 to " + MAX_DURATION.toMillis() + ", found " + shown(duration));
            }
            this.duration = duration.truncatedTo(ChronoUnit.MILLIS);
            return this;
        }

        /** The service tier that served the call. */
        public Builder serviceTier(String serviceTier) {
            this.serviceTier = Texts.checked("service_tier", serviceTier, Bound.TEXT);
            return this;
        }

        /** The service tier that was asked for. */
        public Builder requestedServiceTier(String requestedServiceTier) {
            this.requestedServiceTier = Texts.checked("requested_service_tier", requestedServiceTier, Bound.TEXT);
            return this;
        }

        /** The place that served the call, such as {@code us} or {@code europe-west1}. */
        public Builder region(String region) {
            this.region = Texts.checked("region", region, Bound.TEXT);
            return this;
        }

        /**
         * A label of the caller's own; an empty value forgets it.
         *
         * @throws IllegalArgumentException if the key is not a letter followed by letters, digits, {@code _ . -}, a
         *     text is too long, or there are more than {@link #MAX_ENTRIES}
         */
        public Builder attribute(String key, String value) {
            String name = Label.key(key);
            String text = Label.value(name, value);
            if (text.isEmpty()) {
                attributes.remove(name);
            } else {
                attributes.put(name, text);
            }
            checkSize("attributes", attributes.size());
            return this;
        }

        /** Several labels of the caller's own. */
        public Builder attributes(Map<String, String> labels) {
            labels.forEach(this::attribute);
            return this;
        }

        /**
         * Says which attributes a server put on the record, see {@link UsageRecord#stampedAttributes}, and no others. A key without
         * an attribute counts for nothing.
         *
         * @throws IllegalArgumentException if one is no key of an attribute, or there are more than {@link #MAX_ENTRIES}
         */
        public Builder stampedAttributes(Collection<String> keys) {
            SortedSet<String> names = new TreeSet<>();
            for (String key : keys) {
                names.add(Label.key("stamped_attributes", key));
                checkSize("stamped_attributes", names.size());
            }
            stamped = Collections.unmodifiableSortedSet(names);
            return this;
        }

        /** Which reader or program delivered the record. */
        public Builder source(String source) {
            this.source = Texts.checked("source", source, Bound.TEXT);
            return this;
        }

        /** Whether the record stands for more than one call. */
        public Builder aggregate(boolean aggregate) {
            this.aggregate = aggregate;
            return this;
        }

        /**
         * The provider's or another ledger's own figure.
         *
         * @throws IllegalArgumentException if it is negative or above 9,000,000 USD
         */
        public Builder reportedCost(Usd reportedCost) {
            checkCost("reported_cost_usd", reportedCost);
            this.reportedCost = reportedCost;
            return this;
        }

        /**
         * A cost to be kept as the record's own, in place of one computed by the ledger; counted as priced unless
         * {@link #pricingStatus} says otherwise.
         *
         * @throws IllegalArgumentException if it is negative or above 9,000,000 USD
         */
        public Builder cost(Usd cost) {
            checkCost("cost_usd", cost);
            this.cost = cost;
            return this;
        }

        /** Takes a given cost back, if there was one, so that the ledger prices the record. */
        public Builder withoutCost() {
            cost = null;
            pricingStatus = null;
            return this;
        }

        /** How much of the usage the {@linkplain #cost given cost} covers; not allowed without one. */
        public Builder pricingStatus(PricingStatus status) {
            this.pricingStatus = Objects.requireNonNull(status, "status");
            return this;
        }

        /** A remark on the quality of the figures: lower-case letters, digits and {@code _}. */
        public Builder note(String note) {
            if (!isName(note)) {
                throw new IllegalArgumentException(
                        "notes: a note has lower-case letters, digits and _, found \"" + Texts.cut(note, 64) + "\"");
            }
            SortedSet<String> more = new TreeSet<>(notes);
            more.add(note);
            notes = Collections.unmodifiableSortedSet(more);
            checkSize("notes", notes.size());
            return this;
        }

        /** Takes a remark back, if it was made. */
        public Builder withoutNote(String note) {
            if (notes.contains(note)) {
                SortedSet<String> less = new TreeSet<>(notes);
                less.remove(note);
                notes = Collections.unmodifiableSortedSet(less);
            }
            return this;
        }

        /** Several remarks. */
        public Builder notes(Set<String> remarks) {
            remarks.forEach(this::note);
            return this;
        }

        /**
         * The record.
         *
         * @throws IllegalArgumentException if no model is stated, token counts contradict each other, or a pricing
         *     status stands without a cost
         */
        public UsageRecord build() {
            return new UsageRecord(this);
        }

        private static String shown(Duration duration) {
            try {
                return Long.toString(duration.toMillis());
            } catch (ArithmeticException e) {
                return duration.toString();
            }
        }

        private void costGiven(Usd amount, PricingStatus status) {
            cost = amount;
            pricingStatus = status;
        }

        private @Nullable GivenCost givenCost() {
            if (cost == null) {
                if (pricingStatus != null) {
                    throw new IllegalArgumentException(
                            "pricing_status: only goes with a cost_usd; leave both out to have the ledger price it");
                }
                return null;
            }
            return new GivenCost(cost, pricingStatus == null ? PricingStatus.PRICED : pricingStatus);
        }

        /** {@code unknown} and {@code none} are no names where it is known what was asked for. */
        private boolean isNamedByRequest() {
            return identity == null
                    && !ModelNames.isName(model)
                    && !ModelNames.isName(upstreamModel)
                    && !(model.isEmpty() && upstreamModel.isEmpty())
                    && ModelNames.isName(requestedModel);
        }

        /** The keys that were said to be stamped and that there are attributes of. */
        private SortedSet<String> stamped(SortedMap<String, String> ofRecord) {
            if (stamped.isEmpty() || ofRecord.keySet().containsAll(stamped)) {
                return stamped;
            }
            SortedSet<String> present = new TreeSet<>(stamped);
            present.retainAll(ofRecord.keySet());
            return Collections.unmodifiableSortedSet(present);
        }

        /** With a remark where nothing says who served the model. */
        private SortedSet<String> notes(ModelIdentity whole) {
            boolean stated = identity != null || !provider.isEmpty();
            if (stated
                    || notes.contains(PROVIDER_INFERRED)
                    || notes.size() == MAX_ENTRIES
                    || !ProviderRule.isGuess(whole.upstreamModel())
                    || !ProviderRule.isGuess(whole.model())) {
                return notes;
            }
            SortedSet<String> more = new TreeSet<>(notes);
            more.add(PROVIDER_INFERRED);
            return Collections.unmodifiableSortedSet(more);
        }

        private ModelIdentity identity() {
            if (isNamedByRequest()) {
                return ofNames("", requestedModel);
            }
            return ofNames(model, upstreamModel);
        }

        private ModelIdentity ofNames(String model, String upstreamModel) {
            ModelIdentity base = identity == null ? stated(model, upstreamModel) : identity;
            boolean partsOverIt =
                    !(model.isEmpty() && upstreamModel.isEmpty() && resource.isEmpty() && provider.isEmpty());
            ModelIdentity whole = !partsOverIt
                    ? base
                    : new ModelIdentity(
                            model.isEmpty() ? base.model() : model,
                            upstreamModel.isEmpty() ? base.upstreamModel() : upstreamModel,
                            resource.isEmpty() ? base.resource() : resource,
                            provider.isEmpty() ? base.provider() : provider);
            if (whole.model().isEmpty() && whole.upstreamModel().isEmpty()) {
                throw new IllegalArgumentException("model: a record names its model");
            }
            return whole;
        }

        /** What the names say. A model's name at its provider may hold a slash that parts no resource from it. */
        private static ModelIdentity stated(String model, String upstreamModel) {
            ModelIdentity upstream = ModelIdentity.ofReference(upstreamModel);
            if (model.isEmpty() || model.equals(upstreamModel)) {
                return ModelNames.isLongForm(upstreamModel)
                        ? upstream
                        : new ModelIdentity(upstreamModel, upstreamModel, "", upstream.provider());
            }
            ModelIdentity reference = ModelIdentity.ofReference(model);
            return upstreamModel.isEmpty()
                    ? reference
                    : new ModelIdentity(model, upstreamModel, reference.resource(), upstream.provider());
        }

        /** A small letter, then small letters, digits and {@code _}. By loop: a record of an import has several. */
        private static boolean isName(String text) {
            if (text.isEmpty() || text.length() > MAX_NAME_LENGTH || !isSmallLetter(text.charAt(0))) {
                return false;
            }
            for (int i = 1; i < text.length(); i++) {
                char c = text.charAt(i);
                if (!isSmallLetter(c) && !isDigit(c) && c != '_') {
                    return false;
                }
            }
            return true;
        }

        private static boolean isSmallLetter(char c) {
            return c >= 'a' && c <= 'z';
        }

        private static boolean isDigit(char c) {
            return c >= '0' && c <= '9';
        }

        private static void checkSize(String field, int size) {
            if (size > MAX_ENTRIES) {
                throw new IllegalArgumentException(field + ": at most " + MAX_ENTRIES + ", found " + size);
            }
        }
    }
}
