package dev.tokenledger.server.http;

import java.time.Duration;
import java.time.Instant;

/**
 * A request that was answered, for an access log. It holds neither the query nor anything of a key but its name: both may say
 * more than a log should.
 *
 * @param time when it came
 * @param remote the address it came from, which is a proxy's where there is one
 * @param method such as {@code GET}
 * @param path as it was sent, without the query
 * @param status such as 200
 * @param bytes of the answer's body that were sent
 * @param duration until the answer was sent
 * @param key the name of the key; empty without one
 */
public record AccessEntry(
        Instant time,
        String remote,
        String method,
        String path,
        int status,
        long bytes,
        Duration duration,
        String key) {}
