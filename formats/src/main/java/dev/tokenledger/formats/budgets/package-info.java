/**
 * Budgets: limits to what a day or a month may cost, and how much of them is used up. Owns the form of the budget file ({@link
 * dev.tokenledger.formats.budgets.BudgetFile}) and what a budget comes to ({@link
 * dev.tokenledger.formats.budgets.BudgetStatus}). Invariants: what was spent is what a summary of the same window and filters
 * says, digit for digit; a cost that is not wholly known is a lower bound, and is never called within its limit. What it is
 * not: a brake. It tells; nothing stops a call.
 */
@NullMarked
package dev.tokenledger.formats.budgets;

import org.jspecify.annotations.NullMarked;
