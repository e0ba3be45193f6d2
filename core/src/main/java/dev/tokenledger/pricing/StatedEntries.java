package dev.tokenledger.pricing;

import java.time.Instant;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A layer's entries, all there, with the ids that they answer to. */
final class StatedEntries implements PriceLayer.Content {

    private final List<PriceEntry> entries;
    private final Map<String, Candidates> byId = new HashMap<>();

    StatedEntries(Collection<PriceEntry> entries) {
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

    @Override
    public List<PriceEntry> entries() {
        return entries;
    }

    @Override
    public Optional<LocalDate> newestSource() {
        return entries.stream().flatMap(entry -> entry.sourceDay().stream()).max(Comparator.naturalOrder());
    }

    private Candidates candidates(String id) {
        return byId.computeIfAbsent(id, key -> new Candidates());
    }

    @Override
    public @Nullable PriceEntry find(String id, String provider, Instant at) {
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
                String hours = entry.hours().map(PriceHours::toString).orElse("");
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
                    throw new PriceLayer.OverlapException(id, entry, sorted.get(i + 1));
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
                throw new PriceLayer.OverlapException(id, one.entry, other.entry);
            }
        }

        @Nullable
        PriceEntry at(Instant at) {
            if (!daily.isEmpty()) {
                for (Span span : daily) {
                    boolean inHours =
                            span.entry.hours().map(hours -> hours.contains(at)).orElse(false);
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
}
