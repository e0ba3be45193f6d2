package dev.tokenledger.sql.records;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Texts that are looked up together. Every record that is written is looked up by several, so the hash is worked out once, on
 * the caller's thread, and depends on the order: that of a map does not, and collides where values are alike. A record class
 * would not do either: its generated methods are slow until the JVM's slow compiler has come to them, and most imports end
 * before that.
 */
public final class Tuple {

    private final String[] texts;
    private final int hash;

    private Tuple(String... texts) {
        this.texts = texts;
        hash = Arrays.hashCode(texts);
    }

    /** These texts; they are not copied. */
    public static Tuple of(String... texts) {
        return new Tuple(texts);
    }

    /** The keys and values of a map, in its order. */
    public static Tuple of(Map<String, String> map) {
        String[] texts = new String[2 * map.size()];
        int i = 0;
        for (Map.Entry<String, String> entry : map.entrySet()) {
            texts[i++] = entry.getKey();
            texts[i++] = entry.getValue();
        }
        return new Tuple(texts);
    }

    public String text(int place) {
        return texts[place];
    }

    /** All of them, as the parameters of a statement. */
    public Object[] parameters() {
        return Arrays.copyOf(texts, texts.length, Object[].class);
    }

    @Override
    public boolean equals(@Nullable Object object) {
        return object instanceof Tuple other && hash == other.hash && Arrays.equals(texts, other.texts);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
