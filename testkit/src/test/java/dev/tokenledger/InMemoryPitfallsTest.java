package dev.tokenledger;

import dev.tokenledger.testkit.PitfallRules;
import dev.tokenledger.testkit.TestStore;

class InMemoryPitfallsTest extends PitfallRules {

    @Override
    protected TestStore newStore() {
        return new InMemoryStore();
    }
}
