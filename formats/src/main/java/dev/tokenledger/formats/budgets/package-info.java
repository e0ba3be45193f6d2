/**
 * Budgets: limits to what a day or a month may cost, how much of them is used up, and whether there is room for one more call.
 * Owns the form of the budget file ({@link dev.tokenledger.formats.budgets.BudgetFile}), what a budget comes to ({@link
 * dev.tokenledger.formats.budgets.BudgetStatus}), and the question before a call ({@link
 * dev.tokenledger.formats.budgets.BudgetGuard}) with the reservations that it keeps in the ledger as readers' states.
 * Invariants: what was spent is what a summary of the same window and filters says, digit for digit; a cost that is not wholly
 * known is a lower bound, and is never called within its limit; spent and reserved together pass a limit only by what the guard
 * was not asked for or told too little of. What it is not: a brake by itself. Nothing stops a call that asks nobody.
 */
@NullMarked
package dev.tokenledger.formats.budgets;

import org.jspecify.annotations.NullMarked;
