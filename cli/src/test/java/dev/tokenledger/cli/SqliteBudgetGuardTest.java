package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.io.TempDir;

class SqliteBudgetGuardTest extends BudgetGuardContract {

    @TempDir
    Path folder;

    @Override
    Ledger open(InstantSource by) {
        return GuardChild.open(place(), by);
    }

    @Override
    String place() {
        return folder.resolve("ledger.db").toString();
    }
}
