package dev.tokenledger.formats.reconcile;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Why a ledger and a bill differ in one bucket.
 *
 * @param kind the cause
 * @param bucket the bucket's name
 * @param model the bill's name of the model; empty for none in particular
 * @param tier the service tier; empty for the ordinary one
 * @param region the place that served; empty for none in particular
 * @param project the project or workspace; empty for none or all
 * @param usd what it adds to the ledger's total less the bill's: negative where the bill is higher
 * @param calls how many calls are concerned; 0 if nobody states it
 * @param tokens tokens and tool calls concerned, by class
 * @param ids the ids of the records, or calls of the bill, concerned, as far as they are known; the first {@value #MAX_IDS}
 * @param note what a person should know, in a sentence or two
 */
public record Cause(
        Kind kind,
        String bucket,
        String model,
        String tier,
        String region,
        String project,
        BigDecimal usd,
        long calls,
        Map<String, BigDecimal> tokens,
        List<String> ids,
        String note) {

    /** The most ids that a cause names. */
    public static final int MAX_IDS = 20;

    /** Copies its collections. */
    public Cause {
        tokens = Collections.unmodifiableMap(new TreeMap<>(tokens));
        ids = ids.stream().limit(MAX_IDS).toList();
    }

    /** The causes that are told apart. */
    public enum Kind {
        /** The bill has calls that the ledger has not. */
        MISSING_CALL("calls the ledger lacks"),
        /** The ledger has calls that the bill has not. */
        EXTRA_CALL("calls the bill lacks"),
        /** The ledger has failed or canceled calls with a cost, which the provider did not bill. */
        FAILED_CALL("failed calls not billed"),
        /** Both have the calls, on different sides of midnight. */
        BUCKET_BOUNDARY("dated in another bucket"),
        /** Both have the calls, in different service tiers, or at different prices of a tier. */
        TIER("service tier"),
        /** Both have the calls, in different regions, or at different prices of a region. */
        REGION("region"),
        /** Both have the calls, in different projects. */
        PROJECT("project"),
        /** Both have the calls, on different sides of the boundary of long context. */
        LONG_CONTEXT("long context"),
        /** Both have the tokens, those of cache writes in different lifetimes. */
        CACHE_SPLIT("cache writes of another lifetime"),
        /** Both have the calls, their tokens in different classes. */
        TOKEN_CLASS("class of tokens"),
        /** The same tokens at different prices. */
        PRICE("price"),
        /** No more than the figures of the bill and of the ledger are rounded by. */
        ROUNDING("rounding"),
        /** A credit, grant or free tier of the bill. */
        CREDIT("credit"),
        /** A discount of the bill from its list prices. */
        DISCOUNT("discount"),
        /** A tax of the bill. */
        TAX("tax"),
        /** An amount that was entered into the ledger so that it meets the bill. */
        ADJUSTMENT("booked before"),
        /** Something that is no call of a model. */
        OTHER("not model calls"),
        /** What is left where the bill states too little. */
        UNEXPLAINED("unexplained");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        /** The name in JSON. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The name in tables. */
        public String words() {
            return words;
        }
    }
}
