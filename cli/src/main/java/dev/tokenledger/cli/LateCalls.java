package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.PeriodMark;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import java.time.Instant;
import java.util.Optional;

/** What came to a closed period while something was written. Where nothing is closed, nothing is asked. */
final class LateCalls {

    private final Ledger ledger;
    private final Optional<Instant> closedBefore;
    private final Summary before;

    LateCalls(Ledger ledger) {
        this.ledger = ledger;
        closedBefore = PeriodMark.closedBefore(ledger.periodMarks());
        before = total();
    }

    private Summary total() {
        return closedBefore
                .map(until -> ledger.summary(TimeWindow.of(TimeWindow.MIN, until)))
                .orElse(Summary.ZERO);
    }

    /** Says so, if there is any. Where the ledger has failed, that is told already. */
    void tell(Session session) {
        Summary now;
        try {
            now = total();
        } catch (LedgerException e) {
            return;
        }
        if (!now.equals(before)) {
            long calls = now.totalRecords() - before.totalRecords();
            session.warn("late: " + Figures.count(calls, "call", "calls") + ", "
                    + Figures.exactUsd(now.totalCost().minus(before.totalCost())) + ", came to what is closed, before "
                    + closedBefore.map(Instant::toString).orElse("") + "; 'tokenledger close' shows them");
        }
    }
}
