package dev.tokenledger.capture;

import dev.tokenledger.usage.Attribution;
import java.io.IOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/** Captures calls that are made by {@code java.net.http}. */
public final class JdkHttpCapture {

    private JdkHttpCapture() {}

    /** A client that sends by another one, and captures what is a call. */
    public static HttpClient client(HttpClient client, Capture capture) {
        return new Tee(client, capture);
    }

    private static final class Tee extends HttpClient {

        private final HttpClient client;
        private final Capture capture;

        Tee(HttpClient client, Capture capture) {
            this.client = client;
            this.capture = capture;
        }

        @Override
        public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler)
                throws IOException, InterruptedException {
            Optional<Exchange> begun = capture.begin(request::uri, Attribution.current());
            if (begun.isEmpty()) {
                return client.send(request, handler);
            }
            try {
                return client.send(seen(request, begun.get()), seen(handler, begun.get()));
            } catch (IOException | InterruptedException | RuntimeException e) {
                begun.get().failed();
                throw e;
            }
        }

        @Override
        public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
            return sendAsync(request, handler, null);
        }

        @Override
        public <T> CompletableFuture<HttpResponse<T>> sendAsync(
                HttpRequest request, BodyHandler<T> handler, @Nullable PushPromiseHandler<T> pushed) {
            Optional<Exchange> begun = capture.begin(request::uri, Attribution.current());
            if (begun.isEmpty()) {
                return client.sendAsync(request, handler, pushed);
            }
            CompletableFuture<HttpResponse<T>> answer =
                    client.sendAsync(seen(request, begun.get()), seen(handler, begun.get()), pushed);
            // Not a further stage: cancelling that would not cancel the call.
            CompletableFuture<HttpResponse<T>> unused = answer.whenComplete((response, failure) -> {
                if (failure != null) {
                    begun.get().failed();
                }
            });
            return answer;
        }

        private static HttpRequest seen(HttpRequest request, Exchange exchange) {
            Optional<BodyPublisher> body = request.bodyPublisher();
            return body.isEmpty()
                    ? request
                    : HttpRequest.newBuilder(request, (name, value) -> true)
                            .method(request.method(), new SeenRequest(body.get(), exchange))
                            .build();
        }

        private static <T> BodyHandler<T> seen(BodyHandler<T> handler, Exchange exchange) {
            return head -> {
                boolean wanted = exchange.answered(
                        head.statusCode(),
                        head.headers().firstValue("content-type").orElse(""));
                BodySubscriber<T> subscriber = handler.apply(head);
                return wanted ? new SeenBody<>(subscriber, exchange) : subscriber;
            };
        }

        @Override
        public Optional<CookieHandler> cookieHandler() {
            return client.cookieHandler();
        }

        @Override
        public Optional<Duration> connectTimeout() {
            return client.connectTimeout();
        }

        @Override
        public Redirect followRedirects() {
            return client.followRedirects();
        }

        @Override
        public Optional<ProxySelector> proxy() {
            return client.proxy();
        }

        @Override
        public SSLContext sslContext() {
            return client.sslContext();
        }

        @Override
        public SSLParameters sslParameters() {
            return client.sslParameters();
        }

        @Override
        public Optional<Authenticator> authenticator() {
            return client.authenticator();
        }

        @Override
        public Version version() {
            return client.version();
        }

        @Override
        public Optional<Executor> executor() {
            return client.executor();
        }
    }

    /** Shows what a body handler is given; a subscription that is given up is an answer that is left. */
    private record SeenBody<T>(BodySubscriber<T> subscriber, Exchange exchange) implements BodySubscriber<T> {

        @Override
        public CompletionStage<T> getBody() {
            return subscriber.getBody();
        }

        @Override
        public void onSubscribe(Flow.Subscription subscription) {
            subscriber.onSubscribe(new Flow.Subscription() {
                @Override
                public void request(long count) {
                    subscription.request(count);
                }

                @Override
                public void cancel() {
                    exchange.left();
                    subscription.cancel();
                }
            });
        }

        @Override
        public void onNext(List<ByteBuffer> buffers) {
            buffers.forEach(exchange::body);
            subscriber.onNext(buffers);
        }

        @Override
        public void onError(Throwable failure) {
            exchange.failed();
            subscriber.onError(failure);
        }

        @Override
        public void onComplete() {
            exchange.complete();
            subscriber.onComplete();
        }
    }

    private record SeenRequest(BodyPublisher body, Exchange exchange) implements BodyPublisher {

        @Override
        public long contentLength() {
            return body.contentLength();
        }

        @Override
        public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
            body.subscribe(new Flow.Subscriber<>() {
                @Override
                public void onSubscribe(Flow.Subscription subscription) {
                    subscriber.onSubscribe(subscription);
                }

                @Override
                public void onNext(ByteBuffer buffer) {
                    exchange.request(buffer);
                    subscriber.onNext(buffer);
                }

                @Override
                public void onError(Throwable failure) {
                    subscriber.onError(failure);
                }

                @Override
                public void onComplete() {
                    subscriber.onComplete();
                }
            });
        }
    }
}
