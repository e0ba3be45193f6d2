package dev.tokenledger.alerts;

import dev.tokenledger.formats.budgets.Threshold;
import dev.tokenledger.money.Usd;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What was reached of one budget, and who was told. It is a reader's state of the ledger, changed by compare-and-set alone, so
 * that of several processes one finds out and one tells. Immutable.
 *
 * @param start the period that is looked at
 * @param end when it ends
 * @param events what was reached in it; and earlier ones of which somebody is still to be told
 */
record AlertState(Instant start, Instant end, List<Event> events) {

    private static final String VERSION = "1";
    private static final String NONE = "-";
    private static final int HEAD_PARTS = 3;
    private static final int EVENT_PARTS = 11;
    private static final int DELIVERY_PARTS = 7;

    /** Copies the list. */
    AlertState {
        events = List.copyOf(events);
    }

    /**
     * A threshold that was reached.
     *
     * @param start the period in which it was
     * @param late whether the period was over when it was found out
     * @param initial whether it was reached already when the budget was looked at for the first time
     * @param deliveries whom to tell; none where a higher threshold was reached at the same time
     */
    record Event(
            Threshold threshold,
            Instant start,
            Instant end,
            Standing standing,
            boolean late,
            boolean initial,
            List<Delivery> deliveries) {
        /** Copies the list. */
        Event {
            deliveries = List.copyOf(deliveries);
        }

        boolean isOpen() {
            return deliveries.stream().anyMatch(Delivery::isOpen);
        }

        boolean is(Event other) {
            return threshold.equals(other.threshold) && start.equals(other.start);
        }
    }

    /**
     * How the budget stood when a threshold was found to be reached: kept, so that every try tells the same.
     *
     * @param projected what the period comes to; empty where it is too early to say
     */
    record Standing(Instant at, Usd spent, Optional<Usd> projected, long records, long partial, long unpriced) {}

    /** Where the telling of one channel stands. */
    enum Status {
        /** To be tried from an instant on. */
        PENDING('p'),
        /** Being tried by a process, which has it until an instant. */
        CLAIMED('c'),
        /** The receiver took it. */
        SENT('s'),
        /** Given up. */
        FAILED('f');

        private final char letter;

        Status(char letter) {
            this.letter = letter;
        }

        private static Status of(String text) {
            for (Status status : values()) {
                if (text.equals(String.valueOf(status.letter))) {
                    return status;
                }
            }
            throw new IllegalArgumentException("unknown status");
        }
    }

    /**
     * The telling of one channel.
     *
     * @param attempts how often it was tried
     * @param time from when on it is tried, how long a process has it, or when it ended
     * @param token of the process that has it; empty for none
     * @param reason why the last try failed, one word; empty for none
     */
    record Delivery(String channel, Status status, int attempts, Instant time, String token, String reason) {

        static Delivery pending(String channel, Instant now) {
            return new Delivery(channel, Status.PENDING, 0, now, "", "");
        }

        boolean isOpen() {
            return status == Status.PENDING || status == Status.CLAIMED;
        }

        /** Whether it can be tried now: nobody has it, or who had it is gone. */
        boolean isDue(Instant now) {
            return isOpen() && !time.isAfter(now);
        }
    }

    /** This with another delivery of an event, to the same channel. */
    AlertState with(Event event, Delivery delivery) {
        List<Event> changed = new ArrayList<>();
        for (Event each : events) {
            changed.add(
                    each.is(event)
                            ? new Event(
                                    each.threshold,
                                    each.start,
                                    each.end,
                                    each.standing,
                                    each.late,
                                    each.initial,
                                    each.deliveries.stream()
                                            .map(old -> old.channel.equals(delivery.channel) ? delivery : old)
                                            .toList())
                            : each);
        }
        return new AlertState(start, end, changed);
    }

