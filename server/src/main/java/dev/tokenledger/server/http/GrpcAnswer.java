package dev.tokenledger.server.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;

/**
 * How gRPC answers: a message behind a prefix of five bytes and a status in the trailers, or a status alone. Every call is
 * answered by 200 in HTTP's own terms; the status that says how it went is kept with the request, in HTTP's numbers, for the
 * access log.
 */
final class GrpcAnswer {

    /** The name of the connectors that listen for gRPC. */
    static final String CONNECTOR = "grpc";

    /** Before each message: whether it is compressed, and its length in four bytes. */
    static final int PREFIX_BYTES = 5;

    static final String MEDIA_TYPE = "application/grpc";
    static final String ENCODING = "grpc-encoding";

    private static final String STATUS = "grpc-status";
    private static final String MESSAGE = "grpc-message";
    private static final String DETAILS = "grpc-status-details-bin";
    private static final String RETRY_INFO = "type.googleapis.com/google.rpc.RetryInfo";

    /** Where a request keeps the status that HTTP would have answered. */
    private static final String LOGGED_STATUS = GrpcAnswer.class.getName();

    /** As the header of HTTP says it. */
    private static final int RETRY_SECONDS = 1;

    private GrpcAnswer() {}

    /** Whether a request came where gRPC is listened for, and is answered in its terms. */
    static boolean isFor(Request request) {
        return CONNECTOR.equals(request.getConnectionMetaData().getConnector().getName());
    }

    /** The status for the access log; the one of HTTP where it is no gRPC. */
    static int loggedStatus(Request request, Response response) {
        return request.getAttribute(LOGGED_STATUS) instanceof Integer status ? status : response.getStatus();
    }

    /** Answers with a message. */
    static void write(byte[] message, Request request, Response response, Callback callback) {
        request.setAttribute(LOGGED_STATUS, HttpStatus.OK_200);
        response.setStatus(HttpStatus.OK_200);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, MEDIA_TYPE);
        HttpFields trailers = HttpFields.build().put(STATUS, Integer.toString(Code.OK.number));
        response.setTrailersSupplier(() -> trailers);
        ByteBuffer framed = ByteBuffer.allocate(PREFIX_BYTES + message.length);
        framed.put((byte) 0).putInt(message.length).put(message).flip();
        response.write(true, framed, callback);
    }

    /** Answers with a status alone. */
    static void refuse(Problem problem, Request request, Response response, Callback callback) {
        request.setAttribute(LOGGED_STATUS, problem.status());
        Code code = Code.of(problem.status());
        response.setStatus(HttpStatus.OK_200);
        HttpFields.Mutable headers = response.getHeaders();
        headers.put(HttpHeader.CONTENT_TYPE, MEDIA_TYPE);
        headers.put(STATUS, Integer.toString(code.number));
        headers.put(MESSAGE, percentEncoded(problem.detail()));
        if (code == Code.UNIMPLEMENTED) {
            headers.put("grpc-accept-encoding", "identity,gzip");
        }
        if (code == Code.UNAVAILABLE) {
            headers.put(
                    DETAILS, Base64.getEncoder().withoutPadding().encodeToString(retryLater(code, problem.detail())));
        }
        response.write(true, BufferUtil.EMPTY_BUFFER, callback);
    }

    /** The statuses of {@code google.rpc.Code} that are answered. */
    private enum Code {
        OK(0),
        INVALID_ARGUMENT(3),
        DEADLINE_EXCEEDED(4),
        PERMISSION_DENIED(7),
        RESOURCE_EXHAUSTED(8),
        UNIMPLEMENTED(12),
        INTERNAL(13),
        UNAVAILABLE(14),
        UNAUTHENTICATED(16);

        private final int number;

        Code(int number) {
            this.number = number;
        }

        /**
         * The code for a status of HTTP. Exporters retry after UNAVAILABLE, and after RESOURCE_EXHAUSTED only where the answer
         * says when, so too many requests are the former and too large ones the latter.
         */
        static Code of(int status) {
            return switch (status) {
                case HttpStatus.UNAUTHORIZED_401 -> UNAUTHENTICATED;
                case HttpStatus.FORBIDDEN_403 -> PERMISSION_DENIED;
                case HttpStatus.NOT_FOUND_404,
                        HttpStatus.METHOD_NOT_ALLOWED_405,
                        HttpStatus.UNSUPPORTED_MEDIA_TYPE_415 -> UNIMPLEMENTED;
                case HttpStatus.REQUEST_TIMEOUT_408 -> DEADLINE_EXCEEDED;
                case HttpStatus.PAYLOAD_TOO_LARGE_413, HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 ->
                    RESOURCE_EXHAUSTED;
                case HttpStatus.TOO_MANY_REQUESTS_429, HttpStatus.SERVICE_UNAVAILABLE_503 -> UNAVAILABLE;
                default -> status < HttpStatus.INTERNAL_SERVER_ERROR_500 ? INVALID_ARGUMENT : INTERNAL;
            };
        }
    }

    /** A {@code google.rpc.Status} with a {@code google.rpc.RetryInfo}. */
    private static byte[] retryLater(Code code, String reason) {
        byte[] delay = ProtobufMessage.of(out -> out.writeInt64(1, RETRY_SECONDS));
        byte[] info = ProtobufMessage.of(out -> out.writeByteArray(1, delay));
        byte[] any = ProtobufMessage.of(out -> {
            out.writeString(1, RETRY_INFO);
            out.writeByteArray(2, info);
        });
        return ProtobufMessage.of(out -> {
            out.writeInt32(1, code.number);
            out.writeString(2, reason);
            out.writeByteArray(3, any);
        });
    }

    /** Bytes of UTF-8 that are no printable ASCII, and the percent sign, as {@code %} and two digits. */
    private static String percentEncoded(String text) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= ' ' && b <= '~' && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append('%')
                        .append(Character.toUpperCase(Character.forDigit(b >> 4 & 0xf, 16)))
                        .append(Character.toUpperCase(Character.forDigit(b & 0xf, 16)));
            }
        }
        return encoded.toString();
    }
}
