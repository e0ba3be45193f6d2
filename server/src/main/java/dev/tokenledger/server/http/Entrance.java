package dev.tokenledger.server.http;

import java.util.Locale;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
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
final class Entrance extends Handler.Wrapper {

    /**
     * Letters, digits and a few signs, each segment with something in it: nothing that two readers could understand in two
     * ways. Ids with other characters are written in percent form, but never a slash, backslash, dot or percent sign.
     */
    private static final Pattern PATH = Pattern.compile(
            "/|(/(?!\\.{1,2}(/|$))([A-Za-z0-9._~!$&'()*+,=:@-]|%(?!2[EeFf5]|5[Cc]|00)[0-9A-Fa-f]{2})+)+");

    private static final Pattern LOOPBACK =
            Pattern.compile("(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?", Pattern.CASE_INSENSITIVE);

    private final Credentials credentials;
    private final Rates rates;
    private final boolean loopbackOnly;

    /**
     * An entrance.
     *
     * @param loopbackOnly whether only requests to a name of this machine's own are for us
     */
    Entrance(Handler inside, Credentials credentials, Rates rates, boolean loopbackOnly) {
        super(inside);
        this.credentials = credentials;
        this.rates = rates;
        this.loopbackOnly = loopbackOnly;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        secure((name, value) -> response.getHeaders().put(name, value));
        try {
            check(request);
            Caller caller = credentials.caller(request);
            rates.count(caller, Request.getRemoteAddr(request));
            if (BodyReader.hasBody(request)
                    && caller.keysAsked()
                    && caller.key().isEmpty()) {
                throw Caller.unknown();
            }
            request.setAttribute(Caller.ATTRIBUTE, caller);
        } catch (Problem problem) {
            Problems.write(problem, response, callback);
            return true;
        }
        return super.handle(request, response, callback);
    }

    private void check(Request request) {
        String path = request.getHttpURI().getPath();
        if (path == null || !PATH.matcher(path).matches()) {
            throw Problem.of(400, "the path is not in its canonical form");
        }
        if (HttpMethod.TRACE.is(request.getMethod())) {
            throw Problem.of(405, "not by this method; /openapi.json lists what there is");
        }
        String host = request.getHeaders().get(HttpHeader.HOST);
        if (loopbackOnly && (host == null || !LOOPBACK.matcher(host).matches())) {
            throw Problem.of(
                    403,
                    "this server answers to localhost alone, so that no web page can reach it by another name;"
                            + " behind a proxy, start it with --require-keys");
        }
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            checkOrigin(request, host);
        }
    }

    /** Browsers say where a request comes from; programs say nothing. */
    private static void checkOrigin(Request request, @Nullable String host) {
        String site = request.getHeaders().get("Sec-Fetch-Site");
        boolean foreign = site != null && !site.equals("same-origin") && !site.equals("none");
        HttpField origin = request.getHeaders().getField(HttpHeader.ORIGIN);
        if (origin != null) {
            String stated = String.valueOf(origin.getValue()).toLowerCase(Locale.ROOT);
            String own = String.valueOf(host).toLowerCase(Locale.ROOT);
            // Behind a proxy that ends TLS the scheme is not ours to know.
            foreign |= !stated.equals("http://" + own) && !stated.equals("https://" + own);
        }
        if (foreign) {
            throw Problem.of(403, "this request comes from another site's page");
        }
    }

    /** The headers of every answer. A page may set a looser policy of its own afterwards. */
    private static void secure(BiConsumer<String, String> header) {
        header.accept("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        header.accept("X-Content-Type-Options", "nosniff");
        header.accept("X-Frame-Options", "DENY");
        header.accept("Referrer-Policy", "no-referrer");
        header.accept("Cross-Origin-Opener-Policy", "same-origin");
        header.accept("Cross-Origin-Resource-Policy", "same-origin");
        header.accept("Cache-Control", "no-store");
    }
}
