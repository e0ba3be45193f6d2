package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** A thread that writes while another one reads. */
final class BackgroundWriter {

    private BackgroundWriter() {}

    /**
     * Writes again and again until the reading has ended; neither may fail.
     *
     * @param write called with 0, 1, 2, …
     */
    static void during(Runnable reading, IntConsumer write) throws InterruptedException {
        AtomicBoolean enough = new AtomicBoolean();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Thread writer = new Thread(() -> {
            try {
                for (int i = 0; !enough.get(); i++) {
                    write.accept(i);
                }
            } catch (RuntimeException e) {
                failure.set(e);
            }
        });
        writer.start();
        try {
            reading.run();
        } finally {
            enough.set(true);
            writer.join();
        }
        assertThat(failure.get()).isNull();
    }
}
