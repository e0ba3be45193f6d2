package dev.tokenledger.capture;

import com.anthropic.core.RequestOptions;
import com.anthropic.core.http.Headers;
import com.anthropic.core.http.HttpClient;
import com.anthropic.core.http.HttpRequest;
import com.anthropic.core.http.HttpRequestBody;
import com.anthropic.core.http.HttpResponse;
import com.anthropic.core.http.Interceptor;
import dev.tokenledger.usage.Attribution;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Captures calls of Anthropic's client for Java, waiting ones and those in the background. The latter are prepared on a thread of
 * the client's, which sees no scope of the caller's: give each attribution a client of its own there, {@link
 * #interceptor(Capture, Attribution)}.
 */
public final class AnthropicCapture {

    private AnthropicCapture() {}

    /** An interceptor for {@code AnthropicOkHttpClient.Builder.addInterceptor}. */
    public static Interceptor interceptor(Capture capture) {
        return next -> new Tee(capture, Attribution.NONE, next);
    }

    /** The same with an attribution for what the calls' own scopes leave empty. */
    public static Interceptor interceptor(Capture capture, Attribution attribution) {
        return next -> new Tee(capture, attribution, next);
    }

    private record Tee(Capture capture, Attribution usual, HttpClient next) implements HttpClient {

        private Optional<Exchange> begin(HttpRequest request) {
            return capture.begin(
                    () -> URI.create(request.url()), Attribution.current().over(usual));
        }

        private static HttpRequest seen(HttpRequest request, Exchange exchange) {
            Optional<HttpRequestBody> body = request.body();
            return body.isEmpty()
                    ? request
                    : request.toBuilder()
                            .body(new SeenRequest(body.get(), exchange))
                            .build();
        }

        @Override
        public HttpResponse execute(HttpRequest request, RequestOptions options) {
            Optional<Exchange> begun = begin(request);
            if (begun.isEmpty()) {
                return next.execute(request, options);
            }
            try {
                return new Seen(next.execute(seen(request, begun.get()), options), begun.get());
            } catch (RuntimeException e) {
                begun.get().failed();
                throw e;
            }
        }

        @Override
        public CompletableFuture<HttpResponse> executeAsync(HttpRequest request, RequestOptions options) {
            Optional<Exchange> begun = begin(request);
            if (begun.isEmpty()) {
                return next.executeAsync(request, options);
            }
            return next.executeAsync(seen(request, begun.get()), options)
                    .whenComplete((response, failure) -> {
                        if (failure != null) {
                            begun.get().failed();
                        }
                    })
                    .thenApply(response -> new Seen(response, begun.get()));
        }

        @Override
        public void close() {
            next.close();
        }
    }

    private static final class Seen implements HttpResponse {

        private final HttpResponse response;
        private final Exchange exchange;
        private final boolean wanted;
        private @Nullable InputStream body;

        Seen(HttpResponse response, Exchange exchange) {
            this.response = response;
            this.exchange = exchange;
            wanted = exchange.answered(
                    response.statusCode(),
                    response.headers().values("content-type").stream()
                            .findFirst()
                            .orElse(""));
        }

        @Override
        public int statusCode() {
            return response.statusCode();
        }

        @Override
        public Headers headers() {
            return response.headers();
        }

        @Override
        public synchronized InputStream body() {
            InputStream seen = body;
            if (seen == null) {
                seen = wanted ? new CapturingInputStream(response.body(), exchange) : response.body();
                body = seen;
            }
            return seen;
        }

        @Override
        public void close() {
            exchange.left();
            response.close();
        }
    }

    private record SeenRequest(HttpRequestBody body, Exchange exchange) implements HttpRequestBody {

        @Override
        public void writeTo(OutputStream out) {
            body.writeTo(new FilterOutputStream(out) {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int offset, int length) throws IOException {
                    exchange.request(bytes, offset, length);
                    out.write(bytes, offset, length);
                }
            });
        }

        @Override
        public @Nullable String contentType() {
            return body.contentType();
        }

        @Override
        public long contentLength() {
            return body.contentLength();
        }

        @Override
        public boolean repeatable() {
            return body.repeatable();
        }

        @Override
        public void close() {
            body.close();
        }
    }
}
