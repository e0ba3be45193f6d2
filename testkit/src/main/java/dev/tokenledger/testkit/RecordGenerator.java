package dev.tokenledger.testkit;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Draws records in which any field may be set, and the instants, windows and zones around them.
 *
 * <p>Values come from small pools, so that groups have several records and filters find some. Instants gather where
 * clocks are changed and days, weeks and months end, and lie on either side by a microsecond. Equal sources of randomness
 * draw equal values. Not safe for use by several threads.
 */
public final class RecordGenerator {

    /** Changes of the clock in the sample zones, and ends of days, months and years. */
    private static final List<Instant> CORNERS = List.of(
            Instant.parse("1970-01-01T00:00:00Z"),
            Instant.parse("1985-12-31T18:30:00Z"), // Nepal moves to +05:45
            Instant.parse("2010-11-07T02:31:00Z"), // St. John's, back at one minute past midnight
            Instant.parse("2011-12-30T10:00:00Z"), // Samoa skips a day
            Instant.parse("2018-02-18T02:00:00Z"), // São Paulo, back at midnight
            Instant.parse("2018-11-04T03:00:00Z"), // São Paulo, on at midnight
            Instant.parse("2026-02-01T00:00:00Z"), // a sample price changes
            Instant.parse("2026-02-28T18:15:00Z"), // the first of March in Nepal
            Instant.parse("2026-03-02T00:00:00Z"), // a Monday
            Instant.parse("2026-03-08T07:00:00Z"), // New York, on
            Instant.parse("2026-03-29T01:00:00Z"), // Berlin, on
            Instant.parse("2026-04-04T15:00:00Z"), // Lord Howe, back by 30 minutes
            Instant.parse("2026-10-03T15:30:00Z"), // Lord Howe, on by 30 minutes
            Instant.parse("2026-10-25T01:00:00Z"), // Berlin, back
            Instant.parse("2026-11-01T06:00:00Z"), // New York, back
            Instant.parse("2028-02-29T00:00:00Z"));

    private static final Instant SEASON = Instant.parse("2026-02-20T00:00:00Z");
    private static final long SEASON_MICROS = Duration.ofDays(70).toSeconds() * 1_000_000;
    private static final long ALL_MICROS = Duration.ofDays(130 * 365).toSeconds() * 1_000_000;

    private static final List<String> MODELS = List.of(
            Samples.ALPHA,
            "claude-alpha-20250929",
            "mirror/" + Samples.ALPHA,
            Samples.BETA,
            Samples.GAMMA,
            Samples.DELTA,
            Samples.EPSILON,
            Samples.OMEGA);
    private static final List<String> WORDS = List.of(
            "",
            "",
            "",
            "a",
            "b",
            "B",
            "interactive",
            "görsel",
            "Iıİi",
            "\uD83D\uDCB8",
            "\uFF5E",
            "a / b",
            "100%",
            "it's");

    private final RandomGenerator random;
    private int ids;

    /** Draws from this source. */
    public RecordGenerator(RandomGenerator random) {
        this.random = random;
    }

    /** A record with an id that this generator has not given before. */
    public UsageRecord next() {
        return builder("r" + ++ids).build();
    }

    /** A record with this id, any of its other fields drawn. */
    public UsageRecord.Builder builder(String id) {
        UsageRecord.Builder builder = UsageRecord.builder()
                .id(id)
                .model(pick(MODELS))
                .tokens(tokens())
                .sessionId(oneIn(2) ? "s" + random.nextInt(4) : "")
                .conversationId(oneIn(3) ? "c" + random.nextInt(3) : "")
                .role(pick(WORDS))
                .taskName(pick(WORDS))
                .source(oneIn(4) ? pick(WORDS) : "");
        if (!oneIn(15)) {
            builder.timestamp(instant());
        }
        if (oneIn(3)) {
            builder.outcome(pick(List.of(Outcome.values())));
        }
        if (oneIn(3)) {
            builder.attribute("team", pick(WORDS));
        }
        if (oneIn(4)) {
            builder.attribute("user", "u" + random.nextInt(6));
        }
        if (oneIn(4)) {
            rare(builder);
        }
        if (oneIn(5)) {
            cost(builder);
        }
        if (oneIn(3)) {
            builder.note(note());
        }
        if (oneIn(4)) {
            builder.note(note());
        }
        if (oneIn(4)) {
            builder.stampedAttributes(pick(List.of(List.of("team"), List.of("team", "user"))));
        }
        return builder;
    }

    /** What an adjustment counts by, with this id. */
    UsageRecord adjustment(String id) {
        UsageRecord.Builder builder = UsageRecord.builder()
                .id(id)
                .timestamp(instant())
                .model(pick(MODELS))
                .sessionId(oneIn(3) ? "s" + random.nextInt(4) : "")
                .conversationId(oneIn(4) ? "c" + random.nextInt(3) : "")
                .role(pick(WORDS))
                .source(oneIn(2) ? "a bill" : "")
                .serviceTier(oneIn(4) ? "batch" : "")
                .region(oneIn(4) ? "eu" : "");
        if (oneIn(2)) {
            builder.attribute("team", pick(WORDS));
        }
        return builder.build();
    }

    /** What a source says of its figures: a doubt of each kind, and what is none. */
    String note() {
        return pick(List.of(
                "output_incomplete",
                "output_incomplete",
                "cache_split_missing",
                "model_missing",
                "unknown_member_x",
                "compaction_included"));
    }

