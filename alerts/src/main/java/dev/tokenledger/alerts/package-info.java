/**
 * Tells people and programs how budgets stand: finds out which thresholds are reached ({@link
 * dev.tokenledger.alerts.BudgetAlerts}), and sends what there is to tell by webhooks and mail. Invariants: what was reached is in
 * the ledger before anybody is told, as a reader's state, so that it outlives the process; of several processes on a ledger one
 * tells, each channel once for a threshold and period; whoever answered is not told again, unless the process died between the
 * answer and the note of it, and then under the same id. No request, log line or state holds a secret, a prompt or a payload.
 * What it is not: a guard. It stops no call, and no call waits for it.
 */
@NullMarked
package dev.tokenledger.alerts;

import org.jspecify.annotations.NullMarked;
