package dev.tokenledger.server.http;

import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Takes the prefix off that a proxy has in front of the server's paths. Requests without it are answered too: some proxies take
 * it off themselves, and probes of the machine's own know nothing of it.
 */
public final class PathPrefix extends Handler.Wrapper {

    private static final int MAX_LENGTH = 200;
    private static final Pattern FORM = Pattern.compile("(?:/[A-Za-z0-9._~-]+)+");

    private final String prefix;

    PathPrefix(String prefix, Handler inside) {
        super(inside);
        this.prefix = prefix;
    }

    /**
     * The prefix that a text names: segments of letters, digits and {@code . _ ~ -}, each behind a slash. A slash at the end is
     * left out, and one alone is no prefix.
     *
     * @throws IllegalArgumentException if it is of another form
     */
    public static String parse(String text) {
        String prefix = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (prefix.isEmpty()) {
            return "";
        }
        if (prefix.length() > MAX_LENGTH
                || !FORM.matcher(prefix).matches()
                || prefix.contains("/..")
                || prefix.contains("/./")) {
            throw new IllegalArgumentException(
                    "expected a path such as /tokenledger, of letters, digits and . _ ~ - behind each slash");
        }
        return prefix;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        HttpURI uri = request.getHttpURI();
        String path = uri.getPath();
        if (path != null && path.equals(prefix)) {
            // The page's links are below the slash.
            response.setStatus(HttpStatus.FOUND_302);
            response.getHeaders().put(HttpHeader.LOCATION, prefix + "/");
            AdmissionHandler.secure(response.getHeaders());
            callback.succeeded();
            return true;
        }
        if (path == null || !path.startsWith(prefix + "/")) {
            return super.handle(request, response, callback);
        }
        HttpURI inside = HttpURI.build(uri, path.substring(prefix.length()), uri.getParam(), uri.getQuery());
        return super.handle(
                new Request.Wrapper(request) {
                    @Override
                    public HttpURI getHttpURI() {
                        return inside;
                    }
                },
                response,
                callback);
    }
}
