package dev.tokenledger.benchmarks;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.UUID;

/**
 * The made-up records that everything here is measured with: ninety days of an organisation's calls.
 *
 * <p>A record follows from the seed, the size and its index alone, so any of them can be made at any time, in any order
 * and by any thread. Indexes from 0 are in the order of time; those from the size on go on after the ninety days.
 *
 * <ul>
 *   <li>300 combinations of model, provider, resource, role, task, source, tier and outcome, as frequent as Zipf's law
 *       has them (the most frequent one has a sixth of the records, the last one 0.05 %);
 *   <li>sessions of 50 records on average (at most 100,000 sessions), 24 at any one time, half of whose records share a
 *       combination; a conversation is three sessions long;
 *   <li>more calls by day than by night, and fewer on weekends;
 *   <li>fully priced, partly priced and unpriced models, with and without cache writes and reads.
 * </ul>
 *
 * Immutable and safe for use by many threads.
 */
final class Workload {

    /** Which labels of the caller's own the records carry. */
    enum Labels {
        /** None. */
        NONE,
        /** One of 12 teams and one of 40 projects. */
        FEW,
        /** The same, and one of {@link #USERS} users. */
        USERS
    }

    /** The first day. */
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    /** The end of the last of ninety days. */
    static final Instant END = Instant.parse("2026-04-01T00:00:00Z");

    /** How many different users there are, among the records that have one. */
    static final int USERS = 100_000;

    /** How many combinations of dimensions there are. */
    static final int COMBINATIONS = 300;

    /** The most sessions, however many records. */
    static final int MAX_SESSIONS = 100_000;

    private static final int RECORDS_A_SESSION = 50;
    private static final int SESSIONS_AT_ONCE = 24;
    private static final int SESSIONS_A_CONVERSATION = 3;
    private static final int TEAMS = 12;
    private static final int PROJECTS = 40;
    private static final int HOURS = (int) Duration.between(START, END).toHours();
    private static final long MICROS_AN_HOUR = 3_600_000_000L;

    /** How busy each hour of the day is. */
    private static final int[] HOUR_WEIGHTS = {
        3, 2, 2, 2, 2, 3, 4, 6, 9, 12, 13, 13, 11, 12, 13, 13, 12, 10, 8, 7, 6, 6, 5, 4
    };

    /** 2026-01-01 is a Thursday, so days 2 and 3 of each seven from it are the weekend. */
    private static final double WEEKEND = 0.4;

    // Streams of random numbers that must not be the same for the same index.
    private static final long OF_RECORD = 0x5851f42d4c957f2dL;
    private static final long OF_SESSION = 0x14057b7ef767814fL;
    private static final long OF_SCATTERED = 0x369dea0f31a53f85L;
    private static final long OF_CONVERSATION = 0x2545f4914f6cdd1dL;

    private enum Caching {
        NONE,
        READS,
        WRITES_AND_READS
    }

    private record Model(ModelIdentity identity, Caching caching, boolean reasons) {}

    private record Task(String role, String name, String source, String serviceTier) {}

    private record Combination(Model model, Task task, Outcome outcome) {}

    private static final List<Model> MODELS = List.of(
            hosted("anthropic", "claude-sonnet-4-5", Caching.WRITES_AND_READS, false),
            hosted("anthropic", "claude-opus-4-5", Caching.WRITES_AND_READS, false),
            hosted("anthropic", "claude-haiku-4-5", Caching.WRITES_AND_READS, false),
            hosted("anthropic", "claude-sonnet-4-20250514", Caching.WRITES_AND_READS, false),
            hosted("openai", "gpt-5", Caching.READS, true),
            hosted("openai", "gpt-5-mini", Caching.READS, true),
            hosted("openai", "gpt-5.1-codex", Caching.READS, true),
            hosted("openai", "gpt-4.1", Caching.READS, false),
            hosted("openai", "gpt-4o-mini", Caching.NONE, false),
            hosted("google", "gemini-2.5-pro", Caching.READS, true),
            hosted("google", "gemini-2.5-flash", Caching.READS, true),
            hosted("google", "gemini-2.5-flash-lite", Caching.NONE, false),
            hosted("xai", "grok-4-0709", Caching.READS, true),
            hosted("mistral", "mistral-large-2411", Caching.NONE, false),
            hosted("cohere", "command-r-plus", Caching.NONE, false),
            // No rate for what it reads from its cache: partly priced.
            hosted("moonshotai", "kimi-k2", Caching.READS, false),
            local("mirror", "gpt-oss:20b"),
            local("mirror", "qwen3:32b"),
            local("spark", "gpt-oss:120b"),
            local("spark", "llama3.3:70b"));

