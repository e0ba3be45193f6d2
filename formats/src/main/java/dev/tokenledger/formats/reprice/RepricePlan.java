package dev.tokenledger.formats.reprice;

import dev.tokenledger.LedgerEntry;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.summary.TooManyGroupsException;
import dev.tokenledger.usage.PricingStatus;
import dev.tokenledger.usage.RecordId;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a run of repricing would change, or has changed: by model, month and what is done. Not safe for use by several threads. */
public final class RepricePlan {

    /** The most rows that a plan has. */
    public static final int MAX_ROWS = 100_000;

    /** The most records that are named which an undo leaves alone. */
    public static final int MAX_LEFT = 100;

    private static final int DIGEST_BYTES = 16;
    private static final BigInteger MODULUS = BigInteger.ONE.shiftLeft(256);

    /** What is done to a record. */
    public enum Change {
        /** It was unpriced or partial. */
        FILL,
        /** It was priced in full. */
        CORRECT,
        /** It gets the cost that it had before a run. */
        UNDO;

        static Change of(Cost before) {
            return before.status() == PricingStatus.PRICED ? CORRECT : FILL;
        }
    }

    /** Sums over records. */
    public static final class Figures {

        private long records;
        private Usd before = Usd.ZERO;
        private Usd after = Usd.ZERO;
        private long gapsBefore;
        private long gapsAfter;

        private Figures() {}

        private void add(Cost from, Cost to) {
            records++;
            before = before.plus(from.amount());
            after = after.plus(to.amount());
            gapsBefore += from.status() == PricingStatus.PRICED ? 0 : 1;
            gapsAfter += to.status() == PricingStatus.PRICED ? 0 : 1;
        }

        /** How many records. */
        public long records() {
            return records;
        }

        /** What they cost before. */
        public Usd before() {
            return before;
        }

        /** What they cost afterwards. */
        public Usd after() {
            return after;
        }

        /** How many of them were unpriced or partial before. */
        public long gapsBefore() {
            return gapsBefore;
        }

        /** How many of them are unpriced or partial afterwards. */
        public long gapsAfter() {
            return gapsAfter;
        }
    }

    /**
     * The records of one model and month.
     *
     * @param month in the zone that was asked for
     */
    public record Row(String model, YearMonth month, Change change, Figures figures) {}

    /**
     * A record of a run that the run's undo leaves alone.
     *
     * @param why what was done to it since
     */
    public record Left(RecordId id, String why) {}

    private record Key(String model, YearMonth month, Change change) implements Comparable<Key> {
        @Override
        public int compareTo(Key other) {
            int byModel = model.compareTo(other.model);
            int byMonth = byModel != 0 ? byModel : month.compareTo(other.month);
            return byMonth != 0 ? byMonth : change.compareTo(other.change);
        }
    }

    private final ZoneId zone;
    private final MessageDigest sha = sha();
    private final Map<Key, Figures> rows = new TreeMap<>();
    private final Figures total = new Figures();
    private long closed;
    private long withoutPrice;
    private long worse;
    private long filled;
    private long leftRecords;
    private final List<Left> left = new ArrayList<>();
    private long lastSequence;
    private BigInteger sum = BigInteger.ZERO;

    RepricePlan(ZoneId zone) {
        this.zone = zone;
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    void add(LedgerEntry entry, Cost to, Change change) {
        Cost from = entry.effectiveCost();
        Key key = new Key(
                entry.record().identity().model(),
                YearMonth.from(entry.occurred().atZone(zone)),
                change);
        Figures figures = rows.get(key);
        if (figures == null) {
            if (rows.size() == MAX_ROWS) {
                throw new TooManyGroupsException("more than " + MAX_ROWS
                        + " models and months; ask for a shorter window or choose some with --where");
            }
            figures = new Figures();
            rows.put(key, figures);
        }
        figures.add(from, to);
        total.add(from, to);
        filled += change == Change.FILL ? 1 : 0;
        String line = entry.id() + "\n" + entry.revaluations() + "\n" + to.amount() + "\n"
                + to.status().text() + "\n" + to.priceId().map(PriceId::text).orElse("");
        // A sum does not depend on the order, and needs no list of all records.
        sum = sum.add(new BigInteger(1, sha.digest(line.getBytes(StandardCharsets.UTF_8))))
                .mod(MODULUS);
    }

    void see(LedgerEntry entry) {
        lastSequence = Math.max(lastSequence, entry.sequence());
    }

    void addLeft(RecordId id, String why) {
        leftRecords++;
        if (left.size() < MAX_LEFT) {
            left.add(new Left(id, why));
        }
    }

    void addClosed() {
        closed++;
    }

    void addWithoutPrice() {
        withoutPrice++;
    }

    void addWorse() {
        worse++;
    }

    /** The last entry that it saw: what was written later is no part of it. */
    long lastSequence() {
        return lastSequence;
    }

    /** By model, month and change. */
    public List<Row> rows() {
        List<Row> all = new ArrayList<>(rows.size());
        rows.forEach((key, figures) -> all.add(new Row(key.model, key.month, key.change, figures)));
        return all;
    }

    /** All that change. */
    public Figures total() {
        return total;
    }

    /** How many of them are filled in, having been unpriced or partial. */
    public long filled() {
        return filled;
    }

    /** Records that would change, but lie in a closed period. */
    public long closed() {
        return closed;
    }

    /** Of an undo: how many of the run's records were reversed or repriced since, and are left alone. */
    public long leftRecords() {
        return leftRecords;
    }

    /** The first {@value #MAX_LEFT} of them, newest call first. */
    public List<Left> left() {
        return List.copyOf(left);
    }

    /** Records without a whole price that today's prices know no more of. */
    public long withoutPrice() {
        return withoutPrice;
    }

    /** Records that today's prices know less of than they cost now, and which therefore keep their cost. */
    public long worse() {
        return worse;
    }

    /** Names what changes, and to what: 32 hexadecimal digits. The same records at the same prices have the same. */
    public String digest() {
        byte[] whole = sha.digest((total.records + "\n" + sum).getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(whole, 0, DIGEST_BYTES);
    }
}
