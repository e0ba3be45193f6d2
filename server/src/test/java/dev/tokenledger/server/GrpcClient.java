package dev.tokenledger.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import okhttp3.Headers;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Calls methods of gRPC one by one and tells all of the answer, which OpenTelemetry's exporters do not. */
final class GrpcClient implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private final OkHttpClient client = new OkHttpClient.Builder()
            .protocols(List.of(Protocol.H2_PRIOR_KNOWLEDGE))
            .callTimeout(PATIENCE)
            .readTimeout(PATIENCE)
            .writeTimeout(PATIENCE)
            .retryOnConnectionFailure(false)
            .build();
    private final String address;

    GrpcClient(int port) {
        address = "http://127.0.0.1:" + port;
    }

    /**
     * An answer.
     *
     * @param message without its prefix; empty without one
     * @param details a {@code google.rpc.Status}; empty without one
     */
    @SuppressWarnings("ArrayRecordComponent")
    record Answer(int http, int status, String reason, byte[] message, byte[] details) {}

    /** Calls a method with a message as it is. */
    Answer call(String path, byte[] message, Map<String, String> headers) {
        return send(path, "application/grpc", framed(0, message), headers);
    }

    /** Calls a method with a message that is compressed by gzip. */
    Answer callPacked(String path, byte[] message, Map<String, String> headers) {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(message);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return send(path, "application/grpc", framed(1, packed.toByteArray()), headers);
    }

    static byte[] framed(int compressed, byte[] message) {
        return ByteBuffer.allocate(5 + message.length)
                .put((byte) compressed)
                .putInt(message.length)
                .put(message)
                .array();
    }

    /** Sends a body as it is. */
    Answer send(String path, String mediaType, byte[] body, Map<String, String> headers) {
        Request.Builder request = new Request.Builder()
                .url(address + path)
                .header("te", "trailers")
                .post(RequestBody.create(body, MediaType.get(mediaType)));
        headers.forEach(request::header);
        try (Response response = client.newCall(request.build()).execute()) {
            byte[] answer = response.body().bytes();
            Headers stated = response.header("grpc-status") == null ? response.trailers() : response.headers();
            byte[] message = new byte[Math.max(0, answer.length - 5)];
            if (answer.length > 0) {
                ByteBuffer framed = ByteBuffer.wrap(answer);
                if (framed.get() != 0 || framed.getInt() != message.length) {
                    throw new AssertionError("not one message as it is");
                }
                framed.get(message);
            }
            @Nullable String details = stated.get("grpc-status-details-bin");
            return new Answer(
                    response.code(),
                    Integer.parseInt(String.valueOf(stated.get("grpc-status"))),
                    percentDecoded(stated.get("grpc-message")),
                    message,
                    details == null ? new byte[0] : Base64.getDecoder().decode(details));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String percentDecoded(@Nullable String text) {
        if (text == null) {
            return "";
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) == '%') {
                bytes.write(Integer.parseInt(text.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                bytes.write(text.charAt(i));
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }
}