    private static final List<Task> TASKS = List.of(
            new Task("interactive", "", "api", ""),
            new Task("interactive", "", "claude-code", "standard"),
            new Task("interactive", "", "codex", ""),
            new Task("delegate", "code_review", "api", ""),
            new Task("delegate", "research", "api", ""),
            new Task("delegate", "summarise", "api", ""),
            new Task("delegate", "test_writing", "claude-code", "standard"),
            new Task("scheduled", "email_poll", "api", ""),
            new Task("scheduled", "periodic_reflection", "api", ""),
            new Task("scheduled", "daily_digest", "api", ""),
            new Task("scheduled", "index_refresh", "api", ""),
            new Task("auxiliary", "title", "api", ""),
            new Task("auxiliary", "embedding_text", "api", ""),
            new Task("auxiliary", "moderation", "api", ""));

    private final long seed;
    private final long records;
    private final Labels labels;
    private final long sessionLength;
    private final List<Combination> combinations;
    private final double[] zipf = new double[COMBINATIONS];
    private final double[] hours = new double[HOURS + 1];

    /**
     * @param seed what the records follow from
     * @param records how many there are in the ninety days, 1 or more
     * @param labels which labels they carry
     */
    Workload(long seed, long records, Labels labels) {
        if (records < 1) {
            throw new IllegalArgumentException("a workload has 1 record or more, not " + records);
        }
        this.seed = seed;
        this.records = records;
        this.labels = labels;
        this.sessionLength = Math.max(RECORDS_A_SESSION, records / MAX_SESSIONS);
        this.combinations = combinations(seed);
        for (int i = 0; i < COMBINATIONS; i++) {
            zipf[i] = 1.0 / (i + 1);
        }
        Arrays.parallelPrefix(zipf, Double::sum);
        for (int hour = 0; hour < HOURS; hour++) {
            int dayOfSeven = hour / 24 % 7;
            boolean weekend = dayOfSeven == 2 || dayOfSeven == 3;
            hours[hour + 1] = HOUR_WEIGHTS[hour % 24] * (weekend ? WEEKEND : 1);
        }
        Arrays.parallelPrefix(hours, Double::sum);
    }

    private static Model hosted(String provider, String name, Caching caching, boolean reasons) {
        return new Model(new ModelIdentity(name, name, "", provider), caching, reasons);
    }

    private static Model local(String resource, String name) {
        return new Model(
                new ModelIdentity(resource + "/" + name, name, resource, "ollama"),
                Caching.NONE,
                name.startsWith("gpt"));
    }

    private static List<Combination> combinations(long seed) {
        List<Combination> found = new ArrayList<>();
        for (Model model : MODELS) {
            for (Task task : TASKS) {
                found.add(new Combination(model, task, Outcome.SUCCESS));
            }
        }
        Collections.shuffle(found, new Random(seed));
        // The calls that fail are those of the most frequent combinations, and rare.
        List<Combination> failing = new ArrayList<>();
        for (int i = 0; found.size() + failing.size() < COMBINATIONS; i++) {
            Combination often = found.get(i);
            failing.add(new Combination(often.model(), often.task(), i % 4 == 3 ? Outcome.CANCELED : Outcome.ERROR));
        }
        found.addAll(failing);
        return List.copyOf(found);
    }

    /** What the records follow from. */
    long seed() {
        return seed;
    }

    /** How many records there are in the ninety days. */
    long size() {
        return records;
    }

    /** How many sessions there are in the ninety days, about. */
    long sessions() {
        return Math.max(1, records / sessionLength);
    }

    /** The record at a place in the order of time. */
    UsageRecord record(long index) {
        return record(index, occurred(index), new SplittableRandom(mix(seed ^ OF_RECORD ^ mix(index))));
    }

    /** A further record, as one delivered late: at a random place of the ninety days, in a session of that time. */
    UsageRecord scattered(long number) {
        SplittableRandom random = new SplittableRandom(mix(seed ^ OF_SCATTERED ^ mix(number)));
        long index = random.nextLong(records);
        return record(index, occurred(index).plusNanos(1_000L * random.nextInt(1_000)), random);
    }

