package dev.tokenledger.server.http;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.http.HttpStatus;

/**
 * Whose turn it is to be answered: so many questions at a time, from the reading of the ledger to the text of the answer, so that
 * records are stored without delay however many ask, and answers that are being made fit in memory. Others wait, in the order in
 * which they came; too many of them, or one that waits too long, are told to ask again. Safe for use by many threads.
 */
final class Turns {

    private final Semaphore free;
    private final int maxWaiting;
    private final long waitMillis;

    /**
     * Lets questions be answered.
     *
     * @param answered how many at a time
     * @param maxWaiting how many more wait
     * @param waitMillis how long one waits
     */
    Turns(int answered, int maxWaiting, long waitMillis) {
        free = new Semaphore(answered, true);
        this.maxWaiting = maxWaiting;
        this.waitMillis = waitMillis;
    }

    /**
     * Runs what answers a question, when it is its turn.
     *
     * @throws Problem of 503 if its turn does not come
     * @throws InterruptedException if the thread is interrupted before it comes
     */
    void run(Departures.Answering answering) throws Exception {
        if (!free.tryAcquire()) {
            if (free.getQueueLength() >= maxWaiting || !free.tryAcquire(waitMillis, TimeUnit.MILLISECONDS)) {
                throw Problem.of(
                        HttpStatus.SERVICE_UNAVAILABLE_503,
                        "more questions than are answered at once; ask again in a second");
            }
        }
        try {
            answering.run();
        } finally {
            free.release();
        }
    }
}
