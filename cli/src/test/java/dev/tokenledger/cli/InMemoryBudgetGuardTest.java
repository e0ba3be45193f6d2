package dev.tokenledger.cli;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import java.time.InstantSource;

class InMemoryBudgetGuardTest extends BudgetGuardContract {

    @Override
    Ledger open(InstantSource by) {
        return InMemoryLedger.open(GuardChild.prices(), by);
    }

    @Override
    String place() {
        return "";
    }
}
