package dev.tokenledger.server;

import dev.tokenledger.Ledger;
import dev.tokenledger.usage.UsageRecord;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Two months of a small team's calls before an instant, the same for the same seed. */
final class SampleUsage {

    /** A model's name that is markup: it must stay text wherever it is shown. */
    static final String HOSTILE = "<script>document.title='taken'</script>\"'><img src=x onerror=alert(1)>";

    /** The last but one is nobody's to sell, so that some calls of a team have no price however many the price book has. */
    private static final String[] MODELS = {
        "claude-sonnet-4-5",
        "claude-opus-4-1",
        "gpt-5",
        "gpt-5-mini",
        "gemini-2.5-pro",
        "gemini-2.5-flash",
        "claude-haiku-4-5",
        "team-own-chat",
        "mistral-large-latest"
    };

    private static final String[] PROVIDERS = {
        "anthropic", "anthropic", "openai", "openai", "google", "google", "anthropic", "self-hosted", "mistral"
    };
    private static final int[] SHARES = {30, 6, 18, 14, 10, 9, 8, 3, 2};
    private static final String[] TASKS = {"review", "chat", "summaries", "search", ""};

    private SampleUsage() {}

    static void fill(Ledger ledger, Instant now, long seed, int days, int perDay) {
        Random random = new Random(seed);
        List<UsageRecord> records = new ArrayList<>();
        for (int day = days; day >= 0; day--) {
            int calls = perDay / 2 + random.nextInt(perDay);
            for (int i = 0; i < calls; i++) {
                Instant when = now.minus(Duration.ofDays(day))
                        .minus(Duration.ofSeconds(random.nextInt(40_000)))
                        .minusSeconds(1);
                records.add(call("call-" + day + "-" + i, when, random));
            }
        }
        records.add(UsageRecord.builder()
                .model(HOSTILE)
                .id("hostile")
                .timestamp(now.minusSeconds(60))
                .sessionId("</title><b>s</b>")
                .inputTokens(900_000)
                .outputTokens(90_000)
                .build());
        ledger.appendAll(records);
    }

    private static UsageRecord call(String id, Instant when, Random random) {
        int pick = random.nextInt(100);
        int model = 0;
        while (pick >= SHARES[model]) {
            pick -= SHARES[model++];
        }
        boolean cached = PROVIDERS[model].equals("anthropic");
        int written = cached ? random.nextInt(6_000) : 0;
        return UsageRecord.builder()
                .model(MODELS[model])
                .provider(PROVIDERS[model])
                .id(id)
                .timestamp(when)
                .sessionId("session-" + when.getEpochSecond() / 86_400 + "-" + random.nextInt(4))
                .taskName(TASKS[random.nextInt(TASKS.length)])
                .attribute("project", random.nextInt(3) == 0 ? "atlas" : "household")
                .inputTokens(200 + random.nextInt(9_000))
                .outputTokens(100 + random.nextInt(2_500))
                .cacheReadInputTokens(cached ? random.nextInt(60_000) : 0)
                .cacheCreation5mInputTokens(written)
                .cacheCreationInputTokens(written)
                .build();
    }
}
