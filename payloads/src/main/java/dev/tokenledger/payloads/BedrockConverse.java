package dev.tokenledger.payloads;

import dev.tokenledger.formats.text.Node;
import dev.tokenledger.usage.TokenCounts;

/**
 * Amazon Bedrock's Converse, format {@code bedrock-converse}: {@code inputTokens} leaves {@code cacheReadInputTokens} and
 * {@code cacheWriteInputTokens} out. {@code cacheDetails} splits the writes by {@code ttl} ({@code 5m}, {@code 1h}); writes
 * without a split are noted as {@code cache_split_missing}, a split above its total counts and is noted as {@code
 * cache_split_above_total}. Reasoning is not told apart.
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
        long reads = figures.first("cacheReadInputTokens", "cacheReadInputTokenCount");
        PayloadUsage.Builder read = new PayloadUsage.Builder();
        long writes5m = 0;
        long writes1h = 0;
        for (Figures detail : figures.objects("cacheDetails")) {
            String ttl = detail.text("ttl");
            if (ttl.equals("5m")) {
                writes5m += detail.count("inputTokens");
            } else if (ttl.equals("1h")) {
                writes1h += detail.count("inputTokens");
            } else {
                detail.ignore("inputTokens"); // In the total, and unattributed.
            }
        }
        long writes = figures.first("cacheWriteInputTokens", "cacheWriteInputTokenCount");
        if (writes5m + writes1h > writes) {
            if (writes > 0) {
                read.note("cache_split_above_total");
            }
            writes = writes5m + writes1h;
        } else if (writes > writes5m + writes1h) {
            read.note("cache_split_missing");
        }
        if (figures.has("totalTokens")) {
            long total = figures.total("totalTokens");
            if (total != input + output && total != input + output + reads + writes) {
                read.note("total_differs");
            }
        }
        return read.tokens(TokenCounts.builder()
                        .input(input)
                        .output(output)
                        .cacheCreation(writes)
                        .cacheCreation5m(writes5m)
                        .cacheCreation1h(writes1h)
                        .cacheRead(reads)
                        .build())
                .build(figures);
    }
}
