package dev.tokenledger.pricing;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.model.Providers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One price list: entries that were stated together. Within it an id has at most one price at any instant.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class PriceLayer {

    private final String name;
    private final Supplier<? extends Collection<PriceEntry>> source;

    /** Made of the source when it is first asked for; the same whichever thread makes it. */
    private volatile @Nullable Content content;

    private PriceLayer(String name, Supplier<? extends Collection<PriceEntry>> source) {
        this.name = name;
        this.source = source;
    }

    /**
     * A layer of these entries.
     *
     * @param name where they are from, for listings and messages, such as a file's path
     * @throws OverlapException if two entries of one id are in force at the same time and nothing decides between them
     */
    public static PriceLayer of(String name, Collection<PriceEntry> entries) {
        PriceLayer layer = new PriceLayer(name, () -> entries);
        layer.content = new Content(entries);
        return layer;
    }

    /** A layer whose entries are read when one is first looked for: a program that prices nothing need not wait for them. */
    static PriceLayer readLater(String name, Supplier<? extends Collection<PriceEntry>> source) {
        return new PriceLayer(name, source);
    }

    private Content content() {
        Content known = content;
        if (known == null) {
            known = new Content(source.get());
            content = known;
        }
        return known;
    }

    /** Where the entries are from. */
    public String name() {
        return name;
    }

    /** The entries in the order in which they were stated. */
    public List<PriceEntry> entries() {
        return content().entries;
    }

    /**
     * The entry in force for a model: the deployment id first, then the upstream model; exact id before alias; the
     * provider's own entry before one for any provider.
     */
    @Nullable
    PriceEntry find(ModelIdentity identity, Instant at) {
        Content known = content();
        String provider = Providers.canonical(identity.provider());
        PriceEntry found = known.find(identity.model(), provider, at);
        boolean again = found == null && !identity.upstreamModel().equals(identity.model());
        return again ? known.find(identity.upstreamModel(), provider, at) : found;
    }

    /** The entries, and where to find them. */
    private static final class Content {

        private final List<PriceEntry> entries;
        private final Map<String, Candidates> byId = new HashMap<>();

        Content(Collection<PriceEntry> entries) {
            this.entries = List.copyOf(entries);
            for (PriceEntry entry : this.entries) {
                candidates(entry.model())
                        .exact
                        .computeIfAbsent(entry.provider(), key -> new Timeline())
                        .add(entry);
                for (String alias : entry.aliases()) {
                    candidates(alias)
                            .aliased
                            .computeIfAbsent(entry.provider(), key -> new Timeline())
                            .add(entry);
                }
            }
            byId.forEach((id, candidates) -> {
                candidates.exact.values().forEach(timeline -> timeline.close(id));
                candidates.aliased.values().forEach(timeline -> timeline.close(id));
            });
        }

        private Candidates candidates(String id) {
            return byId.computeIfAbsent(id, key -> new Candidates());
        }

        @Nullable
        PriceEntry find(String id, String provider, Instant at) {
            Candidates candidates = id.isEmpty() ? null : byId.get(id);
            if (candidates == null) {
                return null;
            }
            PriceEntry found = find(candidates.exact, provider, at);
            return found != null ? found : find(candidates.aliased, provider, at);
        }

        private static @Nullable PriceEntry find(Map<String, Timeline> timelines, String provider, Instant at) {
            Timeline own = timelines.get(provider);
            PriceEntry found = own == null ? null : own.at(at);
            if (found == null && !provider.isEmpty()) {
                Timeline any = timelines.get("");
                found = any == null ? null : any.at(at);
            }
            return found;
        }
    }

    /** Entries that answer to one id, by provider. */
    private static final class Candidates {
        private final Map<String, Timeline> exact = new HashMap<>(2);
        private final Map<String, Timeline> aliased = new HashMap<>(2);
    }

    /** An entry and the end that follows from its neighbours. */
    private record Span(PriceEntry entry, Instant from, Instant until) {
        boolean contains(Instant at) {
            return !at.isBefore(from) && at.isBefore(until);
        }

        boolean meets(Span other) {
            return from.isBefore(other.until) && other.from.isBefore(until);
        }
    }

    /** The entries of one id and provider over time. */
    private static final class Timeline {

        private final List<PriceEntry> stated = new ArrayList<>(1);
        private final List<Span> daily = new ArrayList<>(0);
        private final List<Span> wholeDay = new ArrayList<>(1);

        void add(PriceEntry entry) {
            stated.add(entry);
        }

        void close(String id) {
            Map<String, List<PriceEntry>> byHours = new HashMap<>();
            for (PriceEntry entry : stated) {
                String hours = entry.hours().map(DailySpan::toString).orElse("");
                byHours.computeIfAbsent(hours, key -> new ArrayList<>()).add(entry);
            }
            byHours.forEach((hours, entries) -> {
                List<Span> spans = spans(id, entries);
                (hours.isEmpty() ? wholeDay : daily).addAll(spans);
            });
            for (int i = 0; i < daily.size(); i++) {
                for (int j = i + 1; j < daily.size(); j++) {
                    refuseOverlap(id, daily.get(i), daily.get(j));
                }
            }
        }

        private static List<Span> spans(String id, List<PriceEntry> entries) {
            List<PriceEntry> sorted = new ArrayList<>(entries);
            sorted.sort(Comparator.comparing(entry -> entry.from().orElse(Instant.MIN)));
            List<Span> spans = new ArrayList<>(sorted.size());
            for (int i = 0; i < sorted.size(); i++) {
                PriceEntry entry = sorted.get(i);
                Instant from = entry.from().orElse(Instant.MIN);
                Instant next = i + 1 < sorted.size() ? sorted.get(i + 1).from().orElse(Instant.MIN) : Instant.MAX;
                Span span = new Span(entry, from, entry.until().orElse(next));
                if (from.equals(next) || span.until.isAfter(next)) {
                    throw new OverlapException(id, entry, sorted.get(i + 1));
                }
                spans.add(span);
            }
            return spans;
        }

        private static void refuseOverlap(String id, Span one, Span other) {
            boolean sameHours = one.entry
                    .hours()
                    .flatMap(hours -> other.entry.hours().map(hours::overlaps))
                    .orElse(false);
            if (sameHours && one.meets(other)) {
                throw new OverlapException(id, one.entry, other.entry);
            }
        }

        @Nullable
        PriceEntry at(Instant at) {
            if (!daily.isEmpty()) {
                int secondOfDay = (int) Math.floorMod(at.getEpochSecond(), 86_400L);
                for (Span span : daily) {
                    boolean inHours = span.entry
                            .hours()
                            .map(hours -> hours.contains(secondOfDay))
                            .orElse(false);
                    if (inHours && span.contains(at)) {
                        return span.entry;
                    }
                }
            }
            for (Span span : wholeDay) {
                if (span.contains(at)) {
                    return span.entry;
                }
            }
            return null;
        }
    }

    /** Two entries of one id would be in force at the same time. */
    public static final class OverlapException extends IllegalArgumentException {

        private static final long serialVersionUID = 1L;

        private final transient PriceEntry first;
        private final transient PriceEntry second;

        OverlapException(String id, PriceEntry first, PriceEntry second) {
            super("two prices of \"" + id + "\" are in force at the same time: " + first.id() + " and " + second.id()
                    + "; leave one out, or have it end before the other begins");
            this.first = first;
            this.second = second;
        }

        /** The entry that begins first. */
        public PriceEntry first() {
            return first;
        }

        /** The entry that begins before the other has ended. */
        public PriceEntry second() {
            return second;
        }
    }
}
