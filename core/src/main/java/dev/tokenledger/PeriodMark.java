package dev.tokenledger;

import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * How far a ledger's periods are closed, from some moment on. What happened before that is not revalued, nor reversed or replaced
 * by hand; records that come late and revisions from sources that grow are stored all the same. The last mark counts.
 *
 * @param closedBefore what happened before this instant is closed, in microseconds; empty if nothing is
 * @param zone the time zone that the instant was meant in, for people
 * @param reason why, 1 to 512 characters
 * @param recorded when the mark was written, in microseconds
 */
public record PeriodMark(Optional<Instant> closedBefore, String zone, String reason, Instant recorded) {

    /**
     * Trims the texts, and cuts instants to microseconds.
     *
     * @throws IllegalArgumentException if the reason is empty, or a text too long or none
     */
    public PeriodMark {
        closedBefore = closedBefore.map(instant -> instant.truncatedTo(ChronoUnit.MICROS));
        zone = Texts.checked("zone", zone, Bound.ID);
        reason = Texts.checked("reason", reason, Bound.TEXT);
        recorded = recorded.truncatedTo(ChronoUnit.MICROS);
        if (reason.isEmpty()) {
            throw new IllegalArgumentException("reason: expected a text, found none");
        }
    }

    /**
     * Before which instant calls are closed.
     *
     * @param marks a ledger's, in order
     * @return empty if nothing is closed
     */
    public static Optional<Instant> closedBefore(List<PeriodMark> marks) {
        return marks.isEmpty() ? Optional.empty() : marks.get(marks.size() - 1).closedBefore();
    }
}
