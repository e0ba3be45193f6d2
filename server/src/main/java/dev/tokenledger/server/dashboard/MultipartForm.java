package dev.tokenledger.server.dashboard;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.http.MultiPartFormData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Promise;

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
        String boundary = MultiPart.extractBoundary(contentType);
        if (boundary == null || boundary.isEmpty()) {
            throw new IllegalArgumentException("the form states no boundary of its parts");
        }
        if (boundary.length() > MAX_BOUNDARY) {
            throw new IllegalArgumentException("the boundary of the form's parts is too long");
        }
        MultiPartFormData.Parser parser = new MultiPartFormData.Parser(boundary);
        parser.setMaxParts(MAX_PARTS);
        parser.setPartHeadersMaxLength(MAX_HEADER_BYTES);
        // All of it is in memory as it is.
        parser.setMaxMemoryFileSize(-1);
        CompletableFuture<MultiPartFormData.Parts> parsed = new CompletableFuture<>();
        parser.parse(Content.Source.from(ByteBuffer.wrap(body)), Promise.Invocable.toPromise(parsed));
        try (MultiPartFormData.Parts parts = parsed.join()) {
            return of(parts);
        } catch (CompletionException e) {
            throw new IllegalArgumentException(
                    e.getCause() instanceof IllegalStateException
                            ? "a form has at most " + MAX_PARTS + " parts"
                            : "the form is not complete",
                    e);
        }
    }

    private static MultipartForm of(MultiPartFormData.Parts parts) {
        Map<String, String> texts = new TreeMap<>();
        List<Upload> files = new ArrayList<>();
        for (MultiPart.Part part : parts) {
            if (part.getFileName() != null) {
                // A field without a file has neither a name nor bytes.
                if (!part.getFileName().isEmpty() || part.getLength() > 0) {
                    files.add(new Upload(part.getFileName(), bytes(part)));
                }
            } else if (part.getName() != null) {
                if (part.getLength() > MAX_TEXT_BYTES) {
                    throw new IllegalArgumentException(
                            "a text of the form is longer than " + MAX_TEXT_BYTES + " bytes");
                }
                texts.putIfAbsent(part.getName(), part.getContentAsString(StandardCharsets.UTF_8));
            }
        }
        return new MultipartForm(texts, files);
    }

    private static byte[] bytes(MultiPart.Part part) {
        try {
            return BufferUtil.toArray(Content.Source.asByteBuffer(part.createContentSource()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The text of a field without whitespace around it; empty if it is not there. */
    String text(String name) {
        return texts.getOrDefault(name, "").strip();
    }
}
