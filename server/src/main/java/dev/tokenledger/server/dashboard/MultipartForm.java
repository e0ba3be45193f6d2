package dev.tokenledger.server.dashboard;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a page's form sends with files ({@code multipart/form-data}, RFC 7578): texts by name, and files. The body is in memory
 * already, within the server's limits. Immutable but for the files' bytes, which nobody changes.
 *
 * @param texts the first value of each field
 * @param files those that were chosen, in their order; fields without a file are left out
 */
record MultipartForm(Map<String, String> texts, List<Upload> files) {

    /** The most fields and files of one form. */
    static final int MAX_PARTS = 64;

    private static final int MAX_HEADER_BYTES = 4_096;
    private static final int MAX_TEXT_BYTES = 65_536;
    private static final int MAX_BOUNDARY = 70;
    private static final Pattern BOUNDARY = Pattern.compile("; *boundary=(?:\"([^\"]+)\"|([^\";, ]+))");
    private static final Pattern NAME = Pattern.compile("; *name=\"([^\"]*)\"");
    private static final Pattern FILE_NAME = Pattern.compile("; *filename=\"([^\"]*)\"");
    private static final byte[] END_OF_HEADERS = {'\r', '\n', '\r', '\n'};

    /** A file as it was sent. */
    // Held by one request alone.
    @SuppressWarnings("ArrayRecordComponent")
    record Upload(String name, byte[] bytes) {}

    /**
     * Reads a body.
     *
     * @param contentType as the request states it
     * @throws IllegalArgumentException if the body is no whole form, or has more parts or longer texts than a form has
     */
    static MultipartForm parse(String contentType, byte[] body) {
        Matcher stated = BOUNDARY.matcher(contentType);
        if (!stated.find()) {
            throw new IllegalArgumentException("the form states no boundary of its parts");
        }
        String boundary = group(stated, 1) + group(stated, 2);
        if (boundary.length() > MAX_BOUNDARY) {
            throw new IllegalArgumentException("the boundary of the form's parts is too long");
        }
        byte[] delimiter = ("\r\n--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
        Map<String, String> texts = new TreeMap<>();
        List<Upload> files = new ArrayList<>();
        // The first delimiter has no line end before it.
        int at = delimiter.length - 2;
        if (!startsWith(body, 0, Arrays.copyOfRange(delimiter, 2, delimiter.length))) {
            throw incomplete();
        }
        for (int parts = 0; !startsWith(body, at, new byte[] {'-', '-'}); parts++) {
            if (parts == MAX_PARTS) {
                throw new IllegalArgumentException("a form has at most " + MAX_PARTS + " parts");
            }
            int headers = at + 2;
            int content = indexOf(body, END_OF_HEADERS, at, Math.min(body.length, at + MAX_HEADER_BYTES));
            int end = content < 0 ? -1 : indexOf(body, delimiter, content + 2, body.length);
            if (end < 0) {
                throw incomplete();
            }
            // A part may state nothing at all.
            int stop = Math.max(headers, content);
            String disposition = disposition(new String(body, headers, stop - headers, StandardCharsets.UTF_8));
            byte[] bytes = Arrays.copyOfRange(body, Math.min(content + END_OF_HEADERS.length, end), end);
            Matcher name = NAME.matcher(disposition);
            Matcher fileName = FILE_NAME.matcher(disposition);
            if (fileName.find()) {
                if (!group(fileName, 1).isEmpty() || bytes.length > 0) {
                    files.add(new Upload(group(fileName, 1), bytes));
                }
            } else if (name.find()) {
                if (bytes.length > MAX_TEXT_BYTES) {
                    throw new IllegalArgumentException(
                            "a text of the form is longer than " + MAX_TEXT_BYTES + " bytes");
                }
                texts.putIfAbsent(group(name, 1), new String(bytes, StandardCharsets.UTF_8));
            }
            at = end + delimiter.length;
        }
        return new MultipartForm(texts, files);
    }

    /** What a group matched; empty if it took no part. */
    private static String group(Matcher matcher, int number) {
        String found = matcher.group(number);
        return found == null ? "" : found;
    }

    private static String disposition(String headers) {
        for (String line : headers.split("\r\n", -1)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-disposition:")) {
                return line;
            }
        }
        return "";
    }

    private static IllegalArgumentException incomplete() {
        return new IllegalArgumentException("the form is not complete");
    }

    private static boolean startsWith(byte[] body, int at, byte[] beginning) {
        return at + beginning.length <= body.length
                && Arrays.equals(body, at, at + beginning.length, beginning, 0, beginning.length);
    }

    private static int indexOf(byte[] body, byte[] wanted, int from, int to) {
        for (int i = from; i + wanted.length <= to; i++) {
            if (body[i] == wanted[0] && startsWith(body, i, wanted)) {
                return i;
            }
        }
        return -1;
    }

    /** The text of a field without whitespace around it; empty if it is not there. */
    String text(String name) {
        return texts.getOrDefault(name, "").strip();
    }
}
