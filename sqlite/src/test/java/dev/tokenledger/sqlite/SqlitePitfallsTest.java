package dev.tokenledger.sqlite;

import dev.tokenledger.testkit.PitfallRules;
import dev.tokenledger.testkit.TestStore;
import java.io.IOException;

class SqlitePitfallsTest extends PitfallRules {

    @Override
    protected TestStore newStore() throws IOException {
        return new FileStore();
    }
}
