package dev.tokenledger.server.http;

import io.javalin.http.Context;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A request's body. It was received whole, within the limits, before the handler was called. */
public final class RequestBody {

    /** Where a request keeps its bytes. */
    static final String ATTRIBUTE = RequestBody.class.getName();

    private static final byte[] NONE = {};
    private static final int BUFFER = 8192;

    /** What was received: the bytes as they were sent, and the room that they take. */
    static final class Received {

        private final byte[] bytes;
        private final BodyMemoryBudget.Share share;

        Received(byte[] bytes, BodyMemoryBudget.Share share) {
            this.bytes = bytes;
            this.share = share;
        }

        /** As they were sent. */
        byte[] bytes() {
            return bytes;
        }

        /**
         * Unpacks a part of them, taking room as the bytes come out: a few kilobytes can unpack to as much as any body may have.
         *
         * @throws Problem of 413 if it unpacks to more than {@code most}, 400 if it is no gzip, 503 if there is no room
         */
        byte[] unpacked(ByteBuffer packed, int most) {
            byte[] out = NONE;
            int length = 0;
            byte[] buffer = new byte[BUFFER];
            InputStream bytesIn = new ByteArrayInputStream(
                    packed.array(), packed.arrayOffset() + packed.position(), packed.remaining());
            try (GZIPInputStream in = new GZIPInputStream(bytesIn, BUFFER)) {
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                    if (read > most - length) {
                        throw tooLarge(most);
                    }
                    if (length + read > out.length) {
                        int size = (int) Math.min(most, Math.max(4L * packed.remaining() + BUFFER, 2L * out.length));
                        if (!share.take(size - out.length)) {
                            throw noRoom();
                        }
                        out = Arrays.copyOf(out, size);
                    }
                    System.arraycopy(buffer, 0, out, length, read);
                    length += read;
                }
            } catch (IOException e) {
                throw notGzip();
            }
            return length == out.length ? out : Arrays.copyOf(out, length);
        }
    }

    private RequestBody() {}

    /**
     * The body, unpacked if it came with {@code Content-Encoding: gzip}; empty if there is none.
     *
     * @throws Problem of 413 if it unpacks to more than the limit, 415 for other encodings, 400 if it is no gzip,
     *     503 if there is no room to unpack it
     */
    public static byte[] read(Context context, Limits limits) {
        @Nullable Received received = context.attribute(ATTRIBUTE);
        byte[] body = received == null ? NONE : received.bytes;
        @Nullable String stated = context.header("Content-Encoding");
        String encoding = stated == null ? "identity" : stated.strip().toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "", "identity" -> body;
            case "gzip", "x-gzip" -> {
                if (received == null) {
                    throw notGzip();
                }
                yield received.unpacked(ByteBuffer.wrap(received.bytes), limits.bodyBytes());
            }
            default -> throw Problem.of(415, "Content-Encoding: send the body as it is, or with gzip");
        };
    }

    /** The media type that the request states, in lower case and without its parameters; empty if it states none. */
    public static String mediaType(Context context) {
        @Nullable String stated = context.contentType();
        if (stated == null) {
            return "";
        }
        int parameters = stated.indexOf(';');
        return (parameters < 0 ? stated : stated.substring(0, parameters))
                .strip()
                .toLowerCase(Locale.ROOT);
    }

    /** There may be room once other requests were answered. */
    static Problem noRoom() {
        return Problem.of(503, "too many large requests at once; nothing was stored, retry");
    }

    private static Problem notGzip() {
        return Problem.of(400, "the body is not valid gzip, as Content-Encoding says it is");
    }

    static Problem tooLarge(int most) {
        return Problem.of(413, "the body is larger than " + most + " bytes; send it in parts");
    }
}
