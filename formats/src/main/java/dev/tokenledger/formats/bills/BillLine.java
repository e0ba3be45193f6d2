package dev.tokenledger.formats.bills;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Optional;

/**
 * One figure of a bill or usage report. What it does not state is empty.
 *
 * @param kind what the figure is about
 * @param start the first instant that it covers
 * @param end the instant behind the last one
 * @param model the model as the report names it
 * @param what a class of tokens as price files name it, {@link #PROMPT}, a paid tool call such as {@code web_search}; empty if
 *     an amount is for all of them together
 * @param tokens whether {@code what} is a class of tokens, and not a tool call
 * @param tier the service tier, in lower case, {@code standard} for the ordinary one; empty where the report does not tell tiers apart
 * @param region the place that served, in lower case; empty for no particular one
 * @param longContext whether the provider counts the calls as ones of long context
 * @param project the project or workspace
 * @param callId the id of a single call
 * @param quantity tokens or tool calls
 * @param requests calls of the model
 * @param amount US dollars, exact; negative for what is taken off
 * @param text the report's own words, for what has no other name
 * @param file the file's name
 * @param line where it stands in the file, from 1
 */
public record BillLine(
        Kind kind,
        Instant start,
        Instant end,
        String model,
        String what,
        boolean tokens,
        String tier,
        String region,
        boolean longContext,
        String project,
        String callId,
        Optional<BigDecimal> quantity,
        Optional<BigDecimal> requests,
        Optional<BigDecimal> amount,
        String text,
        String file,
        long line) {

    /** All input tokens together, for reports that do not tell cached ones apart. */
    public static final String PROMPT = "prompt";

    /** The ordinary service tier. */
    public static final String ORDINARY_TIER = "standard";

    /** What a figure is about. */
    public enum Kind {
        /** Use of models or their tools. */
        USAGE,
        /** A credit, grant or free tier, taken off. */
        CREDIT,
        /** A negotiated discount from the list price, taken off. */
        DISCOUNT,
        /** A tax. */
        TAX,
        /** The bill's own rounding. */
        ROUNDING,
        /** Something else, such as the storage of a cache. */
        OTHER
    }

    /** Begins a line of a file. */
    static Builder at(String file, long line, Instant start, Instant end) {
        return new Builder(file, line, start, end);
    }

    /** Makes lines that have much in common. Not safe for use by several threads. */
    static final class Builder {
        private final String file;
        private final long line;
        private final Instant start;
        private final Instant end;
        private Kind kind = Kind.USAGE;
        private String model = "";
        private String what = "";
        private boolean tokens = true;
        private String tier = "";
        private String region = "";
        private boolean longContext;
        private String project = "";
        private String callId = "";
        private Optional<BigDecimal> quantity = Optional.empty();
        private Optional<BigDecimal> requests = Optional.empty();
        private Optional<BigDecimal> amount = Optional.empty();
        private String text = "";

        private Builder(String file, long line, Instant start, Instant end) {
            this.file = file;
            this.line = line;
            this.start = start;
            this.end = end;
        }

        Builder kind(Kind value) {
            kind = value;
            return this;
        }

        Builder model(String value) {
            model = value;
            return this;
        }

        /** A class of tokens. */
        Builder tokens(String tokenClass) {
            what = tokenClass;
            tokens = true;
            return this;
        }

        /** A paid tool call. */
        Builder calls(String name) {
            what = name;
            tokens = false;
            return this;
        }

        Builder tier(String value) {
            String special = UsageWords.tier(value);
            tier = value.isBlank() || !special.isEmpty() ? special : ORDINARY_TIER;
            return this;
        }

        Builder region(String value) {
            region = UsageWords.region(value);
            return this;
        }

        Builder longContext(boolean value) {
            longContext = value;
            return this;
        }

        Builder project(String value) {
            project = value;
            return this;
        }

        Builder callId(String value) {
            callId = value;
            return this;
        }

        Builder quantity(BigDecimal value) {
            quantity = Optional.of(value);
            return this;
        }

        Builder requests(BigDecimal value) {
            requests = Optional.of(value);
            return this;
        }

        Builder amount(BigDecimal value) {
            amount = Optional.of(value);
            return this;
        }

        /** Takes quantity, requests and amount back, for the next line of the same row. */
        Builder withoutFigures() {
            quantity = Optional.empty();
            requests = Optional.empty();
            amount = Optional.empty();
            return this;
        }

        Builder text(String value) {
            text = value;
            return this;
        }

        BillLine build() {
            return new BillLine(
                    kind,
                    start,
                    end,
                    model,
                    what,
                    tokens,
                    tier,
                    region,
                    longContext,
                    project,
                    callId,
                    quantity,
                    requests,
                    amount,
                    text,
                    file,
                    line);
        }
    }
}
