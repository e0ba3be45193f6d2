package dev.tokenledger.alerts;

import dev.tokenledger.formats.budgets.Budget;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.ZoneId;
import java.util.HexFormat;
import java.util.TreeMap;

/** Names for budgets and events that are the same in every process. */
final class Digests {

    private static final int BYTES = 16;

    private Digests() {}

    /** A budget: its name, filters, period, limit and zone, so that another limit is another budget. */
    static String budget(Budget budget, ZoneId zone) {
        TreeMap<String, String> filters = new TreeMap<>();
        budget.filters().forEach((dimension, value) -> filters.put(dimension.name(), value));
        MessageDigest digest = sha256();
        add(digest, budget.name());
        add(digest, budget.period().text());
        add(digest, budget.limit().toString());
        add(digest, zone.getId());
        filters.forEach((dimension, value) -> {
            add(digest, dimension);
            add(digest, value);
        });
        return HexFormat.of().formatHex(digest.digest(), 0, BYTES);
    }

    /** An event of a budget. */
    static String event(String budget, AlertState.Event event) {
        MessageDigest digest = sha256();
        add(digest, budget);
        add(digest, Long.toString(event.start().toEpochMilli()));
        add(digest, event.threshold().text());
        return "evt_" + HexFormat.of().formatHex(digest.digest(), 0, BYTES);
    }

    private static void add(MessageDigest digest, String text) {
        digest.update(text.getBytes(StandardCharsets.UTF_8));
        digest.update((byte) 0);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
