package dev.tokenledger.formats.budgets;

import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Room that a call has been promised.
 *
 * @param expires from then on it counts for nothing
 * @param scopes what it counts for: the filters of the budgets that the call falls under
 */
record Reservation(Instant expires, Usd amount, Set<String> scopes) {

    private static final String VERSION = "1";
    private static final int DIGEST_BYTES = 16;
    private static final int HEAD = 3;

    /** Copies the scopes. */
    Reservation {
        scopes = Set.copyOf(scopes);
    }

    /** As it is stored: the form's version, milliseconds since 1970, picodollars, then the scopes. */
    String text() {
        return VERSION + " " + expires.toEpochMilli() + " " + amount.picos() + " "
                + String.join(" ", new TreeSet<>(scopes));
    }

    /**
     * Reads what was stored.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Reservation parse(String text) {
        String[] parts = text.split(" ", -1);
        if (parts.length <= HEAD || !parts[0].equals(VERSION)) {
            throw new IllegalArgumentException("not a reservation that this version can read");
        }
        return new Reservation(
                Instant.ofEpochMilli(Long.parseLong(parts[1])),
                Usd.ofPicos(Long.parseLong(parts[2])),
                Set.of(Arrays.copyOfRange(parts, HEAD, parts.length)));
    }

    /** Names what a budget counts, whatever its name, period and limit: a digest of its filters. */
    static String scope(Budget budget) {
        TreeMap<String, String> filters = new TreeMap<>();
        for (Map.Entry<Dimension, String> filter : budget.filters().entrySet()) {
            filters.put(filter.getKey().name(), filter.getValue());
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            filters.forEach((dimension, value) -> {
                digest.update(dimension.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
                digest.update(value.getBytes(StandardCharsets.UTF_8));
                digest.update((byte) 0);
            });
            return HexFormat.of().formatHex(digest.digest(), 0, DIGEST_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
