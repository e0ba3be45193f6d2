package dev.tokenledger.spring;

import java.util.HashSet;
import java.util.Set;

/**
 * The observed calls that go on at present. An observation never learns the id of an answer that breaks off or is left early;
 * but an answer that began while it was the only observation of its model is its own. Of several at a time it cannot be told.
 * Safe for use by many threads.
 */
final class OpenCalls {

    private final Set<OpenCall> open = new HashSet<>();

    /** A call that goes on; its own identity is what it is told apart by. */
    static final class OpenCall {

        private final String provider;
        private final String model;
        private boolean alone = true;

        private OpenCall(String provider, String model) {
            this.provider = provider;
            this.model = model;
        }

        private boolean isLike(OpenCall other) {
            return provider.equals(other.provider) && model.equals(other.model);
        }
    }

    /** A call begins. */
    OpenCall begin(String provider, String model) {
        OpenCall call = new OpenCall(provider, model);
        synchronized (open) {
            for (OpenCall other : open) {
                if (call.isLike(other)) {
                    other.alone = false;
                    call.alone = false;
                }
            }
            open.add(call);
        }
        return call;
    }

    /** A call ends; returns whether it was the only one of its model all the time. */
    boolean end(OpenCall call) {
        synchronized (open) {
            open.remove(call);
            return call.alone;
        }
    }
}
