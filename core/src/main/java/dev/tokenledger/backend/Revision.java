package dev.tokenledger.backend;

import dev.tokenledger.Batch;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.LedgerEntry.Kind;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.Doubt;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What {@link Ledger#revise} has to do, decided in one place for every backend. Revisions of a key are named by the key
 * itself, then {@code key~2}, {@code key~3}, …, so that the unique id is all a backend needs to find them.
 */
public sealed interface Revision {

    /** The longest key, which leaves room for a revision's number in an id. */
    int MAX_KEY_LENGTH = RecordId.MAX_KEY;

    /** Stands between a key and the number of a revision that is not the first. */
    String MARK = "~";

    /** The numbers of those: no 1, no zeros before, and few enough digits for an int. */
    Pattern LATER = Pattern.compile("[2-9]|[1-9][0-9]{1,8}");

    /** Nothing is to be written: the offered copy tells nothing new, or somebody reversed the record by hand. */
    record Known(RecordId id) implements Revision {}

    /** The key is new: its first revision is to be appended. */
    record First(UsageRecord record) implements Revision {}

    /**
     * The revision in force is to be reversed, and the next one appended.
     *
     * @param replaced the revision in force, and behind it those of other keys that are of the same call
     */
    record Next(List<LedgerEntry> replaced, UsageRecord record) implements Revision {
        /** Copies the list. */
        public Next {
            replaced = List.copyOf(replaced);
        }
    }

    /**
     * The id of a revision.
     *
     * @param number from 1
     */
    static RecordId id(String key, int number) {
        return RecordId.of(number == 1 ? key : key + MARK + number);
    }

    /** The ids of all revisions but the first are behind this text, as texts are compared. */
    static String laterFrom(String key) {
        return key + MARK;
    }

    /** The ids of all revisions but the first are before this text: a colon is what comes behind the digits. */
    static String laterTo(String key) {
        return key + MARK + ":";
    }

    /**
     * A key without blanks around it, as an id is trimmed.
     *
     * @throws IllegalArgumentException if the key is blank, longer than {@link #MAX_KEY_LENGTH}, or no text
     */
    static String checkedKey(String key) {
        String checked = Texts.checked("key", key, Bound.ID);
        if (checked.isEmpty() || checked.length() > MAX_KEY_LENGTH) {
            throw new IllegalArgumentException("key: a revised record's key has 1 to " + MAX_KEY_LENGTH
                    + " characters, found " + checked.length());
        }
        return checked;
    }

    /**
     * Which revision of a key an id names.
     *
     * @return from 1; 0 if the id is none of the key's
     */
    static int number(String key, RecordId id) {
        String value = id.value();
        if (value.equals(key)) {
            return 1;
        }
        return key(id).equals(key) ? Integer.parseInt(value.substring(key.length() + MARK.length())) : 0;
    }

    /** The key that an id names a later revision of; the id's own text if it is none of those. */
    static String key(RecordId id) {
        String value = id.value();
        int mark = value.lastIndexOf(MARK);
        return mark > 0 && LATER.matcher(value.substring(mark + MARK.length())).matches()
                ? value.substring(0, mark)
                : value;
    }

    /** Of entries those that are a key's revisions, by number. */
    static List<LedgerEntry> inOrder(String key, Collection<LedgerEntry> entries) {
        return entries.stream()
                .filter(entry -> number(key, entry.id()) > 0)
                .sorted(Comparator.comparingInt(entry -> number(key, entry.id())))
                .toList();
    }

    /** Finds what a ledger has while it decides; called inside the write. */
    interface Lookup {

        /** As {@link Ledger#revisions} gives them. */
        List<LedgerEntry> revisions(String key);

        /** Entries of usage, reversed ones too, with this session and this upstream request id; neither is empty. */
        List<LedgerEntry> ofRequest(String sessionId, String upstreamRequestId);
    }

    /**
     * Decides what a copy just read means for what is there. A record of the same request whose id leaves no room for a
     * revision's number stays as it is: the call is counted once, by what was told first.
     */
    static Revision of(Batch.Step.Revise step, Lookup lookup) {
        List<LedgerEntry> own = lookup.revisions(step.key());
        if (!own.isEmpty() || step.elsewhere().isEmpty()) {
            return of(step, step.key(), own, lookup);
        }
        for (String key : step.elsewhere().revised()) {
            List<LedgerEntry> revisions = lookup.revisions(key);
            if (!revisions.isEmpty()) {
                return of(step, key, revisions, lookup);
            }
        }
        UsageRecord record = step.record();
        if (looksForRequest(step)) {
            Optional<RecordId> told = lookup.ofRequest(record.sessionId(), record.upstreamRequestId()).stream()
                    .filter(entry -> entry.record().identity().isSameOverVersions(record.identity()))
                    .map(LedgerEntry::id)
                    .min(Comparator.comparing(Revision::key));
            if (told.isPresent()) {
                String key = key(told.get());
                return key.length() > MAX_KEY_LENGTH
                        ? new Known(told.get())
                        : of(step, key, lookup.revisions(key), lookup);
            }
        }
        for (String key : step.elsewhere().replaced()) {
            List<LedgerEntry> revisions = lookup.revisions(key);
            if (!revisions.isEmpty()) {
                return replacing(step, revisions.get(revisions.size() - 1));
            }
        }
        return first(step);
    }

    /** Whether a step's call is looked for by its request: one without a session or such an id cannot be. */
    static boolean looksForRequest(Batch.Step.Revise step) {
        return step.elsewhere().sameRequest()
                && !step.record().sessionId().isEmpty()
                && !step.record().upstreamRequestId().isEmpty();
    }

    /** What is to be appended of a call that is known by no key. */
    static First first(Batch.Step.Revise step) {
        UsageRecord record = step.record();
        boolean named = record.id().value().equals(step.key());
        return new First(named ? record : record.toBuilder().id(step.key()).build());
    }

    /** Gives a call, known by a key of lesser standing so far, the step's own key. */
    private static Revision replacing(Batch.Step.Revise step, LedgerEntry known) {
        if (!isUsageInForce(known)) {
            return new Known(known.id());
        }
        UsageRecord merged = merged(step, known.record());
        return new Next(
                List.of(known),
                merged.toBuilder()
                        .id(step.key())
                        .timestamp(merged.timestamp().orElse(known.occurred()))
                        .build());
    }

    private static Revision of(Batch.Step.Revise step, String key, List<LedgerEntry> revisions, Lookup lookup) {
        if (revisions.isEmpty()) {
            return first(step);
        }
        LedgerEntry newest = revisions.get(revisions.size() - 1);
        if (!isUsageInForce(newest)) {
            return new Known(newest.id());
        }
        boolean seen = revisions.stream()
                .anyMatch(revision -> revision.kind() == Kind.USAGE && same(revision.record(), step.record()));
        UsageRecord merged = seen ? newest.record() : merged(step, newest.record());
        List<LedgerEntry> replaced = new ArrayList<>(List.of(newest));
        for (LedgerEntry other : ofLesserKeys(step, merged, newest, lookup)) {
            merged = Stamps.kept(merged, other.record(), step.merge().merge(other.record(), merged));
            replaced.add(other);
        }
        if (replaced.size() == 1 && same(newest.record(), merged)) {
            return new Known(newest.id());
        }
        return new Next(
                replaced,
                merged.toBuilder()
                        .id(id(key, number(key, newest.id()) + 1))
                        .timestamp(merged.timestamp().orElse(newest.occurred()))
                        .build());
    }

    /** What is in force of the same request under keys that the step replaces, as where one call became two records. */
    private static List<LedgerEntry> ofLesserKeys(
            Batch.Step.Revise step, UsageRecord merged, LedgerEntry newest, Lookup lookup) {
        String request = merged.upstreamRequestId();
        if (request.isEmpty() || !request.equals(step.record().upstreamRequestId())) {
            return List.of();
        }
        List<LedgerEntry> others = new ArrayList<>();
        for (String key : step.elsewhere().replaced()) {
            List<LedgerEntry> revisions = lookup.revisions(key);
            LedgerEntry other = revisions.isEmpty() ? newest : revisions.get(revisions.size() - 1);
            if (isUsageInForce(other)
                    && !other.id().equals(newest.id())
                    && others.stream().noneMatch(entry -> entry.id().equals(other.id()))
                    && other.record().upstreamRequestId().equals(request)) {
                others.add(other);
            }
        }
        return others;
    }

    /** Whatever else has the id of a revision stands in its way, and is left as it is. */
    private static boolean isUsageInForce(LedgerEntry entry) {
        return entry.kind() == Kind.USAGE && entry.inForce();
    }

    /** Whether a copy says no more than a revision: also of what takes no part where an id alone decides what is a duplicate. */
    private static boolean same(UsageRecord revision, UsageRecord copy) {
        return revision.firstDifference(copy).isEmpty()
                && revision.identity().equals(copy.identity())
                && revision.region().equals(copy.region())
                && revision.passes().equals(copy.passes())
                && revision.tokens().equals(copy.tokens())
                // Notes take no part, but totals count doubts: one that is taken away is a correction.
                && Doubt.of(copy.notes()).containsAll(Doubt.of(revision.notes()));
    }

    /** What is right when both are known. A cost that somebody gave for other figures is not the cost of these. */
    private static UsageRecord merged(Batch.Step.Revise step, UsageRecord inForce) {
        UsageRecord offered = Stamps.replaced(step.record(), inForce);
        UsageRecord merged = Stamps.kept(inForce, offered, step.merge().merge(inForce, offered));
        boolean carriedOver = merged.givenCost().isPresent()
                && merged.givenCost().equals(inForce.givenCost())
                && step.record().givenCost().isEmpty();
        boolean sameFigures = merged.tokens().equals(inForce.tokens())
                && merged.passes().equals(inForce.passes())
                && merged.calls().equals(inForce.calls())
                && merged.identity().equals(inForce.identity())
                && merged.serviceTier().equals(inForce.serviceTier());
        return carriedOver && !sameFigures ? merged.toBuilder().withoutCost().build() : merged;
    }
}
