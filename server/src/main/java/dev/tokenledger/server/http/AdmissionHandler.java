package dev.tokenledger.server.http;

import java.util.Map;
import java.util.function.Predicate;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What every request passes before anything of it is looked at: its path is canonical, it is meant for this server and comes
 * from no other site, and whoever sends a body is known before it is read.
 */
final class AdmissionHandler extends Handler.Wrapper {

    /** The headers of every answer. A page may set a looser policy of its own afterwards. */
    private static final Map<String, String> SECURITY = Map.of(
            "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options", "nosniff",
            "X-Frame-Options", "DENY",
            "Referrer-Policy", "no-referrer",
            "Cross-Origin-Opener-Policy", "same-origin",
            "Cross-Origin-Resource-Policy", "same-origin",
            "Cache-Control", "no-store");

    private final Credentials credentials;
    private final RateLimiter rateLimiter;
    private final Deadlines deadlines;
    private final Limits limits;
    private final Predicate<String> hosts;
    private final Predicate<String> pathsOfAnyText;

    /**
     * Admits requests.
     *
     * @param hosts the host headers of requests that are for us
     * @param pathsOfAnyText which paths, as they were sent, have a segment that is any text
     */
    AdmissionHandler(
            Handler inside,
            Credentials credentials,
            RateLimiter rateLimiter,
            Deadlines deadlines,
            Limits limits,
            Predicate<String> hosts,
            Predicate<String> pathsOfAnyText) {
        super(inside);
        this.credentials = credentials;
        this.rateLimiter = rateLimiter;
        this.deadlines = deadlines;
        this.limits = limits;
        this.hosts = hosts;
        this.pathsOfAnyText = pathsOfAnyText;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        deadlines.begun(request);
        Request.addCompletionListener(request, failure -> deadlines.done(request));
        if (!GrpcAnswer.isFor(request)) {
            secure(response.getHeaders());
        }
        try {
            check(request);
            Caller caller = credentials.caller(request);
            rateLimiter.count(caller, Request.getRemoteAddr(request));
            if (caller.keysAsked() && caller.key().isEmpty() && BodyReader.hasBody(request)) {
                throw Caller.unknown();
            }
            request.setAttribute(Caller.ATTRIBUTE, caller);
        } catch (Problem problem) {
            Problems.write(problem, response, BodyDrain.readBefore(callback, request, limits));
            return true;
        }
        return super.handle(request, response, callback);
    }

    /** Sets the headers of every answer that a browser may see. */
    static void secure(HttpFields.Mutable headers) {
        SECURITY.forEach(headers::put);
    }

    private void check(Request request) {
        String path = request.getHttpURI().getPath();
        if (path == null || !isUnderstoodInOneWay(path)) {
            throw Problem.of(400, "the path is not in its canonical form");
        }
        String query = request.getHttpURI().getQuery();
        if (query != null && !Uris.isDecodable(query)) {
            throw Problem.of(400, "the query has a percent sign that begins no byte; write it as %25");
        }
        String host = host(request);
        if (!hosts.test(String.valueOf(host))) {
            throw Problem.of(
                    403,
                    "this server answers to localhost and the address it listens on alone, so that no web page can reach it by another name;"
                            + " behind a proxy, start it with --require-keys");
        }
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            checkOrigin(request.getHeaders(), host);
        }
    }

    /** HTTP/2 has it in a field of its own. */
    private static @Nullable String host(Request request) {
        String header = request.getHeaders().get(HttpHeader.HOST);
        return header == null ? request.getHttpURI().getAuthority() : header;
    }

    private boolean isUnderstoodInOneWay(String path) {
        return Uris.isCanonical(path) || (pathsOfAnyText.test(path) && Uris.isCanonicalWithAnyText(path));
    }

    /** Browsers say where a request comes from; programs say nothing. */
    private static void checkOrigin(HttpFields headers, @Nullable String host) {
        String site = headers.get("Sec-Fetch-Site");
        HttpField origin = headers.getField(HttpHeader.ORIGIN);
        boolean foreign = site != null && !site.equals("same-origin") && !site.equals("none");
        if (foreign || (origin != null && !Uris.isSameSite(String.valueOf(origin.getValue()), host))) {
            throw Problem.of(403, "this request comes from another site's page");
        }
    }
}
