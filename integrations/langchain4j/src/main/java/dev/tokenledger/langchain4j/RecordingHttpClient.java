package dev.tokenledger.langchain4j;

import dev.langchain4j.exception.HttpException;
import dev.langchain4j.http.client.HttpClient;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.HttpClientBuilderLoader;
import dev.langchain4j.http.client.HttpRequest;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.http.client.sse.ServerSentEvent;
import dev.langchain4j.http.client.sse.ServerSentEventContext;
import dev.langchain4j.http.client.sse.ServerSentEventListener;
import dev.langchain4j.http.client.sse.ServerSentEventParser;
import dev.tokenledger.capture.Exchange;
import dev.tokenledger.usage.Attribution;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads answers along where a model's HTTP client receives them, for {@code httpClientBuilder} of the builders of models. It adds
 * to the listeners what these do not see: all figures of Gemini, streams that break off or are left early, and each of several
 * requests that a model sends for one call. Without a listener it records each request by itself.
 *
 * <pre>{@code
 * OllamaStreamingChatModel.builder()
 *         .httpClientBuilder(RecordingHttpClient.builder(recording))
 *         .listeners(List.of(recording.chatListener()))
 * }</pre>
 */
public final class RecordingHttpClient {

    private RecordingHttpClient() {}

    /** A builder of clients that send by LangChain4j's own client, the one that is found on the class path. */
    public static HttpClientBuilder builder(LangChain4jRecording recording) {
        return builder(recording, HttpClientBuilderLoader.loadHttpClientBuilder());
    }

    /** A builder of clients that send by those of another builder. */
    public static HttpClientBuilder builder(LangChain4jRecording recording, HttpClientBuilder builder) {
        return new SeeingBuilder(recording.calls(), Objects.requireNonNull(builder, "builder"));
    }

    private record SeeingBuilder(ModelCalls calls, HttpClientBuilder builder) implements HttpClientBuilder {

        @Override
        public Duration connectTimeout() {
            return builder.connectTimeout();
        }

        @Override
        public HttpClientBuilder connectTimeout(Duration timeout) {
            builder.connectTimeout(timeout);
            return this;
        }

        @Override
        public Duration readTimeout() {
            return builder.readTimeout();
        }

        @Override
        public HttpClientBuilder readTimeout(Duration timeout) {
            builder.readTimeout(timeout);
            return this;
        }

        @Override
        public HttpClient build() {
            return new Seeing(calls, builder.build());
        }
    }

    private record Seeing(ModelCalls calls, HttpClient client) implements HttpClient {

        @Override
        public SuccessfulHttpResponse execute(HttpRequest request) {
            Optional<Exchange> begun = begin(request, calls.toSend().orElse(null));
            if (begun.isEmpty()) {
                return client.execute(request);
            }
            Exchange exchange = begun.get();
            SuccessfulHttpResponse response;
            try {
                response = client.execute(request);
            } catch (RuntimeException e) {
                failed(exchange, e);
                throw e;
            }
            answered(exchange, response);
            return response;
        }

        private void answered(Exchange exchange, SuccessfulHttpResponse response) {
            try {
                byte[] body = response.bodyBytes();
                if (exchange.answered(response.statusCode(), "") && body != null) {
                    exchange.body(body, 0, body.length);
                }
                exchange.complete();
            } catch (RuntimeException e) {
                calls.failed(e);
            }
        }

        @Override
        public void execute(HttpRequest request, ServerSentEventParser parser, ServerSentEventListener listener) {
            ModelCall call = calls.toSend().orElse(null);
            calls.sent();
            Attribution attribution = call == null ? attribution() : call.attribution();
            Optional<Exchange> begun = begin(request, call);
            if (begun.isEmpty()) {
                client.execute(request, parser, listener);
                return;
            }
            Exchange exchange = begun.get();
            // Later rounds of a tool loop begin on the thread that reads the answer of the one before.
            ServerSentEventParser seeing = (body, to) -> attribution.run(() -> {
                exchange.answered(200, "");
                parser.parse(exchange.reading(body), to);
            });
            try {
                client.execute(request, seeing, new Seen(calls, call, exchange, attribution, listener));
            } catch (RuntimeException e) {
                failed(exchange, e);
                throw e;
            }
        }

        private Attribution attribution() {
            return Attribution.current().over(calls.everywhere());
        }

        private Optional<Exchange> begin(HttpRequest request, @Nullable ModelCall call) {
            try {
                Optional<Exchange> begun = calls.capture(call)
                        .begin(() -> URI.create(request.url()), call == null ? attribution() : call.attribution());
                begun.ifPresent(exchange -> {
                    if (call != null) {
                        call.sent(exchange);
                    } else if (request.body() != null) {
                        byte[] body = request.body().getBytes(StandardCharsets.UTF_8);
                        exchange.request(body, 0, body.length);
                    }
                });
                return begun;
            } catch (RuntimeException e) {
                calls.failed(e);
                return Optional.empty();
            }
        }
    }

    private static void failed(Exchange exchange, @Nullable Throwable error) {
        if (error instanceof HttpException http) {
            exchange.answered(http.statusCode(), "");
        }
        exchange.failed();
    }

    /** Hands everything on, and then sees that a call which nobody was told the end of is recorded all the same. */
    private record Seen(
            ModelCalls calls,
            @Nullable ModelCall call,
            Exchange exchange,
            Attribution attribution,
            ServerSentEventListener listener)
            implements ServerSentEventListener {

        @Override
        public void onOpen(SuccessfulHttpResponse response) {
            listener.onOpen(response);
        }

        @Override
        public void onEvent(ServerSentEvent event) {
            listener.onEvent(event);
        }

        @Override
        public void onEvent(ServerSentEvent event, ServerSentEventContext context) {
            listener.onEvent(event, context);
        }

        @Override
        public void onError(Throwable error) {
            try {
                attribution.run(() -> listener.onError(error));
            } finally {
                failed(exchange, error);
                ended();
            }
        }

        @Override
        public void onClose() {
            try {
                attribution.run(listener::onClose);
            } finally {
                exchange.left();
                ended();
            }
        }

        private void ended() {
            if (call == null) {
                return;
            }
            try {
                calls.ended(call);
            } catch (RuntimeException e) {
                calls.failed(e);
            }
        }
    }
}
