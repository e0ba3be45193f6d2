package dev.tokenledger.server.http;

import io.javalin.http.Context;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/** A request's body. It was received whole, within the limits, before the handler was called. */
public final class RequestBody {

    /** Where a request keeps its bytes. */
    static final String ATTRIBUTE = RequestBody.class.getName();

    private static final byte[] NONE = {};

    private RequestBody() {}

    /**
     * The body, unpacked if it came with {@code Content-Encoding: gzip}; empty if there is none.
     *
     * @throws Problem of 413 if it unpacks to more than the limit, 415 for other encodings, 400 if it is no gzip
     */
    public static byte[] read(Context context, Limits limits) {
        byte[] body = context.attribute(ATTRIBUTE) instanceof byte[] bytes ? bytes : NONE;
        @Nullable String stated = context.header("Content-Encoding");
        String encoding = stated == null ? "identity" : stated.strip().toLowerCase(Locale.ROOT);
        return switch (encoding) {
            case "", "identity" -> body;
            case "gzip", "x-gzip" -> unpacked(body, limits.bodyBytes());
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

    private static byte[] unpacked(byte[] body, int most) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(Math.min(most, body.length * 4 + 512));
        byte[] buffer = new byte[8192];
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body), 8192)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                if (out.size() + read > most) {
                    throw tooLarge(most);
                }
                out.write(buffer, 0, read);
            }
        } catch (IOException e) {
            throw Problem.of(400, "the body is not valid gzip, as Content-Encoding says it is");
        }
        return out.toByteArray();
    }

    static Problem tooLarge(int most) {
        return Problem.of(413, "the body is larger than " + most + " bytes; send it in parts");
    }
}
