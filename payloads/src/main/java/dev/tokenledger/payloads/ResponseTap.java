package dev.tokenledger.payloads;

import dev.tokenledger.text.Texts;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads along the bytes of a provider's answer as they pass: a JSON document, several behind one another or in a list, or
 * server-sent events. What does not bear on the usage is dropped byte by byte, whatever its length, so that it holds a few
 * hundred bytes of an answer of any size, and at most {@value #MAX_KEPT} of one that is made to be held.
 *
 * <p>Taking bytes never throws: what is wrong is said in the end. Not safe for use by several threads at a time.
 */
public final class ResponseTap {

    /** The most bytes of one document that are held. */
    public static final int MAX_KEPT = 1 << 20;

    private static final int FIRST_ROOM = 512;
    private static final int MAX_NAME = 64;
    private static final int MAX_DEPTH = 32;
    private static final int MAX_PENDING = 1 << 12;
    private static final byte[][] KEPT_NAMES = bytes(ResponseReader.KEPT);
    private static final byte[][] OPENED_NAMES = bytes(ResponseReader.OPENED);
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);

    /** Where in a document the next byte is. */
    private enum Where {
        /** Before a document, or between two. */
        OUTSIDE,
        /** In an object, before a name. */
        BEFORE_NAME,
        /** In a name. */
        NAME,
        /** Behind a name. */
        BEFORE_COLON,
        /** Before a value. */
        BEFORE_VALUE,
        /** In a value that is passed over or copied. */
        VALUE
    }

    private final ResponseReader reader;
    private @Nullable IllegalArgumentException failure;

    /** Whether lines are looked at: null until the first byte says. */
    private @Nullable Boolean lines;

    /** In lines: how much of "data:" matched at the start of this one; negative where it did not, -2 within its data. */
    private int matched;

    private boolean lineIsEmpty = true;

    /** Whether OpenAI's mark of a stream's end has passed. */
    private boolean done;

    private Where where = Where.OUTSIDE;
    private byte[] kept = new byte[FIRST_ROOM];
    private int size;

    /**
     * What the reader does not have yet, unless empty. A reader takes running totals, so that an event is of no account if the next
     * one is the same but for its numbers: most events of a stream differ in what was said, or in what was used so far.
     */
    private byte[] pending = new byte[FIRST_ROOM];

    private int pendingSize;

    private final byte[] name = new byte[MAX_NAME];
    private int nameLength;

    /** The objects and lists around, outermost first, that are copied themselves: whether a list, and whether it has members. */
    private final boolean[] isList = new boolean[MAX_DEPTH];

    private final boolean[] hasMembers = new boolean[MAX_DEPTH];
    private int opened;

    private boolean copied;
    private int valueDepth;
    private boolean inString;
    private boolean escaped;
    private boolean scalar;

    /** Hands what bears on the usage to a reader. */
    public ResponseTap(ResponseReader reader) {
        this.reader = Objects.requireNonNull(reader, "reader");
    }

    /** Takes bytes that passed. */
    public void bytes(byte[] bytes, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        for (int i = offset; i < offset + length && failure == null; i++) {
            if (where == Where.VALUE && inString && !copied && lines != null && !lines) {
                // Most bytes are of texts that are passed over.
                while (i < offset + length && bytes[i] != '"' && bytes[i] != '\\' && !escaped) {
                    i++;
                }
                if (i == offset + length) {
                    return;
                }
            }
            take(bytes[i]);
        }
    }

    /** Takes the remaining bytes of a buffer, whose position stays. */
    public void bytes(ByteBuffer buffer) {
        if (buffer.hasArray()) {
            bytes(buffer.array(), buffer.arrayOffset() + buffer.position(), buffer.remaining());
        } else {
            for (int i = buffer.position(); i < buffer.limit() && failure == null; i++) {
                take(buffer.get(i));
            }
        }
    }

    /**
     * What the answer says, whose bytes have all passed.
     *
     * @throws IllegalArgumentException if it cannot be read, ends within a document before {@linkplain #isAnswered its own end}, or as
     *     {@link ResponseReader#finish} does
     */
    public ProviderResponse finish() {
        handOver();
        check();
        if (opened > 0 && !isAnswered()) {
            throw new IllegalArgumentException("not valid JSON: the answer ends within a document");
        }
        return reader.finish();
    }

    /** What there is of an answer that ended too early, see {@link ResponseReader#finishEarly}. */
    public Optional<ProviderResponse> finishEarly() {
        handOver();
        return failure == null ? reader.finishEarly() : Optional.empty();
    }

    /** What there is of an answer that states no usage, see {@link ResponseReader#withoutUsage}. */
    public Optional<ProviderResponse> withoutUsage() {
        handOver();
        return failure == null ? reader.withoutUsage() : Optional.empty();
    }

    /** Whether the answer's own end was seen, so that nothing is missing of it though its bytes may go on. */
    public boolean isAnswered() {
        handOver();
        return failure == null && (done || reader.isAnswered());
    }

    /** Whether the bytes so far end within a document. */
    public boolean isWithinDocument() {
        return opened > 0;
    }

    private void check() {
        IllegalArgumentException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }

    private void take(byte b) {
        Boolean byLine = lines;
        if (byLine == null) {
            if (isSpace(b) || b == (byte) 0xef || b == (byte) 0xbb || b == (byte) 0xbf) {
                return;
            }
            byLine = b != '{' && b != '[';
            lines = byLine;
        }
        if (byLine) {
            takeOfLine(b);
        } else {
            takeOfDocument(b);
        }
    }

    private void takeOfLine(byte b) {
        if (b == '\n') {
            if (lineIsEmpty) {
                // An event ends; one that is not whole is none.
                reset();
            }
            matched = 0;
            lineIsEmpty = true;
            return;
        }
        if (b != '\r') {
            lineIsEmpty = false;
        }
        if (matched == -2) {
            takeOfDocument(b);
        } else if (matched >= 0) {
            matched = b == DATA[matched] ? matched + 1 : -1;
            if (matched == DATA.length) {
                matched = -2;
            }
        }
    }

    private void reset() {
        where = Where.OUTSIDE;
        opened = 0;
        size = 0;
        inString = false;
        escaped = false;
    }

    private void takeOfDocument(byte b) {
        switch (where) {
            case OUTSIDE -> {
                if (b == '{') {
                    open(false);
                } else if (b == 'D' && Boolean.TRUE.equals(lines)) {
                    // data: [DONE]
                    done = true;
                }
            }
            case BEFORE_NAME -> {
                if (b == '"') {
                    nameLength = 0;
                    where = Where.NAME;
                } else if (b == '}') {
                    close('}');
                }
            }
            case NAME -> {
                if (escaped) {
                    escaped = false;
                    // No name that matters has escapes.
                    nameLength = MAX_NAME;
                } else if (b == '\\') {
                    escaped = true;
                } else if (b == '"') {
                    where = Where.BEFORE_COLON;
                } else if (nameLength < MAX_NAME) {
                    name[nameLength++] = b;
                }
            }
            case BEFORE_COLON -> {
                if (b == ':') {
                    where = Where.BEFORE_VALUE;
                }
            }
            case BEFORE_VALUE -> {
                if (isList[opened - 1]) {
                    beforeItem(b);
                } else if (!isSpace(b)) {
                    beforeMember(b);
                }
            }
            case VALUE -> value(b);
        }
    }

    private void beforeItem(byte b) {
        if (b == ']') {
            close(']');
        } else if (b == '{' && opened < MAX_DEPTH) {
            comma();
            open(false);
        } else if (!isSpace(b) && b != ',') {
            begin(b, false);
        }
    }

    private void beforeMember(byte b) {
        boolean container = b == '{' || b == '[';
        if (container && isOneOf(OPENED_NAMES) && opened < MAX_DEPTH) {
            key();
            open(b == '[');
        } else {
            boolean keep = isOneOf(KEPT_NAMES);
            if (keep) {
                key();
            }
            begin(b, keep);
        }
    }

    /** Whether the name that was read is one of these; without making a text of it. */
    private boolean isOneOf(byte[][] names) {
        for (byte[] one : names) {
            if (one.length == nameLength && Arrays.equals(one, 0, nameLength, name, 0, nameLength)) {
                return true;
            }
        }
        return false;
    }

    private static byte[][] bytes(Set<String> names) {
        return names.stream()
                .map(text -> text.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    private void key() {
        comma();
        keep((byte) '"');
        for (int i = 0; i < nameLength; i++) {
            keep(name[i]);
        }
        keep((byte) '"');
        keep((byte) ':');
    }

    private void comma() {
        if (hasMembers[opened - 1]) {
            keep((byte) ',');
        }
        hasMembers[opened - 1] = true;
    }

    private void open(boolean list) {
        keep((byte) (list ? '[' : '{'));
        isList[opened] = list;
        hasMembers[opened] = false;
        opened++;
        where = list ? Where.BEFORE_VALUE : Where.BEFORE_NAME;
    }

    private void close(char end) {
        keep((byte) end);
        opened--;
        if (opened == 0) {
            emit();
            where = Where.OUTSIDE;
        } else {
            where = isList[opened - 1] ? Where.BEFORE_VALUE : Where.BEFORE_NAME;
        }
    }

    private void begin(byte b, boolean keep) {
        copied = keep;
        inString = b == '"';
        escaped = false;
        valueDepth = b == '{' || b == '[' ? 1 : 0;
        scalar = !inString && valueDepth == 0;
        where = Where.VALUE;
        if (keep) {
            keep(b);
        }
    }

    private void value(byte b) {
        if (scalar && (b == ',' || b == '}' || b == ']' || isSpace(b))) {
            ended();
            takeOfDocument(b);
            return;
        }
        if (copied) {
            keep(b);
        }
        if (inString) {
            if (escaped) {
                escaped = false;
            } else if (b == '\\') {
                escaped = true;
            } else if (b == '"') {
                inString = false;
                if (valueDepth == 0) {
                    ended();
                }
            }
        } else if (b == '"') {
            inString = true;
        } else if (b == '{' || b == '[') {
            valueDepth++;
        } else if (b == '}' || b == ']') {
            valueDepth--;
            if (valueDepth == 0) {
                ended();
            }
        }
    }

    private void ended() {
        where = isList[opened - 1] ? Where.BEFORE_VALUE : Where.BEFORE_NAME;
    }

    private void keep(byte b) {
        if (size == MAX_KEPT) {
            failure = new IllegalArgumentException("usage: what bears on it is longer than " + MAX_KEPT + " bytes");
            return;
        }
        if (size == kept.length) {
            kept = Arrays.copyOf(kept, Math.min(MAX_KEPT, 2 * size));
        }
        kept[size++] = b;
    }

    private void emit() {
        if (failure == null && size > 2) {
            if (!isReplaced()) {
                handOver();
            }
            hold();
        }
        size = 0;
        if (kept.length > 1 << 15) {
            kept = new byte[FIRST_ROOM];
        }
    }

    /** Whether what was kept is what is pending but for numbers. */
    private boolean isReplaced() {
        int one = 0;
        int other = 0;
        boolean inText = false;
        while (one < pendingSize && other < size) {
            if (!inText && isNumber(pending[one]) && isNumber(kept[other])) {
                one = behindNumber(pending, one, pendingSize);
                other = behindNumber(kept, other, size);
            } else if (pending[one] != kept[other]) {
                return false;
            } else {
                boolean escape = inText && pending[one] == '\\';
                inText ^= pending[one] == '"';
                one++;
                other++;
                if (escape) {
                    if (one == pendingSize || other == size || pending[one++] != kept[other++]) {
                        return false;
                    }
                }
            }
        }
        return one == pendingSize && other == size;
    }

    private static int behindNumber(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && isNumber(bytes[at])) {
            at++;
        }
        return at;
    }

    private static boolean isNumber(byte b) {
        return (b >= '0' && b <= '9') || b == '-' || b == '.';
    }

    private void hold() {
        pendingSize = 0;
        if (size > MAX_PENDING) {
            read(kept, size);
        } else if (kept.length > 2 * MAX_PENDING) {
            pending = Arrays.copyOf(kept, size);
            pendingSize = size;
        } else {
            byte[] free = pending;
            pending = kept;
            kept = free;
            pendingSize = size;
        }
    }

    private void handOver() {
        if (pendingSize > 0) {
            read(pending, pendingSize);
            pendingSize = 0;
        }
    }

    private void read(byte[] document, int length) {
        if (failure != null) {
            return;
        }
        try {
            reader.json(new String(document, 0, length, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            failure = new IllegalArgumentException(Texts.cut(String.valueOf(e.getMessage()), 512), e);
        }
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
