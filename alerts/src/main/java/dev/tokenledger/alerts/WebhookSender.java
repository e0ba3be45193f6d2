package dev.tokenledger.alerts;

import dev.tokenledger.formats.budgets.Channel;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow.Subscription;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Tells by HTTP. Only an answer of 2xx is one; no redirect is followed, and nothing but an answer's head is read. Safe for use by
 * many threads.
 */
final class WebhookSender {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final int MAX_RETRY_AFTER_SECONDS = 3_600;
    private static final int MAX_DIGITS = 6;
    private static final int SUCCESS = 2;
    private static final int HUNDRED = 100;
    private static final int GONE = 410;

    private @Nullable HttpClient client;
    private final UnaryOperator<String> variables;
    private final InstantSource clock;
    private final Duration timeout;

    /**
     * Sends with secrets of these environment variables, and of files.
     *
     * @param timeout the longest that a try takes
     */
    WebhookSender(UnaryOperator<String> variables, InstantSource clock, Duration timeout) {
        this.timeout = timeout;
        this.variables = variables;
        this.clock = clock;
    }

    /** Made when there is something to send, for it takes a thread and tenths of a second. */
    private synchronized HttpClient client() {
        HttpClient made = client;
        if (made == null) {
            made = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(Redirect.NEVER)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .build();
            client = made;
        }
        return made;
    }

    /** Why a channel cannot be used, as far as that shows without telling anybody; empty if it can. */
    Optional<String> problem(Channel.Webhook channel) {
        try {
            address(channel);
            signature(channel, "", Instant.EPOCH, "");
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private URI address(Channel.Webhook channel) {
        return Channel.Webhook.address(channel.url().read(variables), channel.insecure());
    }

    private Optional<String> signature(Channel.Webhook channel, String id, Instant time, String body) {
        return channel.signing().map(secret -> Signature.of(secret.read(variables), id, time, body));
    }

    Outcome send(Channel.Webhook channel, Notice notice) throws InterruptedException {
        String body = switch (channel.format()) {
            case WEBHOOK -> notice.json();
            case SLACK -> notice.slack();
            case TEAMS -> notice.teams();
        };
        Instant now = clock.instant();
        HttpRequest request;
        try {
            HttpRequest.Builder builder = HttpRequest.newBuilder(address(channel))
                    .timeout(timeout)
                    .header("Content-Type", "application/json")
                    .header("User-Agent", "Tokenledger")
                    .header("webhook-id", notice.id())
                    .header("webhook-timestamp", Long.toString(now.getEpochSecond()));
            signature(channel, notice.id(), now, body)
                    .ifPresent(signature -> builder.header("webhook-signature", signature));
            request = builder.POST(BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                    .build();
        } catch (IllegalArgumentException e) {
            return Outcome.failed("configuration", String.valueOf(e.getMessage()));
        }
        return send(request);
    }

    private Outcome send(HttpRequest request) throws InterruptedException {
        CompletableFuture<HttpResponse<Void>> answer = client().sendAsync(request, headOnly());
        try {
            return outcome(answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return timeout();
        } catch (ExecutionException e) {
            return failure(e.getCause() == null ? e : e.getCause());
        } finally {
            answer.cancel(true);
        }
    }

    private static Outcome outcome(HttpResponse<Void> answer) {
        int status = answer.statusCode();
        if (status / HUNDRED == SUCCESS) {
            return Outcome.SENT;
        }
        return new Outcome(
                false,
                status == GONE,
                "http_" + status,
                "the receiver answered " + status,
                answer.headers().firstValue("Retry-After").flatMap(WebhookSender::retryAfter));
    }

    /** A number of seconds; dates, which need two clocks that agree, are not looked at. */
    private static Optional<Duration> retryAfter(String text) {
        if (text.isEmpty() || text.length() > MAX_DIGITS || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        return Optional.of(Duration.ofSeconds(Math.min(Integer.parseInt(text), MAX_RETRY_AFTER_SECONDS)));
    }

    private Outcome timeout() {
        return Outcome.failed("timeout", "the receiver did not answer within " + timeout.toSeconds() + " s");
    }

    /** Why there was no answer, in our own words: those of the library may have the address, which may be a secret. */
    private Outcome failure(Throwable cause) {
        for (Throwable each = cause; each != null; each = each.getCause()) {
            if (each instanceof UnresolvedAddressException) {
                return Outcome.failed("no_such_host", "there is no such host");
            }
        }
        if (cause instanceof HttpConnectTimeoutException) {
            return Outcome.failed("timeout", "no connection within " + CONNECT_TIMEOUT.toSeconds() + " s");
        }
        if (cause instanceof HttpTimeoutException) {
            return timeout();
        }
        if (cause instanceof ConnectException) {
            return Outcome.failed("refused", "the connection was refused");
        }
        if (cause instanceof SSLException) {
            return Outcome.failed("tls", "no encrypted connection came about; is the receiver's certificate trusted?");
        }
        if (cause instanceof IOException) {
            return Outcome.failed("broken", "the connection broke before there was an answer");
        }
        return Outcome.failed(
                "failed", "the request could not be made: " + cause.getClass().getSimpleName());
    }

    /** Ends the exchange as soon as the status is there: whatever follows may be endless. */
    private static BodyHandler<Void> headOnly() {
        return info -> new BodySubscriber<>() {
            private final CompletableFuture<Void> done = new CompletableFuture<>();

            @Override
            public CompletionStage<Void> getBody() {
                return done;
            }

            @Override
            public void onSubscribe(Subscription subscription) {
                subscription.cancel();
                done.complete(null);
            }

            @Override
            public void onNext(List<ByteBuffer> item) {
                // Cancelled before anything came.
            }

            @Override
            public void onError(Throwable failure) {
                done.complete(null);
            }

            @Override
            public void onComplete() {
                done.complete(null);
            }
        };
    }
}
