package dev.tokenledger.server.http;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.LedgerMissingException;
import dev.tokenledger.LedgerOverloadedException;
import dev.tokenledger.LedgerTimeoutException;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.summary.TooManyGroupsException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/** From whatever went wrong to the document that says so. What is ours to mend is told to the operator, not the client. */
final class Problems {

    private final BiConsumer<String, Throwable> failures;

    /**
     * Tells the operator of failures.
     *
     * @param failures takes what was attempted, and why it failed
     */
    Problems(BiConsumer<String, Throwable> failures) {
        this.failures = failures;
    }

    /** The problem of something that a handler threw. */
    Problem of(Throwable failure, String attempted) {
        if (failure instanceof Problem problem) {
            return problem;
        }
        if (failure instanceof TooManyGroupsException) {
            return Problem.of(400, String.valueOf(failure.getMessage()));
        }
        if (failure instanceof ParameterException question) {
            return Problem.badField(question.parameter(), question.parameter() + ": " + question.getMessage());
        }
        if (failure instanceof LedgerOverloadedException) {
            // No failure, and so many under load that they would fill the operator's log.
            return Problem.of(503, "more questions than are answered at once; ask again in a second");
        }
        failures.accept(attempted, failure);
        if (failure instanceof LedgerMissingException missing) {
            return Problem.of(503, "the ledger " + missing.ledger() + " " + missing.reason() + "; ask again later");
        }
        if (failure instanceof LedgerFullException) {
            // Not 507: exporters of OpenTelemetry retry after a 503, and throw away what was answered by a 507.
            return Problem.of(503, "the ledger has no room left; nothing was stored, retry later with the same ids");
        }
        if (failure instanceof LedgerBusyException || failure instanceof LedgerInterruptedException) {
            return Problem.of(503, "the ledger is busy; nothing was stored, retry with the same ids");
        }
        if (failure instanceof LedgerTimeoutException) {
            return Problem.of(503, "the question takes too long to answer; ask for less");
        }
        if (failure instanceof LedgerException) {
            return Problem.of(
                    503,
                    "the ledger cannot be read or written; records without an answer may be stored: retry with the same ids");
        }
        return Problem.of(500, "the server failed; its operator can see why");
    }

    /** Answers in Jetty's own terms, with this problem: as a document, or as a status of gRPC where that is spoken. */
    static void write(Problem problem, Response response, Callback callback) {
        Request request = response.getRequest();
        if (GrpcAnswer.isFor(request)) {
            GrpcAnswer.refuse(problem, request, response, callback);
            return;
        }
        byte[] body = problem.json().getBytes(StandardCharsets.UTF_8);
        response.setStatus(problem.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        headers(problem.status(), (name, value) -> response.getHeaders().put(name, value));
        response.write(true, ByteBuffer.wrap(body), callback);
    }

    /** The headers that some problems come with. */
    static void headers(int status, BiConsumer<String, String> header) {
        if (status == HttpStatus.UNAUTHORIZED_401) {
            header.accept(HttpHeader.WWW_AUTHENTICATE.asString(), "Basic realm=\"tokenledger\", charset=\"UTF-8\"");
        }
        if (status == HttpStatus.TOO_MANY_REQUESTS_429 || status == HttpStatus.SERVICE_UNAVAILABLE_503) {
            header.accept(HttpHeader.RETRY_AFTER.asString(), "1");
        }
    }

    /** The problem that a status alone tells. */
    static Problem of(int status) {
        return Problem.of(status, explained(status));
    }

    /** What Jetty refuses itself: in the same form, without its own words, which may repeat the request's. */
    static boolean refused(Request request, Response response, Callback callback) {
        int status = response.getStatus() < 400 ? HttpStatus.INTERNAL_SERVER_ERROR_500 : response.getStatus();
        response.getHeaders().remove(HttpHeader.CONTENT_LENGTH);
        write(of(status), response, callback);
        return true;
    }

    private static String explained(int status) {
        return switch (status) {
            case HttpStatus.NOT_FOUND_404 -> "there is nothing here; /openapi.json lists what there is";
            case HttpStatus.METHOD_NOT_ALLOWED_405 -> "not by this method; /openapi.json lists what there is";
            case HttpStatus.PAYLOAD_TOO_LARGE_413 -> "the body is too large; send it in parts";
            case HttpStatus.REQUEST_HEADER_FIELDS_TOO_LARGE_431 -> "the headers are too large";
            case HttpStatus.URI_TOO_LONG_414 -> "the address is too long";
            case HttpStatus.REQUEST_TIMEOUT_408 -> "the request took too long to arrive";
            case HttpStatus.HTTP_VERSION_NOT_SUPPORTED_505 -> "use HTTP/1.1 here; gRPC has a port of its own";
            default ->
                status < 500
                        ? "not a request that this server understands"
                        : "the server failed; its operator can see why";
        };
    }
}
