package dev.tokenledger.server.http;

import dev.tokenledger.server.keys.ApiKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * How often each caller may ask: a bucket of two seconds' requests that fills steadily. A caller is a key or, without one, an
 * address. The callers heard last are remembered, a bounded number of them; one forgotten begins with a full bucket, which is
 * no more than it could have had by waiting two seconds. Safe for use by many threads.
 */
final class RateLimiter {

    private static final int MAX_CALLERS = 10_000;
    private static final double BURST_SECONDS = 2;
    private static final double NANOS = 1e9;

    private final int perSecond;
    private final LongSupplier nanoTime;
    private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_CALLERS;
        }
    };

    private static final class Bucket {
        double left;
        long filled;

        Bucket(double left, long filled) {
            this.left = left;
            this.filled = filled;
        }
    }

    RateLimiter(int perSecond, LongSupplier nanoTime) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
    }

    /**
     * Counts a request.
     *
     * @throws Problem of 429 if it is one too many
     */
    void count(Caller caller, String address) {
        String name = caller.key().map(ApiKey::id).orElse(address);
        if (!take(name)) {
            throw Problem.of(429, "more than " + perSecond + " requests a second; wait, or send more records in each");
        }
    }

    private synchronized boolean take(String name) {
        long now = nanoTime.getAsLong();
        double full = perSecond * BURST_SECONDS;
        Bucket bucket = buckets.computeIfAbsent(name, key -> new Bucket(full, now));
        bucket.left = Math.min(full, bucket.left + (now - bucket.filled) / NANOS * perSecond);
        bucket.filled = now;
        if (bucket.left < 1) {
            return false;
        }
        bucket.left--;
        return true;
    }

    /** How many callers are remembered. */
    synchronized int remembered() {
        return buckets.size();
    }
}
