package dev.tokenledger.formats.reconcile;

import dev.tokenledger.formats.bills.BillLine;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The spans that a bill and a ledger are compared in: those that the bill states where they are a day or longer, UTC days for what it
 * states by the minute, the hour or the call.
 */
final class Buckets {

    private static final Duration SHORTEST = Duration.ofHours(20);
    private static final Duration LONGEST_DAY = Duration.ofHours(26);

    private final TreeMap<Instant, Bucket> byStart = new TreeMap<>();
    private final Instant start;
    private final Instant end;
    private final ZoneId zone;

    record Bucket(String name, Instant start, Instant end) {}

    Buckets(List<BillLine> lines, Instant start, Instant end, ZoneId zone) {
        this.start = start;
        this.end = end;
        this.zone = zone;
        for (BillLine line : lines) {
            if (Duration.between(line.start(), line.end()).compareTo(SHORTEST) >= 0) {
                add(line.start(), line.end());
            }
        }
        lines.forEach(line -> of(line.start()));
    }

    private void add(Instant from, Instant to) {
        Map.Entry<Instant, Bucket> before = byStart.floorEntry(from);
        if (before != null && before.getValue().end().isAfter(from)) {
            if (!to.isAfter(before.getValue().end())) {
                return;
            }
            byStart.remove(before.getKey());
            add(before.getValue().start(), to);
            return;
        }
        Map.Entry<Instant, Bucket> after = byStart.higherEntry(from);
        if (after != null && after.getKey().isBefore(to)) {
            byStart.remove(after.getKey());
            add(from, to.isAfter(after.getValue().end()) ? to : after.getValue().end());
            return;
        }
        byStart.put(from, new Bucket(name(from, to), from, to));
    }

    private String name(Instant from, Instant to) {
        ZonedDateTime first = from.atZone(ZoneOffset.UTC);
        if (!first.toLocalTime().equals(LocalTime.MIDNIGHT)) {
            first = from.atZone(zone);
        }
        if (Duration.between(from, to).compareTo(LONGEST_DAY) > 0) {
            return first.toLocalDate() + "/" + to.atZone(first.getZone()).toLocalDate();
        }
        return first.toLocalTime().equals(LocalTime.MIDNIGHT)
                ? first.toLocalDate().toString()
                : from.toString();
    }

    /** The bucket that an instant lies in; null if the bill does not cover it. */
    @Nullable
    Bucket of(Instant instant) {
        if (instant.isBefore(start) || !instant.isBefore(end)) {
            return null;
        }
        Map.Entry<Instant, Bucket> before = byStart.floorEntry(instant);
        if (before != null && instant.isBefore(before.getValue().end())) {
            return before.getValue();
        }
        LocalDate day = instant.atZone(ZoneOffset.UTC).toLocalDate();
        Instant from = day.atStartOfDay(ZoneOffset.UTC).toInstant();
        Instant to = from.plus(1, ChronoUnit.DAYS);
        Map.Entry<Instant, Bucket> after = byStart.higherEntry(instant);
        if (before != null && before.getValue().end().isAfter(from)) {
            from = before.getValue().end();
        }
        if (after != null && after.getKey().isBefore(to)) {
            to = after.getKey();
        }
        Bucket bucket = new Bucket(name(from, to), from, to);
        byStart.put(from, bucket);
        return bucket;
    }

    /** All buckets so far, in the order of time. */
    List<Bucket> all() {
        return List.copyOf(byStart.values());
    }

    /** The bucket before a bucket; null if the bill covers none there. */
    @Nullable
    Bucket before(String name) {
        return neighbour(name, -1);
    }

    /** The bucket after a bucket; null if the bill covers none there. */
    @Nullable
    Bucket after(String name) {
        return neighbour(name, 1);
    }

    private @Nullable Bucket neighbour(String name, int step) {
        List<Bucket> all = all();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).name().equals(name)) {
                int at = i + step;
                return at < 0 || at >= all.size() ? null : all.get(at);
            }
        }
        return null;
    }

    @Nullable
    Bucket named(String name) {
        return byStart.values().stream()
                .filter(bucket -> bucket.name().equals(name))
                .findFirst()
                .orElse(null);
    }
}
