package dev.tokenledger.pricing;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.text.ModelNames;
import dev.tokenledger.text.Providers;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One price list: entries that were stated together. Within it an id has at most one price at any instant.
 *
 * <p>Immutable and safe for use by many threads.
 */
public final class PriceLayer {

    private final String name;
    private final Content content;
    private final @Nullable LocalDate checked;

    private PriceLayer(String name, Content content, @Nullable LocalDate checked) {
        this.name = name;
        this.content = content;
        this.checked = checked;
    }

    /** Where a layer's entries are kept. Safe for use by many threads. */
    interface Content {

        /** The entries in the order in which they were stated. */
        List<PriceEntry> entries();

        /**
         * The entry that answers to an id at an instant: exact id before alias, the provider's own before one for any
         * provider.
         *
         * @param provider in its canonical form
         */
        @Nullable
        PriceEntry find(String id, String provider, Instant at);

        /** The newest day that the entries' sources name; empty if they name none. */
        Optional<LocalDate> newestSource();
    }

    /**
     * A layer of these entries.
     *
     * @param name where they are from, for listings and messages, such as a file's path
     * @throws OverlapException if two entries of one id are in force at the same time and nothing decides between them
     */
    public static PriceLayer of(String name, Collection<PriceEntry> entries) {
        return new PriceLayer(name, new StatedEntries(entries), null);
    }

    /** A layer whose entries are kept elsewhere. */
    static PriceLayer of(String name, Content content) {
        return new PriceLayer(name, content, null);
    }

    /** Where the entries are from. */
    public String name() {
        return name;
    }

    /** The entries in the order in which they were stated. */
    public List<PriceEntry> entries() {
        return content.entries();
    }

    /**
     * The newest day (UTC) that the entries' {@linkplain PriceEntry#sourceDay() sources name}, or on which they were
     * {@linkplain #checkedOn compared} with one; empty if there is neither.
     */
    Optional<LocalDate> newestSource() {
        LocalDate day = checked;
        return day == null
                ? content.newestSource()
                : Optional.of(content.newestSource().filter(day::isBefore).orElse(day));
    }

    /** This layer, whose entries were compared with their source on a day (UTC), whether or not one had changed. */
    public PriceLayer checkedOn(LocalDate day) {
        return new PriceLayer(name, content, day);
    }

    /**
     * The entry in force for a model: the deployment id first, then the upstream model, each as it stands and then without
     * what a cloud's long form puts around it; exact id before alias; the provider's own entry before one for any provider,
     * and that before one of the provider whose prices stand behind it.
     */
    @Nullable
    PriceEntry find(ModelIdentity identity, Instant at) {
        String provider = Providers.canonical(identity.provider());
        PriceEntry found = find(identity, provider, at);
        String fallback = found == null ? Providers.priceFallback(provider) : "";
        return fallback.isEmpty() ? found : find(identity, fallback, at);
    }

    private @Nullable PriceEntry find(ModelIdentity identity, String provider, Instant at) {
        PriceEntry found = find(identity.model(), provider, at);
        boolean again = found == null && !identity.upstreamModel().equals(identity.model());
        return again ? find(identity.upstreamModel(), provider, at) : found;
    }

    private @Nullable PriceEntry find(String model, String provider, Instant at) {
        PriceEntry found = content.find(model, provider, at);
        if (found != null) {
            return found;
        }
        String bare = ModelNames.bare(model);
        return bare.equals(model) ? null : content.find(bare, provider, at);
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
