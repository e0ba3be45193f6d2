package dev.tokenledger.server.http;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The room that the bodies of all requests have together, as they were sent and unpacked. Copies that last a moment, and what
 * is made of a body, are not counted. Safe for use by many threads.
 */
final class BodyMemoryBudget {

    private final long most;
    private final AtomicLong taken = new AtomicLong();

    /**
     * An empty room.
     *
     * @param most how many bytes fit in
     */
    BodyMemoryBudget(long most) {
        this.most = most;
    }

    /** A request's share, whose first bytes are held whether there is room for them or not. */
    Share share(int first) {
        taken.addAndGet(first);
        return new Share(first);
    }

    /** What one request holds, until its answer is complete. */
    final class Share {

        private long held;
        private boolean released;

        private Share(long held) {
            this.held = held;
        }

        /** Holds more bytes; false if there is no room for them, or the request is over. */
        synchronized boolean take(long more) {
            if (released) {
                return false;
            }
            if (taken.addAndGet(more) > most) {
                taken.addAndGet(-more);
                return false;
            }
            held += more;
            return true;
        }

        /** Once: that a body took too long can be answered while more of it is being added. */
        synchronized void release() {
            if (!released) {
                released = true;
                taken.addAndGet(-held);
            }
        }
    }
}