    /** Records from one index on. */
    List<UsageRecord> records(long first, int count) {
        List<UsageRecord> found = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            found.add(record(first + i));
        }
        return found;
    }

    /** When the call at a place in the order of time happened. */
    Instant occurred(long index) {
        if (index >= records) {
            double spacing = (double) HOURS * MICROS_AN_HOUR / records;
            return END.plusNanos(1_000L * (long) ((index - records) * spacing));
        }
        double target = hours[HOURS] * ((index + 0.5) / records);
        int place = Arrays.binarySearch(hours, target);
        int hour = place >= 0 ? place : -place - 2;
        double within = (target - hours[hour]) / (hours[hour + 1] - hours[hour]);
        long micros = hour * MICROS_AN_HOUR + Math.min(MICROS_AN_HOUR - 1, (long) (within * MICROS_AN_HOUR));
        return START.plusNanos(1_000L * micros);
    }

    /** The id of a session, by its number from 0 to {@link #sessions()}. */
    String session(long number) {
        return uuid(mix(seed ^ OF_SESSION ^ mix(number)), 4);
    }

    private UsageRecord record(long index, Instant occurred, SplittableRandom random) {
        long session = sessionOf(index, random);
        Combination combination = combinations.get(
                random.nextInt(2) == 0
                        ? rank(random)
                        : rank(new SplittableRandom(mix(seed ^ mix(session) ^ OF_CONVERSATION))));
        UsageRecord.Builder builder = UsageRecord.builder()
                .id(timeOrderedId(occurred, random))
                .timestamp(occurred)
                .requestId(requestId(random))
                .sessionId(session(session))
                .conversationId(uuid(mix(seed ^ OF_CONVERSATION ^ mix(session / SESSIONS_A_CONVERSATION)), 4))
                .identity(combination.model().identity())
                .role(combination.task().role())
                .taskName(combination.task().name())
                .source(combination.task().source())
                .serviceTier(combination.task().serviceTier())
                .outcome(combination.outcome());
        addTokens(builder, combination.model(), random);
        if (random.nextInt(10) < 6) {
            builder.duration(Duration.ofMillis(logUniform(random, 200, 120_000)));
        }
        if (labels != Labels.NONE) {
            builder.attribute("team", "team-" + skewed(random, TEAMS));
            builder.attribute("project", "project-" + skewed(random, PROJECTS));
        }
        if (labels == Labels.USERS) {
            builder.attribute("user", "user-" + random.nextInt(USERS) + "@example.com");
        }
        return builder.build();
    }

    /** Sessions run side by side in lanes, some busier than others; each lane changes its session at another time. */
    private long sessionOf(long index, SplittableRandom random) {
        double skewed = StrictMath.pow(random.nextDouble(), 1.3);
        int lane = (int) (SESSIONS_AT_ONCE * skewed);
        long period = SESSIONS_AT_ONCE * sessionLength;
        long turn = (index + lane * period / SESSIONS_AT_ONCE) / period;
        return turn * SESSIONS_AT_ONCE + lane;
    }

    private int rank(SplittableRandom random) {
        int place = Arrays.binarySearch(zipf, random.nextDouble() * zipf[COMBINATIONS - 1]);
        return Math.min(COMBINATIONS - 1, place >= 0 ? place : -place - 1);
    }

    private static void addTokens(UsageRecord.Builder builder, Model model, SplittableRandom random) {
        long output = logUniform(random, 20, 4_000);
        builder.inputTokens(logUniform(random, 50, 20_000)).outputTokens(output);
        if (model.reasons()) {
            builder.reasoningTokens(output * random.nextInt(70) / 100);
        }
        if (model.caching() != Caching.NONE) {
            builder.cacheReadInputTokens(logUniform(random, 1_000, 120_000));
        }
        if (model.caching() == Caching.WRITES_AND_READS && random.nextInt(10) < 4) {
            long written = logUniform(random, 500, 20_000);
            long hour = random.nextInt(4) == 0 ? written / 2 : 0;
            // One in ten does not say how long its writes live.
            long split = random.nextInt(10) == 0 ? 0 : written - hour;
            builder.cacheCreationInputTokens(written)
                    .cacheCreation5mInputTokens(split)
                    .cacheCreation1hInputTokens(split == 0 ? 0 : hour);
        }
    }

    private static long logUniform(SplittableRandom random, long from, long to) {
        return (long) (from * StrictMath.pow((double) to / from, random.nextDouble()));
    }

    private static int skewed(SplittableRandom random, int bound) {
        double uniform = random.nextDouble();
        return (int) (bound * uniform * uniform);
    }

    private static String timeOrderedId(Instant occurred, SplittableRandom random) {
        long most = (occurred.toEpochMilli() << 16) | 0x7000L | random.nextInt(1 << 12);
        return new UUID(most, (random.nextLong() & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L).toString();
    }

    private static String requestId(SplittableRandom random) {
        char[] id = "req_01234567890123456789".toCharArray();
        for (int i = "req_".length(); i < id.length; i++) {
            id[i] = Character.forDigit(random.nextInt(36), 36);
        }
        return new String(id);
    }

    private static String uuid(long bits, int version) {
        long most = (bits & 0xffff_ffff_ffff_0fffL) | ((long) version << 12);
        return new UUID(most, (mix(bits) & 0x3fff_ffff_ffff_ffffL) | 0x8000_0000_0000_0000L).toString();
    }

    /** The finaliser of SplitMix64: neighbouring numbers become unrelated ones. */
    private static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
        return mixed ^ (mixed >>> 31);
    }
}
