package dev.tokenledger.usage;

import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Whose calls are made: the session, conversation, role, task and labels that a record gets which does not state its own.
 *
 * <p>It is set for a scope of the current thread, and whoever starts a call reads it there once, by {@link #current()}, and
 * hands it on with the call; frameworks that answer on another thread have contexts of their own for that. A scope inside
 * another states more: what it leaves empty stays as it is outside.
 *
 * <pre>{@code
 * try (Attribution.Scope scope = Attribution.builder().session("s-1").attribute("team", "search").build().open()) {
 *     model.chat("Hello");
 * }
 * }</pre>
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class Attribution {

    /** Noted on a record that could not take all labels, because it would have more than a record can. */
    public static final String INCOMPLETE = "labels_incomplete";

    /** Says nothing. */
    public static final Attribution NONE = builder().build();

    private static final ThreadLocal<@Nullable Attribution> CURRENT = new ThreadLocal<>();

    private final String session;
    private final String conversation;
    private final String role;
    private final String task;
    private final SortedMap<String, String> attributes;

    private Attribution(Builder builder) {
        session = builder.session;
        conversation = builder.conversation;
        role = builder.role;
        task = builder.task;
        attributes = Collections.unmodifiableSortedMap(new TreeMap<>(builder.attributes));
    }

    /** Starts an attribution; every part is optional. */
    public static Builder builder() {
        return new Builder();
    }

    /** What is set in the innermost open scope of this thread, with what the scopes around it say; {@link #NONE} outside of all. */
    public static Attribution current() {
        Attribution set = CURRENT.get();
        return set == null ? NONE : set;
    }

    /** The session's id; empty if not stated. */
    public String session() {
        return session;
    }

    /** The conversation's id; empty if not stated. */
    public String conversation() {
        return conversation;
    }

    /** Who asks, such as {@code interactive}; empty if not stated. */
    public String role() {
        return role;
    }

    /** The task, such as {@code email_poll}; empty if not stated. */
    public String task() {
        return task;
    }

    /** Labels, such as team, project, user. */
    public SortedMap<String, String> attributes() {
        return attributes;
    }

    /** Whether nothing is stated. */
    public boolean isEmpty() {
        return equals(NONE);
    }

    /** This, with what it leaves empty taken from another; of more than 16 labels together those of this one come first. */
    public Attribution over(Attribution outer) {
        if (outer.isEmpty()) {
            return this;
        }
        Builder builder = new Builder();
        builder.session = session.isEmpty() ? outer.session : session;
        builder.conversation = conversation.isEmpty() ? outer.conversation : conversation;
        builder.role = role.isEmpty() ? outer.role : role;
        builder.task = task.isEmpty() ? outer.task : task;
        builder.attributes.putAll(attributes);
        outer.attributes.forEach((key, value) -> {
            if (builder.attributes.size() < UsageRecord.MAX_ENTRIES) {
                builder.attributes.putIfAbsent(key, value);
            }
        });
        return builder.build();
    }

    /**
     * The record with what it does not state itself. Labels that it has no room for are left out, which it notes as {@value
     * #INCOMPLETE}.
     */
    public UsageRecord applyTo(UsageRecord record) {
        if (isEmpty()) {
            return record;
        }
        UsageRecord.Builder builder = record.toBuilder();
        if (record.sessionId().isEmpty()) {
            builder.sessionId(session);
        }
        if (record.conversationId().isEmpty()) {
            builder.conversationId(conversation);
        }
        if (record.role().isEmpty()) {
            builder.role(role);
        }
        if (record.taskName().isEmpty()) {
            builder.taskName(task);
        }
        int room = UsageRecord.MAX_ENTRIES - record.attributes().size();
        for (Map.Entry<String, String> label : attributes.entrySet()) {
            if (record.attributes().containsKey(label.getKey())) {
                continue;
            }
            if (room > 0) {
                room--;
                builder.attribute(label.getKey(), label.getValue());
            } else if (record.notes().size() < UsageRecord.MAX_ENTRIES) {
                builder.note(INCOMPLETE);
            }
        }
        return builder.build();
    }

    /** Sets this, over what is set already, for the current thread until the scope is closed. */
    public Scope open() {
        Attribution before = CURRENT.get();
        CURRENT.set(before == null ? this : over(before));
        return new Scope(Thread.currentThread(), before);
    }

    /** Runs a task in a scope of this. */
    public void run(Runnable task) {
        try (Scope scope = open()) {
            scope.holds();
            task.run();
        }
    }

    /** Gets a result in a scope of this. */
    public <T extends @Nullable Object> T get(Supplier<T> task) {
        try (Scope scope = open()) {
            scope.holds();
            return task.get();
        }
    }

    /**
     * Gets a result in a scope of this.
     *
     * @throws Exception what the task throws
     */
    public <T extends @Nullable Object> T call(Callable<T> task) throws Exception {
        try (Scope scope = open()) {
            scope.holds();
            return task.call();
        }
    }

    /** An executor whose tasks run with what is set on the thread that hands them over. */
    public static Executor carriedBy(Executor executor) {
        Objects.requireNonNull(executor, "executor");
        return task -> {
            Attribution handedOver = current();
            executor.execute(() -> handedOver.run(task));
        };
    }

    /**
     * An attribution of a free-form context, such as a framework's: {@code session}, {@code conversation}, {@code role} and
     * {@code task} by these names, every other text or number as a label. What a record cannot hold is left out.
     */
    public static Attribution ofLabels(Map<?, ?> context) {
        Builder builder = new Builder();
        context.forEach((key, value) -> builder.offer(String.valueOf(key), value));
        return builder.build();
    }

    /** What was set before is set again when it is closed, once, by the thread that opened it. */
    public static final class Scope implements AutoCloseable {

        private final Thread owner;
        private final @Nullable Attribution before;
        private boolean closed;

        private Scope(Thread owner, @Nullable Attribution before) {
            this.owner = owner;
            this.before = before;
        }

        /** Keeps the compiler from calling a scope unused. */
        private void holds() {
            Objects.requireNonNull(owner);
        }

        /**
         * Ends the scope.
         *
         * @throws IllegalStateException if another thread opened it
         */
        @Override
        public void close() {
            if (Thread.currentThread() != owner) {
                throw new IllegalStateException(
                        "an attribution's scope is closed by the thread that opened it; open another on this thread");
            }
            if (closed) {
                return;
            }
            closed = true;
            if (before == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(before);
            }
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Attribution that
                && session.equals(that.session)
                && conversation.equals(that.conversation)
                && role.equals(that.role)
                && task.equals(that.task)
                && attributes.equals(that.attributes);
    }

    @Override
    public int hashCode() {
        return Objects.hash(session, conversation, role, task, attributes);
    }

    /** Names what is stated, and no value. */
    @Override
    public String toString() {
        return "Attribution[session=" + !session.isEmpty() + ", conversation=" + !conversation.isEmpty() + ", role="
                + !role.isEmpty() + ", task=" + !task.isEmpty() + ", attributes=" + attributes.keySet() + "]";
    }

    /** Builds an attribution. Setters check at once, by the same bounds as a record's. Not safe for use by several threads. */
    public static final class Builder {

        private String session = "";
        private String conversation = "";
        private String role = "";
        private String task = "";
        private final SortedMap<String, String> attributes = new TreeMap<>();

        private Builder() {}

        /** The session's id; up to 128 characters. */
        public Builder session(String id) {
            session = Texts.checked("session_id", id, Bound.ID);
            return this;
        }

        /** The conversation's id; up to 128 characters. */
        public Builder conversation(String id) {
            conversation = Texts.checked("conversation_id", id, Bound.ID);
            return this;
        }

        /** Who asks, such as {@code interactive}; up to 512 characters. */
        public Builder role(String name) {
            role = Texts.checked("role", name, Bound.TEXT);
            return this;
        }

        /** The task, such as {@code email_poll}; up to 512 characters. */
        public Builder task(String name) {
            task = Texts.checked("task_name", name, Bound.TEXT);
            return this;
        }

        /**
         * A label; an empty value forgets it.
         *
         * @throws IllegalArgumentException as {@link UsageRecord.Builder#attribute} does
         */
        public Builder attribute(String key, String value) {
            String name = UsageRecord.Label.key(key);
            String text = UsageRecord.Label.value(name, value);
            attributes.remove(name);
            if (!text.isEmpty()) {
                if (attributes.size() == UsageRecord.MAX_ENTRIES) {
                    throw new IllegalArgumentException(
                            "attributes: at most " + UsageRecord.MAX_ENTRIES + ", found one more: " + name);
                }
                attributes.put(name, text);
            }
            return this;
        }

        /** Several labels. */
        public Builder attributes(Map<String, String> labels) {
            labels.forEach(this::attribute);
            return this;
        }

        private void offer(String key, @Nullable Object value) {
            if (!(value instanceof CharSequence || value instanceof Number || value instanceof Boolean)) {
                return;
            }
            String text = value.toString();
            try {
                switch (key) {
                    case "session" -> session(text);
                    case "conversation" -> conversation(text);
                    case "role" -> role(text);
                    case "task" -> task(text);
                    default -> attribute(key, text);
                }
            } catch (IllegalArgumentException e) {
                // A context holds more than labels; what is none is not for the record.
                return;
            }
        }

        /** The attribution. */
        public Attribution build() {
            return new Attribution(this);
        }
    }
}
