package dev.tokenledger.server.http;

import java.time.Duration;

/**
 * What the server takes from its clients. Immutable.
 *
 * @param bodyBytes the longest body, in bytes after decompression
 * @param batchRecords the most records of one request
 * @param headerBytes the longest request line and headers, in bytes
 * @param connections the most connections at a time; further ones wait to be accepted
 * @param pendingBytes the most bytes of bodies held at a time, of all requests together; further requests are told to retry
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

    private static final Limits USUAL = new Limits(
            8 << 20,
            10_000,
            16 << 10,
            4_000,
            128L << 20,
            Duration.ofSeconds(10),
            Duration.ofSeconds(20),
            Duration.ofSeconds(120),
            Duration.ofSeconds(30),
            Duration.ofSeconds(10),
            5_000);

    /**
     * Checks that every limit is positive.
     *
     * @throws IllegalArgumentException if one is not
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
    }

    /** What is right for a small machine: 8 MiB, 10,000 records, 4,000 connections, 10 s and 20 s, 5,000 requests/s. */
    public static Limits usual() {
        return USUAL;
    }

    private static void positive(String name, long value) {
        if (value <= 0) {
            throw new IllegalArgumentException(name + ": expected more than 0, found " + value);
        }
    }
}
