package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A thread that writes while another one reads. */
final class BackgroundWriter {

    private BackgroundWriter() {}

    /**
     * Writes again and again until the reading, which begins once something was written, has ended; neither may fail.
     *
     * @param write called with 0, 1, 2, …
     */
    static void during(Runnable reading, IntConsumer write) throws InterruptedException {
        AtomicBoolean enough = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(1);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread writer = new Thread(() -> {
            try {
                for (int i = 0; !enough.get(); i++) {
                    write.accept(i);
                    begun.countDown();
                }
            } catch (RuntimeException e) {
                failure.set(e);
                begun.countDown();
            }
        });
        writer.start();
        try {
            begun.await();
            reading.run();
        } finally {
            enough.set(true);
            writer.join();
        }
        assertThat(failure.get()).isNull();
    }
}
