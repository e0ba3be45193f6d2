package dev.tokenledger.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * While it is open, a signal to end the program (Ctrl-C, SIGTERM) interrupts a thread and gives it some seconds to say what was
 * done.
 */
final class StopSignal implements AutoCloseable {

    private static final long MAX_WAIT_SECONDS = 10;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread hook;

    private StopSignal(Thread worker) {
        hook = new Thread(() -> stop(worker), "stop");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    private void stop(Thread worker) {
        worker.interrupt();
        try {
            if (!closed.await(MAX_WAIT_SECONDS, TimeUnit.SECONDS)) {
                // The program ends all the same.
                worker.interrupt();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static StopSignal interrupting(Thread worker) {
        return new StopSignal(worker);
    }

    @Override
    public void close() {
        closed.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // The program is ending already.
        }
    }
}
