package dev.tokenledger;

import dev.tokenledger.usage.UsageRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Records and a reader's state that are stored in one commit: all of it or, if the store fails, nothing. Duplicates,
 * conflicts and rejections among the records are results and hold up nothing else. Immutable.
 */
public final class Batch {

    /** The most steps that one batch can have. */
    public static final int MOST = 100_000;

    private static final int LONGEST_KEY = 4_096;
    private static final int LONGEST_STATE = 65_536;

    private final List<Step> steps;
    private final Map<String, String> readerStates;

    private Batch(Builder builder) {
        steps = List.copyOf(builder.steps);
        readerStates = Collections.unmodifiableMap(new LinkedHashMap<>(builder.readerStates));
    }

    /** One thing to write. */
    public sealed interface Step {

        /** The delivered record. */
        UsageRecord record();

        /** Appends a record under its own id. */
        record Append(UsageRecord record) implements Step {
            /** Checks that there is a record. */
            public Append {
                Objects.requireNonNull(record, "record");
            }
        }

        /**
         * Brings a record that grows at its source up to date, see {@link Ledger#revise}.
         *
         * @param key the call's key at its source, 1 to 100 characters
         */
        record Revise(String key, UsageRecord record, Merge merge) implements Step {
            /**
             * Trims the key.
             *
             * @throws IllegalArgumentException if it is none, see {@link Revision#checkedKey}
             */
            public Revise {
                key = Revision.checkedKey(key);
                Objects.requireNonNull(record, "record");
                Objects.requireNonNull(merge, "merge");
            }
        }
    }

    /** A batch that appends these records. */
    public static Batch of(Collection<UsageRecord> records) {
        Builder builder = builder();
        records.forEach(builder::append);
        return builder.build();
    }

    /** Starts a batch. */
    public static Builder builder() {
        return new Builder();
    }

    /** What to write, in order. */
    public List<Step> steps() {
        return steps;
    }

    /** What readers want remembered, by key. */
    public Map<String, String> readerStates() {
        return readerStates;
    }

    /** Builds a batch. Not safe for use by several threads. */
    public static final class Builder {

        private final List<Step> steps = new ArrayList<>();
        private final Map<String, String> readerStates = new LinkedHashMap<>();

        private Builder() {}

        /** Appends a record. */
        public Builder append(UsageRecord record) {
            return step(new Step.Append(record));
        }

        /** Brings a record that grows at its source up to date. */
        public Builder revise(String key, UsageRecord record, Merge merge) {
            return step(new Step.Revise(key, record, merge));
        }

        /**
         * Adds a step.
         *
         * @throws IllegalArgumentException if there are {@link #MOST} already
         */
        public Builder step(Step step) {
            if (steps.size() == MOST) {
                throw new IllegalArgumentException(
                        "a batch has at most " + MOST + " steps; commit it and begin another");
            }
            steps.add(step);
            return this;
        }

        /**
         * Remembers where a reader stands, in the same commit; an empty state forgets the key.
         *
         * @param key 1 to 4,096 characters, such as the reader's name and a file's path
         * @param state up to 65,536 characters
         * @throws IllegalArgumentException if one is too long or no text
         */
        public Builder readerState(String key, String state) {
            if (key.isBlank() || key.length() > LONGEST_KEY || state.length() > LONGEST_STATE) {
                throw new IllegalArgumentException("a reader's state has a key of 1 to " + LONGEST_KEY
                        + " and a text of up to " + LONGEST_STATE + " characters");
            }
            if (!isText(key) || !isText(state)) {
                throw new IllegalArgumentException(
                        "a reader's state and its key are texts: they hold no NUL and no half"
                                + " a surrogate pair; encode other bytes, in Base64 for one");
            }
            readerStates.put(key, state);
            return this;
        }

        /** Unlike a record's texts, a state is kept with its blanks and line ends. */
        private static boolean isText(String text) {
            return text.indexOf('\0') < 0 && StandardCharsets.UTF_8.newEncoder().canEncode(text);
        }

        /** How many steps there are so far. */
        public int size() {
            return steps.size();
        }

        /** The batch. */
        public Batch build() {
            return new Batch(this);
        }
    }
}
