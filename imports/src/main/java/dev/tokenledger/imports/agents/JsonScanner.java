package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Bytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) token by token from bytes, for logs of gigabytes: used again line by line, making an object only of what
 * is asked for. Text that nobody asks for is checked, and passed over.
 *
 * <p>Several values may follow one another. Every syntax error and every byte that is no UTF-8 is found, where it stands behind
 * what was read. Taken in place of Jackson's parser, with which a test compares it, because that is made anew for
 * every line, looks every name up, and takes long to be compiled. Not safe for use by several threads.
 *
 * <p>Longer than most classes, because whatever reads a piece of the grammar moves the same place in the same bytes.
 */
final class JsonScanner {

    private static final int MAX_DEPTH = 1_000;
    private static final int NAMES = 256;

    /** A name of more bytes is not remembered. */
    private static final int MAX_NAME_LENGTH = 64;

    /** What stands at a place. */
    enum Token {
        OBJECT,
        END_OBJECT,
        ARRAY,
        END_ARRAY,
        NAME,
        TEXT,
        INTEGER,
        FRACTION,
        TRUE,
        FALSE,
        NULL,
        /** Nothing is left. */
        END
    }

    /** The bytes are not JSON. */
    static final class BrokenException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final int column;

        BrokenException(int column) {
            this.column = column;
        }

