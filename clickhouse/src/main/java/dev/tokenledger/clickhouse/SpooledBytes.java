package dev.tokenledger.clickhouse;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The body of an answer as a whole: in memory, and beyond {@value #MAX_MEMORY} bytes in a temporary file that its owner alone can
 * read, and that has no name where the system allows that. Used by one thread at a time, that of the client and then the caller's.
 */
final class SpooledBytes implements AutoCloseable {

    static final int MAX_MEMORY = 16 << 20;

    /** Some ten million rows. */
    static final long MAX_BYTES = 1L << 30;

    private static final int BUFFER = 1 << 16;

    private final int maxMemory;
    private final long maxBytes;
    private byte[] memory = new byte[0];
    private @Nullable ByteArrayOutputStream growing = new ByteArrayOutputStream();
    private @Nullable FileChannel file;
    private long length;

    private SpooledBytes(int maxMemory, long maxBytes) {
        this.maxMemory = maxMemory;
        this.maxBytes = maxBytes;
    }

    /** How many bytes there are. */
    long length() {
        return length;
    }

    /** Reads them from the first on; only one such stream is used at a time. */
    InputStream open() throws IOException {
        FileChannel spooled = file;
        if (spooled == null) {
            return new ByteArrayInputStream(memory);
        }
        spooled.position(0);
        return new BufferedInputStream(Channels.newInputStream(spooled), BUFFER) {
            @Override
            public void close() {
                // The file stays open, to be read again.
            }
        };
    }

    private void append(ByteBuffer bytes) throws IOException {
        length += bytes.remaining();
        if (length > maxBytes) {
            throw new IOException("the answer is longer than " + maxBytes + " bytes");
        }
        ByteArrayOutputStream inMemory = growing;
        if (inMemory != null && length <= maxMemory) {
            byte[] part = new byte[bytes.remaining()];
            bytes.get(part);
            inMemory.writeBytes(part);
            return;
        }
        FileChannel spooled = file;
        if (spooled == null) {
            spooled = create();
            file = spooled;
        }
        if (inMemory != null) {
            write(spooled, ByteBuffer.wrap(inMemory.toByteArray()));
            growing = null;
        }
        write(spooled, bytes);
    }

    private static FileChannel create() throws IOException {
        Path path = Files.createTempFile("tokenledger-", ".answer");
        FileChannel channel = FileChannel.open(
                path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
        try {
            Files.delete(path);
        } catch (IOException e) {
            // Not while it is open, on some systems; it is deleted when it is closed.
        }
        return channel;
    }

    private static void write(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private void complete() {
        ByteArrayOutputStream inMemory = growing;
        if (inMemory != null) {
            memory = inMemory.toByteArray();
            growing = null;
        }
    }

    @Override
    public void close() {
        FileChannel spooled = file;
        if (spooled != null) {
            try {
                spooled.close();
            } catch (IOException e) {
                // It has no name any more, or is deleted with the process.
                System.getLogger(SpooledBytes.class.getName())
                        .log(System.Logger.Level.DEBUG, "cannot close an answer's temporary file", e);
            }
        }
    }

    /** Takes a body. */
    static HttpResponse.BodySubscriber<SpooledBytes> subscriber() {
        return subscriber(MAX_MEMORY, MAX_BYTES);
    }

    /** The same with other bounds, for tests of them. */
    static HttpResponse.BodySubscriber<SpooledBytes> subscriber(int maxMemory, long maxBytes) {
        return new Subscriber(new SpooledBytes(maxMemory, maxBytes));
    }

    private static final class Subscriber implements HttpResponse.BodySubscriber<SpooledBytes> {

        private final SpooledBytes bytes;
        private final CompletableFuture<SpooledBytes> whole = new CompletableFuture<>();
        private Flow.@Nullable Subscription subscription;

        Subscriber(SpooledBytes bytes) {
            this.bytes = bytes;
        }

        @Override
        public CompletionStage<SpooledBytes> getBody() {
            return whole;
        }

        @Override
        public void onSubscribe(Flow.Subscription begun) {
            if (subscription != null) {
                begun.cancel();
                return;
            }
            subscription = begun;
            begun.request(Long.MAX_VALUE);
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            if (whole.isDone()) {
                return;
            }
            try {
                for (ByteBuffer buffer : buffers) {
                    bytes.append(buffer);
                }
            } catch (IOException | RuntimeException e) {
                Flow.Subscription begun = subscription;
                if (begun != null) {
                    begun.cancel();
                }
                onError(e);
            }
        }

        @Override
        public void onError(Throwable failure) {
            bytes.close();
            whole.completeExceptionally(failure);
        }

        @Override
        public void onComplete() {
            bytes.complete();
            if (!whole.complete(bytes)) {
                bytes.close();
            }
        }
    }
}
