package dev.tokenledger.formats.budgets;

import java.util.List;

/**
 * What a budget file says: the budgets, and the channels that are told of them.
 *
 * @param budgets in the order of the file
 * @param channels in the order of the file; their names differ
 */
public record BudgetPlan(List<Budget> budgets, List<Channel> channels) {

    /** No budgets and no channels. */
    public static final BudgetPlan EMPTY = new BudgetPlan(List.of(), List.of());

    /** Copies the lists. */
    public BudgetPlan {
        budgets = List.copyOf(budgets);
        channels = List.copyOf(channels);
    }

    /** The channels that are told of a budget. */
    public List<Channel> channels(Budget budget) {
        return budget.policy()
                .channels()
                .map(names -> channels.stream()
                        .filter(channel -> names.contains(channel.name()))
                        .toList())
                .orElse(channels);
    }
}
