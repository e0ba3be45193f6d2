package dev.tokenledger;

import dev.tokenledger.testkit.FederationContract;
import dev.tokenledger.testkit.TestStore;

class FederationOfMemoryTest extends FederationContract {

    @Override
    protected TestStore newStore(int place) {
        return new InMemoryStore();
    }
}