    /** An event's delivery to a channel. */
    Optional<Delivery> delivery(Event event, String channel) {
        return events.stream()
                .filter(each -> each.is(event))
                .flatMap(each -> each.deliveries.stream())
                .filter(delivery -> delivery.channel.equals(channel))
                .findFirst();
    }

    /** As it is stored: the period, then a line for each event and each of its deliveries. */
    String text() {
        StringBuilder text = new StringBuilder();
        line(text, VERSION, millis(start), millis(end));
        for (Event event : events) {
            Standing standing = event.standing;
            line(
                    text,
                    "e",
                    event.threshold.text(),
                    millis(event.start),
                    millis(event.end),
                    millis(standing.at),
                    standing.spent.toString(),
                    standing.projected.map(Usd::toString).orElse(NONE),
                    Long.toString(standing.records),
                    Long.toString(standing.partial),
                    Long.toString(standing.unpriced),
                    (event.late ? "l" : NONE) + (event.initial ? "i" : NONE));
            for (Delivery delivery : event.deliveries) {
                line(
                        text,
                        "d",
                        delivery.channel,
                        String.valueOf(delivery.status.letter),
                        Integer.toString(delivery.attempts),
                        millis(delivery.time),
                        word(delivery.token),
                        word(delivery.reason));
            }
        }
        return text.toString();
    }

    private static void line(StringBuilder text, String... parts) {
        text.append(String.join(" ", parts)).append('\n');
    }

    private static String millis(Instant time) {
        return Long.toString(time.toEpochMilli());
    }

    private static String word(String text) {
        return text.isEmpty() ? NONE : text;
    }

    /**
     * Reads what was stored.
     *
     * @throws IllegalArgumentException if it is none that this version can read
     */
    static AlertState parse(String text) {
        String[] lines = text.split("\n", -1);
        String[] head = parts(lines[0], HEAD_PARTS);
        if (!head[0].equals(VERSION)) {
            throw new IllegalArgumentException("not a state that this version can read");
        }
        List<Event> events = new ArrayList<>();
        for (int i = 1; i < lines.length - 1; i++) {
            if (lines[i].startsWith("e ")) {
                String[] parts = parts(lines[i], EVENT_PARTS);
                List<Delivery> deliveries = new ArrayList<>();
                while (i + 1 < lines.length && lines[i + 1].startsWith("d ")) {
                    i++;
                    deliveries.add(delivery(parts(lines[i], DELIVERY_PARTS)));
                }
                events.add(event(parts, deliveries));
            } else {
                throw new IllegalArgumentException("a line that this version cannot read");
            }
        }
        return new AlertState(instant(head[1]), instant(head[2]), events);
    }

    private static Event event(String[] parts, List<Delivery> deliveries) {
        Standing standing = new Standing(
                instant(parts[4]),
                Usd.parse(parts[5]),
                parts[6].equals(NONE) ? Optional.empty() : Optional.of(Usd.parse(parts[6])),
                Long.parseLong(parts[7]),
                Long.parseLong(parts[8]),
                Long.parseLong(parts[9]));
        return new Event(
                Threshold.parse(parts[1]),
                instant(parts[2]),
                instant(parts[3]),
                standing,
                parts[10].startsWith("l"),
                parts[10].endsWith("i"),
                deliveries);
    }

    private static Delivery delivery(String[] parts) {
        return new Delivery(
                parts[1],
                Status.of(parts[2]),
                Integer.parseInt(parts[3]),
                instant(parts[4]),
                parts[5].equals(NONE) ? "" : parts[5],
                parts[6].equals(NONE) ? "" : parts[6]);
    }

    private static String[] parts(String line, int count) {
        String[] parts = line.split(" ", -1);
        if (parts.length != count) {
            throw new IllegalArgumentException("a line that this version cannot read");
        }
        return parts;
    }

    private static Instant instant(String millis) {
        return Instant.ofEpochMilli(Long.parseLong(millis));
    }
}