    private void rare(UsageRecord.Builder builder) {
        builder.requestId(pick(WORDS))
                .upstreamRequestId(pick(WORDS))
                .requestedModel(pick(WORDS))
                .serviceTier(pick(List.of("", "standard", "batch", "flex")))
                .requestedServiceTier(pick(List.of("", "auto", "batch")))
                .region(pick(List.of("", "", "us", "EU", "görsel")))
                .aggregate(oneIn(2))
                .duration(Duration.ofMillis(random.nextInt(100_000)))
                .calls("web_search", random.nextInt(4))
                .calls("code_execution", random.nextInt(2));
        if (oneIn(2)) {
            builder.resource(pick(WORDS)).provider(pick(List.of("anthropic", "openai", "x", "")));
        }
        if (oneIn(2)) {
            passes(builder);
        }
        if (oneIn(2)) {
            builder.reportedCost(usd());
        }
    }

    /** Two or three passes, and their sum. */
    private void passes(UsageRecord.Builder builder) {
        List<TokenCounts> passes = new ArrayList<>();
        for (int i = random.nextInt(2, 4); i > 0; i--) {
            passes.add(tokens());
        }
        builder.tokens(passes.stream().reduce(TokenCounts.NONE, TokenCounts::plus))
                .passes(passes);
    }

    private void cost(UsageRecord.Builder builder) {
        builder.cost(usd());
        if (oneIn(3)) {
            PricingStatus status = pick(List.of(PricingStatus.values()));
            builder.pricingStatus(status);
            if (status == PricingStatus.UNPRICED) {
                builder.cost(Usd.ZERO);
            }
        }
    }

    /** An amount that one record may cost: often nothing, dust, or the most there is. */
    public Usd usd() {
        return switch (random.nextInt(6)) {
            case 0 -> Usd.ZERO;
            case 1 -> Usd.ofPicos(1 + random.nextInt(9));
            case 2 -> Usd.RECORD_LIMIT.minus(Usd.ofPicos(random.nextInt(3)));
            case 3 -> Usd.ofPicos((1L << 32) - 2 + random.nextInt(4));
            default -> Usd.ofPicos(random.nextLong(100_000_000_000_000L));
        };
    }

    /** Counts that agree with each other: often small, around a sample tier's boundary, or none at all. */
    public TokenCounts tokens() {
        long input = count();
        long output = count();
        long write5m = oneIn(3) ? count() : 0;
        long write1h = oneIn(4) ? count() : 0;
        long unattributed = oneIn(4) ? count() : 0;
        long audioInput = oneIn(6) ? random.nextLong(input + 1) : 0;
        long reasoning = oneIn(3) ? random.nextLong(output + 1) : 0;
        long audioOutput = oneIn(6) ? random.nextLong(output - reasoning + 1) : 0;
        long cacheRead = oneIn(2) ? count() : 0;
        return TokenCounts.builder()
                .input(input)
                .output(output)
                .cacheCreation(write5m + write1h + unattributed)
                .cacheCreation5m(write5m)
                .cacheCreation1h(write1h)
                .cacheRead(cacheRead)
                .reasoning(reasoning)
                .audioInput(audioInput)
                .imageInput(oneIn(6) ? random.nextLong(input - audioInput + 1) : 0)
                .audioOutput(audioOutput)
                .imageOutput(oneIn(6) ? random.nextLong(output - reasoning - audioOutput + 1) : 0)
                .cachedAudioRead(oneIn(6) ? random.nextLong(cacheRead + 1) : 0)
                .build();
    }

    private long count() {
        return switch (random.nextInt(6)) {
            case 0 -> 0;
            case 1 -> 1 + random.nextInt(9);
            case 2 -> 199_999 + random.nextInt(3);
            case 3 -> random.nextLong(10_000_000_000L);
            default -> random.nextLong(100_000);
        };
    }

    /** When a call happened, in microseconds. */
    public Instant instant() {
        return switch (random.nextInt(10)) {
            case 0 -> Instant.EPOCH.plus(random.nextLong(ALL_MICROS), ChronoUnit.MICROS);
            case 1, 2, 3, 4 -> near(pick(CORNERS));
            default -> SEASON.plus(random.nextLong(SEASON_MICROS), ChronoUnit.MICROS);
        };
    }

    private Instant near(Instant corner) {
        Duration away = switch (random.nextInt(5)) {
            case 0 -> Duration.ZERO;
            case 1 -> Duration.ofNanos(1_000);
            case 2 -> Duration.ofSeconds(random.nextInt(3_600));
            case 3 -> Duration.ofMinutes(15L * random.nextInt(8));
            default -> Duration.ofHours(random.nextInt(50));
        };
        Instant moved = random.nextBoolean() ? corner.plus(away) : corner.minus(away);
        return moved.isBefore(Instant.EPOCH) ? Instant.EPOCH : moved;
    }

    /** A window with bounds drawn like calls; sometimes all time, sometimes whole days, sometimes empty. */
    public TimeWindow window() {
        if (oneIn(8)) {
            return TimeWindow.all();
        }
        Instant one = instant();
        Instant other = instant();
        if (oneIn(4)) {
            one = one.truncatedTo(ChronoUnit.DAYS);
            other = other.truncatedTo(ChronoUnit.HOURS);
        }
        return one.isBefore(other) ? TimeWindow.of(one, other) : TimeWindow.of(other, one);
    }

    /** One of the sample zones. */
    public ZoneId zone() {
        return pick(Samples.ZONES);
    }

    boolean oneIn(int times) {
        return random.nextInt(times) == 0;
    }

    <T> T pick(List<T> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
