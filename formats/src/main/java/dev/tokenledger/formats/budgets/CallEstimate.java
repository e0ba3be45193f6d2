package dev.tokenledger.formats.budgets;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.UsageRecord;
import java.time.Instant;
import java.util.List;
import java.util.Objects;

/**
 * What a call that is about to be made will cost at most, as far as that is known.
 *
 * @param call what is known of its record beforehand: model and provider, service tier, labels
 * @param amount what it will cost; 0 or more
 * @param status whether the amount covers all of it: a call without a price costs more than the 0 that is known
 */
public record CallEstimate(UsageRecord call, Usd amount, PricingStatus status) {

    /** @throws IllegalArgumentException if the amount is negative or above 9,000,000 USD, more than a record can cost */
    public CallEstimate {
        Objects.requireNonNull(call, "call");
        Objects.requireNonNull(status, "status");
        if (amount.signum() < 0 || amount.compareTo(Usd.RECORD_LIMIT) > 0) {
            throw new IllegalArgumentException("amount: expected 0 to " + Usd.RECORD_LIMIT + " USD, found " + amount);
        }
    }

    /** A call that the caller knows the cost of. */
    public static CallEstimate of(ModelIdentity model, Usd amount) {
        return new CallEstimate(UsageRecord.builder().identity(model).build(), amount, PricingStatus.PRICED);
    }

    /**
     * The cost of an expected record: of the tokens that it states, at its service tier, at the price in force. A cost that it
     * brings along is kept as it is.
     *
     * @param at when the call will be made; the record's own timestamp goes before it
     * @throws IllegalArgumentException if it would cost more than 9,000,000 USD
     */
    public static CallEstimate of(UsageRecord expected, PriceBook prices, Instant at) {
        Cost cost = prices.price(expected, at);
        return new CallEstimate(expected, cost.amount(), cost.status());
    }

    /**
     * The most that a call can cost whose tokens are counted or bounded: all input at the dearest of the rates for input and for
     * writes to the prompt cache, all output generated. Fees by the call or the tool are not in it.
     *
     * @param inputTokens all of the input, 0 or more
     * @param maxOutputTokens the most that the call asks for, reasoning included, 0 or more
     * @param at when the call will be made
     * @throws IllegalArgumentException if a count is negative or it would cost more than 9,000,000 USD
     */
    public static CallEstimate worstCase(
            ModelIdentity model, long inputTokens, long maxOutputTokens, PriceBook prices, Instant at) {
        CallEstimate worst =
                of(generating(model, maxOutputTokens).inputTokens(inputTokens).build(), prices, at);
        List<UsageRecord.Builder> writing = List.of(
                generating(model, maxOutputTokens).cacheCreation5mInputTokens(inputTokens),
                generating(model, maxOutputTokens).cacheCreation1hInputTokens(inputTokens));
        for (UsageRecord.Builder record : writing) {
            // Of a model without a price for writes, what remains of the cost is less.
            CallEstimate other = of(record.cacheCreationInputTokens(inputTokens).build(), prices, at);
            if (other.amount.compareTo(worst.amount) > 0) {
                worst = new CallEstimate(worst.call, other.amount, worst.status);
            }
        }
        return worst;
    }

    /**
     * The tokens of a text that nobody has counted: a third of its bytes in UTF-8, rounded up. Providers' tokenizers make fewer of
     * prose and code in most languages, of English a quarter; more of random letters and digits, such as keys and encoded bytes.
     */
    public static long tokensOf(CharSequence text) {
        long bytes = 0;
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            // Each half of a surrogate pair is two of its four bytes.
            bytes += unit < 0x80 ? 1 : unit < 0x800 || Character.isSurrogate(unit) ? 2 : 3;
        }
        return (bytes + 2) / 3;
    }

    private static UsageRecord.Builder generating(ModelIdentity model, long tokens) {
        return UsageRecord.builder().identity(model).outputTokens(tokens).reasoningTokens(tokens);
    }

    /** Whether the amount covers all of the call. */
    public boolean isPriced() {
        return status == PricingStatus.PRICED;
    }
}
