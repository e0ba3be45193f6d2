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
        MISSING_CALL(
                "calls the ledger lacks",
                "find the program that used the key: project and model are named; record its calls"),
        /** The ledger has calls that the bill has not. */
        EXTRA_CALL("calls the bill lacks", "look at the ids; reverse what never was"),
        /** The ledger has failed or canceled calls with a cost, which the provider did not bill. */
        FAILED_CALL("failed calls not billed", "reverse them, or record failures without tokens"),
        /** Both have the calls, on different sides of midnight. */
        BUCKET_BOUNDARY("dated in another bucket", "nothing: it is zero over both days"),
        /** Both have the calls, in different service tiers, or at different prices of a tier. */
        TIER("service tier", "record the tier that the answer states; complete the price"),
        /** Both have the calls, in different regions, or at different prices of a region. */
        REGION("region", "record the place that the answer states; complete the price"),
        /** Both have the calls, in different projects. */
        PROJECT("project", "record the project as an attribute, as the provider has it"),
        /** Both have the calls, on different sides of the boundary of long context. */
        LONG_CONTEXT("long context", "complete the price with its tier for long context"),
        /** Both have the tokens, those of cache writes in different lifetimes. */
        CACHE_SPLIT("cache writes of another lifetime", "mend the reader that records cache writes"),
        /** Both have the calls, their tokens in different classes. */
        TOKEN_CLASS("class of tokens", "mend the reader that records the classes"),
        /** The same tokens at different prices. */
        PRICE("price", "correct the price file, then reprice"),
        /** No more than the figures of the bill and of the ledger are rounded by. */
        ROUNDING("rounding", "nothing"),
        /** A credit, grant or free tier of the bill. */
        CREDIT("credit", "book it"),
        /** A discount of the bill from its list prices. */
        DISCOUNT("discount", "book it"),
        /** A tax of the bill. */
        TAX("tax", "book it"),
        /** An amount that was entered into the ledger so that it meets the bill. */
        ADJUSTMENT("booked before", "nothing; reverse takes it back"),
        /** Something that is no call of a model. */
        OTHER("not model calls", "book it"),
        /** What is left where the bill states too little. */
        UNEXPLAINED("unexplained", "ask the provider for a finer report");

        private final String words;
        private final String advice;

        Kind(String words, String advice) {
            this.words = words;
            this.advice = advice;
        }

        /** The name in JSON. */
        public String text() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** The name in tables. */
        public String words() {
            return words;
        }

        /** What a person does about it, in a few words. */
        public String advice() {
            return advice;
        }
    }
}
