package dev.tokenledger.sql.records;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * How single values are stored: instants as microseconds since 1970; ids that are canonical UUIDs as 16 bytes, others as
 * they are; maps of texts as flat JSON objects, so that any SQL tool can read them.
 */
public final class Values {

    private static final int UUID_LENGTH = 36;

    private Values() {}

    public static long micros(Instant instant) {
        return Math.addExact(Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000L);
    }

    public static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    /** What a column holds for an id: 16 bytes for a canonical UUID, else its text. */
    public static Object id(String text) {
        if (text.length() != UUID_LENGTH) {
            return text;
        }
        byte[] bytes = new byte[16];
        int half = 0;
        for (int i = 0; i < UUID_LENGTH; i++) {
            char c = text.charAt(i);
            if (i == 8 || i == 13 || i == 18 || i == 23) {
                if (c != '-') {
                    return text;
                }
                continue;
            }
            int digit;
            if (c >= '0' && c <= '9') {
                digit = c - '0';
            } else if (c >= 'a' && c <= 'f') {
                digit = c - 'a' + 10;
            } else {
                return text;
            }
            bytes[half / 2] |= (byte) (half % 2 == 0 ? digit << 4 : digit);
            half++;
        }
        return bytes;
    }

    /** The text of an id as {@link #id} stored it; empty for none. */
    public static String idText(@Nullable Object stored) {
        if (stored instanceof byte[] bytes && bytes.length == 16) {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            return new UUID(buffer.getLong(), buffer.getLong()).toString();
        }
        return stored == null ? "" : stored.toString();
    }

    /** A JSON object of texts, its keys in their natural order; null for an empty map. */
    public static @Nullable String json(Map<String, ?> map) {
        if (map.isEmpty()) {
            return null;
        }
        StringBuilder text = new StringBuilder(32 * map.size()).append('{');
        sorted(map).forEach((key, value) -> {
            text.append(text.length() == 1 ? "" : ",");
            quote(text, key);
            text.append(':');
            quote(text, value.toString());
        });
        return text.append('}').toString();
    }

    /** What {@link #json} writes of one key and its value, and of nothing else: a quote within a text is escaped. */
    public static String member(String key, String value) {
        StringBuilder text = new StringBuilder(member(key));
        quote(text, value);
        return text.toString();
    }

    /** The same of one key with any value. */
    public static String member(String key) {
        StringBuilder text = new StringBuilder();
        quote(text, key);
        return text.append(':').toString();
    }

    private static SortedMap<String, ?> sorted(Map<String, ?> map) {
        return map instanceof SortedMap<String, ?> sorted && sorted.comparator() == null ? sorted : new TreeMap<>(map);
    }

    private static void quote(StringBuilder text, String value) {
        text.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                text.append('\\');
            }
            text.append(c);
        }
        text.append('"');
    }

    /**
     * Reads what {@link #json} wrote.
     *
     * @throws IllegalArgumentException if the text is none of it
     */
    public static Map<String, String> map(@Nullable String json) {
        Map<String, String> map = new TreeMap<>();
        if (json == null) {
            return map;
        }
        int at = 0;
        char before = '{';
        while (at < json.length() && json.charAt(at) == before) {
            StringBuilder key = new StringBuilder();
            StringBuilder value = new StringBuilder();
            at = unquote(json, at + 1, key);
            if (at >= json.length() || json.charAt(at) != ':') {
                break;
            }
            at = unquote(json, at + 1, value);
            map.put(key.toString(), value.toString());
            if (at == json.length() - 1 && json.charAt(at) == '}') {
                return map;
            }
            before = ',';
        }
        throw new IllegalArgumentException("not a JSON object of texts");
    }

    /** The value of one key in what {@link #json} wrote; empty if it has none. */
    public static String valueOf(String json, String key) {
        String member = member(key);
        int at = json.indexOf(member);
        if (at < 0) {
            return "";
        }
        StringBuilder value = new StringBuilder();
        unquote(json, at + member.length(), value);
        return value.toString();
    }

    /** Appends the text that begins at a quote; gives the place behind its closing quote. */
    private static int unquote(String json, int start, StringBuilder text) {
        if (start >= json.length() || json.charAt(start) != '"') {
            throw new IllegalArgumentException("not a JSON object of texts");
        }
        for (int at = start + 1; at < json.length(); at++) {
            char c = json.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            if (c == '\\' && at + 1 < json.length()) {
                at++;
                c = json.charAt(at);
            }
            text.append(c);
        }
        throw new IllegalArgumentException("not a JSON object of texts");
    }
}