        /** The byte where that shows, from 1. */
        int column() {
            return column;
        }
    }

    /** A member's name, at one depth. */
    private static final class Name {

        /** As it is mostly written: in quotes, its colon behind it. */
        final byte[] written;

        /** Interned, so that it equals a constant that says the same at a glance. */
        final String text;

        /** The name that came after it the last time. */
        @Nullable
        Name next;

        Name(byte[] written, String text) {
            this.written = written;
            this.text = text;
        }
    }

    /** For each depth whether it is an object. */
    private final boolean[] objects = new boolean[MAX_DEPTH + 1];

    /** Names seen before, by hash: there are few, and making a string of each costs more than comparing. */
    private final @Nullable Name[] names = new @Nullable Name[NAMES];

    /** The last name that was asked for. */
    private Name name = new Name(new byte[0], "");

    private byte[] bytes = {};
    private int begin;
    private int end;
    private int at;
    private int depth;

    /** Whether nothing has been read yet in the innermost object or array. */
    private boolean first;

    /** Whether a name and its colon were read, and its value was not. */
    private boolean named;

    private Token token = Token.END;

    /** Where the last text, name or number stands, quotes not counted. */
    private int from;

    private int to;

    /** Whether the last text is as it stands, without escapes and beyond ASCII. */
    private boolean plain;

    private boolean escaped;

    /** Begins with a line. */
    void start(byte[] line, int offset, int length) {
        bytes = line;
        begin = offset;
        at = offset;
        end = offset + length;
        depth = 0;
        first = true;
        named = false;
        token = Token.END;
    }

    /**
     * Goes on by one token.
     *
     * @throws BrokenException if there is none
     */
    Token next() {
        int c = skipBlanks();
        if (named) {
            named = false;
            token = value(c);
        } else if (depth == 0) {
            token = c < 0 ? Token.END : value(c);
        } else {
            boolean object = objects[depth];
            if (c == (object ? '}' : ']')) {
                close(object ? Token.END_OBJECT : Token.END_ARRAY);
            } else {
                c = separate(c);
                token = object ? nameAndColon() : value(c);
            }
        }
        return token;
    }

    /**
     * Goes on to the next member of the object that the place is in, behind the value of the one before. Rows of one program
     * have their members in the same order, so a name is first compared with the one that came here the last time.
     *
     * @return its name; null at the object's end
     * @throws BrokenException if there is neither
     */
    @Nullable
    String member() {
        int c = skipBlanks();
        if (c == '}') {
            close(Token.END_OBJECT);
            return null;
        }
        separate(c);
        Name likely = name.next;
        if (likely != null && Bytes.standAt(bytes, at, end, likely.written)) {
            at += likely.written.length;
            named = true;
            token = Token.NAME;
        } else {
            token = nameAndColon();
            if (!plain || to - from > MAX_NAME_LENGTH) {
                return text();
            }
            likely = known();
            name.next = likely;
        }
        name = likely;
        return likely.text;
    }

    /** What is known of the name that was read last, which is plain and short. */
    private Name known() {
        int hash = depth;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + bytes[i];
        }
        int slot = (hash ^ hash >>> 8) & NAMES - 1;
        byte[] written = quoted(":");
        Name known = names[slot];
        if (known == null || !Arrays.equals(known.written, written)) {
            known = new Name(written, text().intern());
            names[slot] = known;
        }
        return known;
    }

    /** Passes over the next value. */
    void pass() {
        next();
        skip();
    }

    /** Passes over the next value; says whether it is one of these. */
    boolean is(Token kind) {
        boolean is = next() == kind;
        skip();
        return is;
    }

    /** Goes into the next value if that is an object, and passes over it if not; says which. */
    boolean enter() {
        if (next() == Token.OBJECT) {
            return true;
        }
        skip();
        return false;
    }

    /**
     * Passes over the next value, which is mostly the same text as the last time.
     *
     * @return the text; empty if the value is something else, as {@link #token} tells
     */
    String text(Memo memo) {
        if (skipBlanks() == '"' && Bytes.standAt(bytes, at, end, memo.quoted)) {
            at += memo.quoted.length;
            named = false;
            token = Token.TEXT;
        } else if (next() == Token.TEXT) {
            memo.quoted = quoted("");
            memo.text = text();
        } else {
            skip();
            return "";
        }
        return memo.text;
    }

    /** What was read last. */
    Token token() {
        return token;
    }

    /** Passes over what is left of the object or array that begins here; does nothing at any other token. */
    void skip() {
        if (token == Token.OBJECT || token == Token.ARRAY) {
            leave(depth - 1);
        }
    }

    /** Goes on until the place is in so many objects and arrays. */
    void leave(int outer) {
        while (depth > outer) {
            next();
        }
    }

    /** The text, name or number that was read last. */
    String text() {
        if (plain) {
            return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
        }
        return escaped ? unescaped() : new String(bytes, from, to - from, StandardCharsets.UTF_8);
    }

    /** The last text or name in quotes as it stands there, with something behind it. */
    private byte[] quoted(String more) {
        byte[] quoted = Arrays.copyOfRange(bytes, from - 1, to + 1 + more.length());
        for (int i = 0; i < more.length(); i++) {
            quoted[quoted.length - more.length() + i] = (byte) more.charAt(i);
        }
        return quoted;
    }

    /** How many digits an integer has, its sign counted too. */
    int digits() {
        return to - from;
    }

    /** The integer that was read, of at most 18 digits. */
    long integer() {
        boolean negative = bytes[from] == '-';
        long value = 0;
        for (int i = negative ? from + 1 : from; i < to; i++) {
            value = value * 10 + bytes[i] - '0';
        }
        return negative ? -value : value;
    }

    /** The next byte that is no blank; -1 at the end. */
    private int skipBlanks() {
        while (at < end) {
            int c = bytes[at];
            if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
                return c & 0xff;
            }
            at++;
        }
        return -1;
    }

    private void expect(char c) {
        if (at >= end || bytes[at] != c) {
            throw broken();
        }
        at++;
    }

    private void close(Token closed) {
        at++;
        depth--;
        first = false;
        token = closed;
    }

    /** Passes over the comma before what begins with byte {@code c}, if there has to be one; gives the byte behind it. */
    private int separate(int c) {
        if (first) {
            first = false;
            return c;
        }
        expect(',');
        return skipBlanks();
    }

    /** Reads the name of a member and the colon behind it. */
    private Token nameAndColon() {
        string();
        skipBlanks();
        expect(':');
        named = true;
        return Token.NAME;
    }

    private Token value(int c) {
        switch (c) {
            case '{' -> {
                return open(true, Token.OBJECT);
            }
            case '[' -> {
                return open(false, Token.ARRAY);
            }
            case '"' -> {
                string();
                return Token.TEXT;
            }
            case 't' -> {
                return word("true", Token.TRUE);
            }
            case 'f' -> {
                return word("false", Token.FALSE);
            }
            case 'n' -> {
                return word("null", Token.NULL);
            }
            default -> {
                return number();
            }
        }
    }

    private Token open(boolean object, Token opened) {
        if (depth == MAX_DEPTH) {
            throw broken();
        }
        at++;
        objects[++depth] = object;
        first = true;
        return opened;
    }

    private Token word(String word, Token meant) {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i));
        }
        if (at < end && Character.isLetterOrDigit(bytes[at])) {
            throw broken();
        }
        return meant;
    }

    private Token number() {
        from = at;
        if (at < end && bytes[at] == '-') {
            at++;
        }
        if (at < end && bytes[at] == '0') {
            at++;
        } else {
            digitsHere();
        }
        Token kind = Token.INTEGER;
        if (at < end && bytes[at] == '.') {
            at++;
            digitsHere();
            kind = Token.FRACTION;
        }
        if (at < end && (bytes[at] | 0x20) == 'e') {
            at++;
            if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            digitsHere();
            kind = Token.FRACTION;
        }
        to = at;
        plain = true;
        endOfNumber();
        return kind;
    }

    private void digitsHere() {
        int start = at;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == start) {
            throw broken();
        }
    }

    /** Behind a number comes a blank, or what goes on with the object or array around it. */
    private void endOfNumber() {
        if (at < end) {
            switch (bytes[at]) {
                case ',', '}', ']', ' ', '\t', '\n', '\r' -> {}
                default -> throw broken();
            }
        }
    }

    /** Passes over a text, from its quote on. */
    private void string() {
        expect('"');
        from = at;
        plain = true;
        escaped = false;
        while (true) {
            at = Bytes.endOfPlainText(bytes, at, end);
            if (at >= end) {
                throw broken();
            }
            byte c = bytes[at];
            if (c == '"') {
                to = at++;
                return;
            }
            plain = false;
            if (c == '\\') {
                escaped = true;
                escape();
            } else {
                beyondAscii();
            }
        }
    }

    private void escape() {
        at++;
        switch (at < end ? bytes[at] : -1) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> at++;
            case 'u' -> {
                for (int i = 0; i < 4; i++) {
                    at++;
                    if (at >= end || Character.digit(bytes[at], 16) < 0) {
                        throw broken();
                    }
                }
                at++;
            }
            default -> throw broken();
        }
    }

    /** Passes over one character of several bytes, by table 3-7 of the Unicode standard. */
    private void beyondAscii() {
        int lead = bytes[at] & 0xff;
        int more = lead < 0xc2 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 0;
        if (more == 0 || end - at <= more) {
            throw broken();
        }
        int second = bytes[at + 1] & 0xff;
        int least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        int most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        if (second < least || second > most) {
            throw broken();
        }
        for (int i = 2; i <= more; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                throw broken();
            }
        }
        at += more + 1;
    }

    /** The text with its escapes replaced; it was checked before. */
    private String unescaped() {
        StringBuilder text = new StringBuilder(to - from);
        int i = from;
        while (i < to) {
            int run = i;
            while (i < to && bytes[i] != '\\') {
                i++;
            }
            text.append(new String(bytes, run, i - run, StandardCharsets.UTF_8));
            if (i < to) {
                char c = (char) bytes[i + 1];
                i += 2;
                switch (c) {
                    case 'b' -> text.append('\b');
                    case 'f' -> text.append('\f');
                    case 'n' -> text.append('\n');
                    case 'r' -> text.append('\r');
                    case 't' -> text.append('\t');
                    case 'u' -> {
                        String hex = new String(bytes, i, 4, StandardCharsets.ISO_8859_1);
                        text.append((char) Integer.parseInt(hex, 16));
                        i += 4;
                    }
                    default -> text.append(c);
                }
            }
        }
        return text.toString();
    }

    private BrokenException broken() {
        return new BrokenException(at - begin + 1);
    }
}
