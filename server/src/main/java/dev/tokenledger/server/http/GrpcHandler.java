package dev.tokenledger.server.http;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Answers gRPC: unary calls alone, which are a POST of HTTP/2 with a message behind a prefix of five bytes, answered by the same
 * and trailers. It stands where Javalin stands for HTTP, so a call has passed {@link AdmissionHandler}, and its body was
 * received whole by {@link BodyReader}. gRPC's own library would bring another server beside Jetty.
 */
final class GrpcHandler extends Handler.Abstract {

    private final Map<String, GrpcMethod> methods;
    private final List<Part> parts;
    private final Problems problems;
    private final Limits limits;

    GrpcHandler(List<Part> parts, Problems problems, Limits limits) {
        this.parts = parts;
        this.problems = problems;
        this.limits = limits;
        methods = parts.stream()
                .flatMap(part -> part.grpcMethods().stream())
                .collect(Collectors.toUnmodifiableMap(GrpcMethod::path, Function.identity()));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        long start = System.nanoTime();
        String path = String.valueOf(request.getHttpURI().getPath());
        @Nullable GrpcMethod method = methods.get(path);
        int status = HttpStatus.OK_200;
        byte[] answer = {};
        @Nullable Problem refused = null;
        try {
            answer = answer(request, method);
        } catch (Exception e) {
            refused = problems.of(e, "cannot answer gRPC " + path);
            status = refused.status();
        }
        if (method != null) {
            Duration duration = Duration.ofNanos(System.nanoTime() - start);
            for (Part part : parts) {
                part.answered(request.getMethod(), path, status, duration);
            }
        }
        if (refused == null) {
            GrpcAnswer.write(answer, request, response, callback);
        } else {
            GrpcAnswer.refuse(refused, request, response, callback);
        }
        return true;
    }

    private byte[] answer(Request request, @Nullable GrpcMethod method) throws Exception {
        if (!HttpMethod.POST.is(request.getMethod())
                || !isGrpc(request.getHeaders().get(HttpHeader.CONTENT_TYPE))) {
            throw Problem.of(
                    415, "this port answers gRPC alone (a POST of application/grpc); OTLP over HTTP has another");
        }
        if (method == null) {
            throw Problem.of(404, "there is no such method; OTLP's trace, logs and metrics services are here");
        }
        if (!(request.getAttribute(Caller.ATTRIBUTE) instanceof Caller caller)) {
            throw new IllegalStateException("a call came in past the admission handler");
        }
        caller.check(method.access());
        return method.handler().answer(caller, message(request));
    }

    /** gRPC allows a suffix that names the form of messages, of which protobuf is the only one here. */
    private static boolean isGrpc(@Nullable String stated) {
        if (stated == null) {
            return false;
        }
        String type = stated.toLowerCase(Locale.ROOT);
        int parameters = type.indexOf(';');
        String plain = parameters < 0 ? type : type.substring(0, parameters).strip();
        return plain.equals(GrpcAnswer.MEDIA_TYPE) || plain.equals(GrpcAnswer.MEDIA_TYPE + "+proto");
    }

    /** The one message of a unary call. */
    private ByteBuffer message(Request request) {
        if (!(request.getAttribute(RequestBody.ATTRIBUTE) instanceof RequestBody.Received received)) {
            throw malformed();
        }
        ByteBuffer body = ByteBuffer.wrap(received.bytes());
        if (body.remaining() < GrpcAnswer.PREFIX_BYTES) {
            throw malformed();
        }
        int compressed = body.get();
        if (body.getInt() != body.remaining() || compressed < 0 || compressed > 1) {
            throw malformed();
        }
        if (compressed == 0) {
            return body;
        }
        @Nullable String encoding = request.getHeaders().get(GrpcAnswer.ENCODING);
        if (!"gzip".equals(encoding)) {
            throw Problem.of(415, "grpc-encoding: send messages as they are, or with gzip");
        }
        return ByteBuffer.wrap(received.unpacked(body, limits.bodyBytes()));
    }

    private static Problem malformed() {
        return Problem.of(400, "the body is not one message with the prefix that gRPC has for it");
    }
}
