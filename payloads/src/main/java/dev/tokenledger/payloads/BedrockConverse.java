package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Amazon Bedrock's Converse, format {@code bedrock-converse}: {@code inputTokens} leaves {@code cacheReadInputTokens} and
 * {@code cacheWriteInputTokens} out. {@code cacheDetails} splits the writes by {@code ttl} ({@code 5m}, {@code 1h}); writes
 * without a split are noted as {@code cache_split_missing}. Reasoning is not told apart.
 */
public final class BedrockConverse implements UsagePayload {

    BedrockConverse() {}

    @Override
    public String format() {
        return "bedrock-converse";
    }

    @Override
    public PayloadUsage read(Node.Mapping usage) {
        Figures figures = Figures.of(usage);
        long input = figures.count("inputTokens");
        long output = figures.count("outputTokens");
        figures.requireAny();
        long reads = figures.count("cacheReadInputTokens");
        long writes5m = 0;
        long writes1h = 0;
        for (Figures detail : figures.objects("cacheDetails")) {
            String ttl = detail.text("ttl");
            if (ttl.equals("5m")) {
                writes5m += detail.count("inputTokens");
            } else if (ttl.equals("1h")) {
                writes1h += detail.count("inputTokens");
            }
        }
        boolean stated = figures.has("cacheWriteInputTokens");
        long writes = stated ? figures.count("cacheWriteInputTokens") : writes5m + writes1h;
        long unattributed = figures.without("cacheWriteInputTokens", writes, "cacheDetails", writes5m + writes1h);
        SortedSet<String> notes = new TreeSet<>();
        if (unattributed > 0) {
            notes.add("cache_split_missing");
        }
        return PayloadUsage.of(new TokenCounts(input, output, writes, writes5m, writes1h, reads, 0, 0, 0, 0, 0), notes);
    }
}
