package dev.tokenledger.server.http;

import dev.tokenledger.Batch;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the server takes from its clients. Immutable. {@link #builder()} starts from the usual limits.
 *
 * @param bodyBytes the longest body, in bytes after decompression
 * @param batchRecords the most records of one request, at most {@value Batch#MAX_STEPS}, which one commit takes
 * @param headerBytes the longest request line and headers, in bytes
 * @param connections the most connections at a time; further ones wait to be accepted
 * @param pendingBytes the most bytes of bodies held at a time, as sent and unpacked, of all requests together; further requests
 *     are told to retry
 * @param headerTime from the first byte of a request, or the opening of a connection, to its complete headers
 * @param bodyTime from the complete headers to the complete body
 * @param answerTime from the complete headers to the end of the answer
 * @param idleTime how long a connection may be silent
 * @param stopTime how long requests in flight may take to finish when the server stops
 * @param requestsPerSecond the most requests of one key (of one address, where no keys are used) in a second, on average
 */
public record Limits(
        int bodyBytes,
        int batchRecords,
        int headerBytes,
        int connections,
        long pendingBytes,
        Duration headerTime,
        Duration bodyTime,
        Duration answerTime,
        Duration idleTime,
        Duration stopTime,
        int requestsPerSecond) {

    /**
     * Checks that every limit is positive, and that one commit takes a whole batch.
     *
     * @throws IllegalArgumentException if one is not, or does not
     */
    public Limits {
        positive("bodyBytes", bodyBytes);
        positive("batchRecords", batchRecords);
        positive("headerBytes", headerBytes);
        positive("connections", connections);
        positive("pendingBytes", pendingBytes);
        positive("headerTime", headerTime.toMillis());
        positive("bodyTime", bodyTime.toMillis());
        positive("answerTime", answerTime.toMillis());
        positive("idleTime", idleTime.toMillis());
        positive("stopTime", stopTime.toMillis());
        positive("requestsPerSecond", requestsPerSecond);
        if (batchRecords > Batch.MAX_STEPS) {
            throw new IllegalArgumentException("batchRecords: expected at most " + Batch.MAX_STEPS
                    + ", which one commit takes, found " + batchRecords);
        }
    }

    /**
     * What is right for the memory that there is: bodies of 64 MiB at most and 10,000 records, 4,000 connections, 10 s for headers, 20 s for a
     * body, 5,000 requests/s.
     */
    public static Limits usual() {
        return builder().build();
    }

    /** Starts from the usual limits. */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * How long a question to the ledger may take, so that there is time left to answer that it took too long: nine tenths of
     * {@link #answerTime}. Whoever opens the ledger has it stop there; the server closes the connection, but cannot stop what
     * the ledger does.
     */
    public Duration queryTime() {
        return answerTime.dividedBy(10).multipliedBy(9);
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": expected more than 0, found " + value);
        }
    }

    /** Changes some of the usual limits, each named after the one it sets. Not safe for use by several threads. */
    public static final class Builder {

        /** A body takes several times its length until it is stored: as text, cut into records, and as those. */
        private static final int PARTS_OF_MEMORY = 8;

        /** What OpenTelemetry's protocol recommends. */
        private static final int MAX_USUAL_BODY = 64 << 20;

        private static final int MIN_USUAL_BODY = 8 << 20;

        private @Nullable Integer bodyBytes;
        private int batchRecords = 10_000;
        private int headerBytes = 16 << 10;
        private int connections = 4_000;
        private long pendingBytes = Math.min(128L << 20, Runtime.getRuntime().maxMemory() / PARTS_OF_MEMORY);
        private Duration headerTime = Duration.ofSeconds(10);
        private Duration bodyTime = Duration.ofSeconds(20);
        private Duration answerTime = Duration.ofMinutes(2);
        private Duration idleTime = Duration.ofSeconds(30);
        private Duration stopTime = Duration.ofSeconds(10);
        private int requestsPerSecond = 5_000;

        private Builder() {}

        /**
         * The longest body, in bytes after decompression; default: half of {@link #pendingBytes}, so that there is room for any
         * one body as it was sent and unpacked, but at least 8 MiB and at most 64 MiB.
         */
        public Builder bodyBytes(int bodyBytes) {
            this.bodyBytes = bodyBytes;
            return this;
        }

        /** The most records of one request, at most {@value Batch#MAX_STEPS}; default: 10,000. */
        public Builder batchRecords(int batchRecords) {
            this.batchRecords = batchRecords;
            return this;
        }

        /** The longest request line and headers, in bytes; default: 16 KiB. */
        public Builder headerBytes(int headerBytes) {
            this.headerBytes = headerBytes;
            return this;
        }

        /** The most connections at a time; default: 4,000. */
        public Builder connections(int connections) {
            this.connections = connections;
            return this;
        }

        /**
         * The most bytes of bodies held at a time, as sent and unpacked, of all requests together; default: 128 MiB, or an
         * eighth of the memory that this program may use if that is less.
         */
        public Builder pendingBytes(long pendingBytes) {
            this.pendingBytes = pendingBytes;
            return this;
        }

        /** How long complete headers may take; default: 10 s. */
        public Builder headerTime(Duration headerTime) {
            this.headerTime = headerTime;
            return this;
        }

        /** How long a complete body may take from the headers on; default: 20 s. */
        public Builder bodyTime(Duration bodyTime) {
            this.bodyTime = bodyTime;
            return this;
        }

        /** How long an answer may take from the headers on; default: 120 s. */
        public Builder answerTime(Duration answerTime) {
            this.answerTime = answerTime;
            return this;
        }

        /** How long a connection may be silent; default: 30 s. */
        public Builder idleTime(Duration idleTime) {
            this.idleTime = idleTime;
            return this;
        }

        /** How long requests in flight may take when the server stops; default: 10 s. */
        public Builder stopTime(Duration stopTime) {
            this.stopTime = stopTime;
            return this;
        }

        /** The most requests of one key, or address, in a second, on average; default: 5,000. */
        public Builder requestsPerSecond(int requestsPerSecond) {
            this.requestsPerSecond = requestsPerSecond;
            return this;
        }

        private static int usualBody(long pending) {
            return (int) Math.max(MIN_USUAL_BODY, Math.min(MAX_USUAL_BODY, pending / 2));
        }

        /**
         * The limits.
         *
         * @throws IllegalArgumentException if one is not positive, or {@code batchRecords} is too large
         */
        public Limits build() {
            return new Limits(
                    bodyBytes == null ? usualBody(pendingBytes) : bodyBytes,
                    batchRecords,
                    headerBytes,
                    connections,
                    pendingBytes,
                    headerTime,
                    bodyTime,
                    answerTime,
                    idleTime,
                    stopTime,
                    requestsPerSecond);
        }
    }
}
