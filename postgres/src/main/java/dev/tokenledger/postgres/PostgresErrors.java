package dev.tokenledger.postgres;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerCorruptException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.LedgerIncompatibleException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerReadOnlyException;
import dev.tokenledger.LedgerTimeoutException;
import dev.tokenledger.LedgerUnavailableException;
import java.sql.SQLException;

/**
 * What PostgreSQL's error codes mean to a caller. A message says what was attempted, on what, what became of the data, and what
 * to do. It holds PostgreSQL's own sentence without its detail, which shows values of rows.
 */
final class PostgresErrors {

    /** What a failed attempt leaves behind, as messages say it. */
    enum Attempt {
        /** Nothing was to be written. */
        READ("", "; retry"),
        /** A transaction that is rolled back. */
        WRITE("; nothing was stored", ", retry with the same ids"),
        /** A commit whose answer was lost on the way. */
        COMMIT("; what was being written may or may not be stored", ", retry with the same ids");

        private final String outcome;
        private final String advice;

        Attempt(String outcome, String advice) {
            this.outcome = outcome;
            this.advice = advice;
        }
    }

    private PostgresErrors() {}

    /** Whether the same transaction may well succeed when it is tried again: it lost a deadlock, or a race. */
    static boolean isRetryable(SQLException cause) {
        String state = state(cause);
        return state.equals("40P01") || state.equals("40001");
    }

    /** Whether the connection is of no further use. */
    static boolean isLost(SQLException cause) {
        String state = state(cause);
        return state.startsWith("08") || state.equals("57P01") || state.equals("57P02") || state.equals("57P03");
    }

    static String state(SQLException cause) {
        String state = cause.getSQLState();
        return state == null ? "" : state;
    }

    /**
     * The exception for a failure.
     *
     * @param action what was attempted, as in "cannot {action} {place}"
     * @param place the database
     * @param stopped why the statement was cancelled, if this program cancelled it
     */
    static LedgerException of(String action, String place, Attempt attempt, Watchdog.Stop stopped, SQLException cause) {
        String start = "cannot " + action + " " + place + ": ";
        String state = state(cause);
        String outcome = attempt.outcome;
        boolean cancelled = state.equals("57014");
        if (stopped == Watchdog.Stop.INTERRUPTED && (cancelled || isLost(cause))) {
            return new LedgerInterruptedException(
                    start + "the thread was interrupted" + outcome + attempt.advice, cause);
        }
        if (cancelled) {
            return new LedgerTimeoutException(
                    start + "it took longer than its time limit" + outcome
                            + (attempt == Attempt.READ
                                    ? "; ask for a shorter window or fewer groups, or raise the limit"
                                    : attempt.advice),
                    cause);
        }
        return switch (state) {
            case "40P01", "40001", "55P03", "53300", "57P03" ->
                new LedgerBusyException(
                        start
                                + switch (state) {
                                    case "53300" -> "the server has no connection left";
                                    case "57P03" -> "the server is starting or stopping";
                                    default -> "other writers or readers were in the way";
                                }
                                + outcome
                                + attempt.advice,
                        cause);
            case "53100", "53200" ->
                new LedgerFullException(
                        start
                                + (state.equals("53100")
                                        ? "no room left on the server's disk"
                                        : "the server has no memory left")
                                + outcome + "; make room" + (attempt == Attempt.READ ? "" : attempt.advice),
                        cause);
            case "25006" ->
                new LedgerReadOnlyException(
                        start + "the server only reads: it is a replica or was set so" + outcome
                                + "; name the primary, or open the ledger for reading alone",
                        cause);
            case "42501" ->
                new LedgerReadOnlyException(
                        start + "this user has no right to do so (" + said(cause) + ")" + outcome
                                + "; ask the database's owner for it, or open the ledger for reading alone",
                        cause);
            case "XX001", "XX002" ->
                new LedgerCorruptException(
                        start + "the database is damaged (" + said(cause) + ")" + outcome
                                + "; keep a copy of it, and restore a backup",
                        cause);
            case "42P01", "42703", "3F000" ->
                new LedgerIncompatibleException(
                        start + "its tables are not those of a ledger (" + said(cause) + ")" + outcome
                                + "; name another database or schema",
                        cause);
            default ->
                new LedgerUnavailableException(
                        start
                                + reason(state, cause)
                                + outcome
                                + (attempt == Attempt.READ ? "; retry" : attempt.advice + " once the server is back"),
                        cause);
        };
    }

    private static String reason(String state, SQLException cause) {
        return switch (state) {
            case "28P01", "28000" -> "the server refused the user or the password";
            case "3D000" -> "there is no such database";
            case "57P01", "57P02" -> "the server ended the connection";
            case "08001" -> "the server cannot be reached";
            case "08003", "08006", "08000" -> "the connection to the server was lost";
            default -> said(cause);
        };
    }

    /** The first line alone: those that follow show values. */
    private static String said(SQLException cause) {
        String message = cause.getMessage();
        if (message == null) {
            return cause.getClass().getSimpleName();
        }
        int end = message.indexOf('\n');
        return end < 0 ? message : message.substring(0, end);
    }
}
