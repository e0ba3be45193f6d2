package dev.tokenledger.formats.budgets;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.money.Usd;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The reservations of a ledger, of one moment. They are readers' states, one for each reservation, so that a record's batch ends
 * its own without touching others; and one that every admission changes, so that of two at the same time one is tried again.
 *
 * @param turn changed by each admission; empty before the first
 * @param byId those that have not expired
 * @param expired the names of the others
 */
record OpenReservations(String turn, Map<String, Reservation> byId, List<String> expired) {

    private static final String PREFIX = "budget-guard/";
    private static final String OPEN = PREFIX + "open/";

    /** The key of the state that every admission changes. */
    static final String TURN = PREFIX + "turn";

    /** The key of a reservation. */
    static String key(String id) {
        return OPEN + id;
    }

    /** Reads them all at once. */
    static OpenReservations read(Ledger ledger, Instant now) {
        Map<String, Reservation> byId = new HashMap<>();
        List<String> expired = new ArrayList<>();
        Map<String, String> states = ledger.readerStates(PREFIX);
        states.forEach((key, state) -> {
            if (key.startsWith(OPEN)) {
                String id = key.substring(OPEN.length());
                Reservation reservation = parsed(id, state);
                if (reservation.expires().isAfter(now)) {
                    byId.put(id, reservation);
                } else {
                    expired.add(id);
                }
            }
        });
        return new OpenReservations(states.getOrDefault(TURN, ""), byId, expired);
    }

    private static Reservation parsed(String id, String state) {
        try {
            return Reservation.parse(state);
        } catch (IllegalArgumentException e) {
            throw new LedgerIncompatibleException(
                    "cannot read the reservation " + id + ": " + e.getMessage()
                            + "; update Tokenledger, or release the reservation",
                    e);
        }
    }

    /** What the next admission changes the turn to. */
    String nextTurn() {
        try {
            return turn.isEmpty() ? "1" : Long.toString(Math.incrementExact(Long.parseLong(turn)));
        } catch (ArithmeticException | NumberFormatException e) {
            throw new LedgerIncompatibleException(
                    "cannot reserve a call's budget: the state " + TURN
                            + " is not one of this version; update Tokenledger",
                    e);
        }
    }

    /** What is reserved of a scope by others than one. */
    Usd amount(String scope, String own) {
        Usd sum = Usd.ZERO;
        for (Map.Entry<String, Reservation> open : byId.entrySet()) {
            if (!open.getKey().equals(own) && open.getValue().scopes().contains(scope)) {
                sum = sum.plus(open.getValue().amount());
            }
        }
        return sum;
    }
}
