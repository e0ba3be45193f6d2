package dev.tokenledger.sql.records;

import dev.tokenledger.usage.Doubt;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The doubts of rare fields by their number, looked up once. Used by one thread, in one transaction. */
public final class KnownDoubts {

    private static final int MAX_KNOWN = 1 << 16;

    /** Asks the engine. */
    @FunctionalInterface
    public interface NotesReader {

        /** The notes of the rare fields of this number, as {@link RareFields#notes} joins them; empty if there are no such. */
        String notes(long number) throws SQLException;
    }

    private final NotesReader reader;
    private final Map<Long, Set<Doubt>> known = new HashMap<>();
    private long last;
    private Set<Doubt> lastDoubts = Set.of();

    /** Knows none yet. */
    public KnownDoubts(NotesReader reader) {
        this.reader = reader;
    }

    /** The doubts of the rare fields of this number; none for 0. */
    public Set<Doubt> of(long number) throws SQLException {
        if (number != last) {
            Set<Doubt> doubts = number == 0 ? Set.of() : known.get(number);
            if (doubts == null) {
                if (known.size() >= MAX_KNOWN) {
                    known.clear();
                }
                doubts = RareFields.doubts(reader.notes(number));
                known.put(number, doubts);
            }
            lastDoubts = doubts;
            last = number;
        }
        return lastDoubts;
    }
}
