package dev.tokenledger.imports.agents;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;

/**
 * Makes calls of a running total that is told again and again.
 *
 * <p>A total that was told before, lately, is no call. Otherwise the call is what the event says of its last call, if that leads
 * from a known total to this one; else the difference to the total before, which then contains calls that the log does not
 * have; else, where a figure fell, the counter began anew, and the call is what the event says of its last call, or the whole
 * new total.
 */
final class CodexCounter {

    /** Totals are told again soon or never. */
    private static final int REMEMBERED = 64;

    /**
     * Figures as Codex has them: cached and written are inside input, reasoning inside output.
     *
     * @param written what went into the cache; versions before 0.145 do not say
     * @param total Codex's own sum; it can be set to a model's whole window when that is full
     */
    record Figures(long input, long cached, long written, long output, long reasoning, long total) {

        static final Figures ZERO = new Figures(0, 0, 0, 0, 0, 0);

        static Figures of(Fields fields) {
            return new Figures(
                    fields.count("input_tokens"),
                    fields.count("cached_input_tokens"),
                    fields.count("cache_write_input_tokens"),
                    fields.count("output_tokens"),
                    fields.count("reasoning_output_tokens"),
                    fields.count("total_tokens"));
        }

        static Figures parse(String text) {
            String[] parts = text.split("-", -1);
            return new Figures(
                    Long.parseLong(parts[0]),
                    Long.parseLong(parts[1]),
                    parts.length > 5 ? Long.parseLong(parts[5]) : 0,
                    Long.parseLong(parts[2]),
                    Long.parseLong(parts[3]),
                    Long.parseLong(parts[4]));
        }

        boolean empty() {
            return input == 0 && cached == 0 && written == 0 && output == 0 && reasoning == 0;
        }

        /** Whether the parts are not more than what they are parts of. */
        boolean possible() {
            return cached + written <= input && reasoning <= output;
        }

        /** Whether no figure is less than the other's; the sum takes no part. */
        boolean covers(Figures other) {
            return input >= other.input
                    && cached >= other.cached
                    && written >= other.written
                    && output >= other.output
                    && reasoning >= other.reasoning;
        }

        /** What is left; of what was written at most as much as the input has room for, should the other not know it. */
        Figures minus(Figures other) {
            return new Figures(
                    input - other.input,
                    cached - other.cached,
                    Math.min(written - other.written, input - other.input - (cached - other.cached)),
                    output - other.output,
                    reasoning - other.reasoning,
                    Math.max(0, total - other.total));
        }

        Figures plus(Figures other) {
            return new Figures(
                    input + other.input,
                    cached + other.cached,
                    written + other.written,
                    output + other.output,
                    reasoning + other.reasoning,
                    total + other.total);
        }

        /** Whether they are the same but for what was written to the cache, which a state of an older version lacks. */
        boolean sameTokens(Figures other) {
            return input == other.input
                    && cached == other.cached
                    && output == other.output
                    && reasoning == other.reasoning;
        }

        /** What calls are known by. What was written to the cache takes no part: versions that do not read it made the same. */
        String key() {
            return input + "-" + cached + "-" + output + "-" + reasoning + "-" + total;
        }

        String text() {
            return key() + (written == 0 ? "" : "-" + written);
        }
    }

    /**
     * One call, or several.
     *
     * @param whole whether the figures are those of one call as the event states it
     */
    record Step(Figures figures, boolean whole) {}

    private final Deque<Figures> seen = new ArrayDeque<>();

    /** The totals told so far, as {@link #text} has them. */
    static CodexCounter parse(String text) {
        CodexCounter counter = new CodexCounter();
        if (!text.isEmpty()) {
            for (String figures : text.split(" ")) {
                counter.seen.add(Figures.parse(figures));
            }
        }
        return counter;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (Figures figures : seen) {
            text.append(text.isEmpty() ? "" : " ").append(figures.text());
        }
        return text.toString();
    }

    /** The total told last; all zero at the beginning. */
    Figures latest() {
        return seen.isEmpty() ? Figures.ZERO : seen.getLast();
    }

    /**
     * What a total adds; empty if it adds nothing.
     *
     * @param last what the event says of its last call; all zero if it says nothing
     * @param copied whether the log begins with another's total, of which the calls stand elsewhere
     */
    Optional<Step> next(Figures total, Figures last, boolean copied) {
        if (seen.contains(total)) {
            return Optional.empty();
        }
        Step step = step(total, last, copied);
        seen.addLast(total);
        if (seen.size() > REMEMBERED) {
            seen.removeFirst();
        }
        return step.figures.empty() ? Optional.empty() : Optional.of(step);
    }

    private Step step(Figures total, Figures last, boolean copied) {
        boolean stated = !last.empty() && total.covers(last);
        if (stated && isKnown(total.minus(last))) {
            return new Step(last, true);
        }
        Figures before = latest();
        if (stated && (!total.covers(before) || (seen.isEmpty() && copied))) {
            return new Step(last, true);
        }
        return total.covers(before) ? new Step(total.minus(before), last.empty()) : new Step(total, last.empty());
    }

    private boolean isKnown(Figures base) {
        if (base.empty()) {
            return true;
        }
        for (Iterator<Figures> latest = seen.descendingIterator(); latest.hasNext(); ) {
            if (latest.next().sameTokens(base)) {
                return true;
            }
        }
        return false;
    }
}
