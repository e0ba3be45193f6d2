package dev.tokenledger.capture;

import dev.tokenledger.usage.Attribution;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.http.SdkHttpResponse;

/**
 * Captures Bedrock's Converse, in one piece and streamed, where the AWS SDK for Java 2 makes the calls. The usage of a stream is
 * in its last event, {@code metadata}, which the SDK's own typed answer of a stream leaves out.
 */
public final class AwsCapture {

    private AwsCapture() {}

    /** An interceptor for {@code overrideConfiguration(o -> o.addExecutionInterceptor(…))} of a client, waiting or in the background. */
    public static ExecutionInterceptor interceptor(Capture capture) {
        return new Tee(capture);
    }

    private static final class Tee implements ExecutionInterceptor {

        private final ExecutionAttribute<Attribution> attribution =
                new ExecutionAttribute<>("dev.tokenledger.attribution." + System.identityHashCode(this));
        private final ExecutionAttribute<Exchange> exchange =
                new ExecutionAttribute<>("dev.tokenledger.exchange." + System.identityHashCode(this));

        private final Capture capture;

        Tee(Capture capture) {
            this.capture = capture;
        }

        /** On the caller's thread, unlike what follows. */
        @Override
        public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
            attributes.putAttribute(attribution, Attribution.current());
        }

        /** Once an attempt. */
        @Override
        public void beforeTransmission(Context.BeforeTransmission context, ExecutionAttributes attributes) {
            Attribution set = attributes.getAttribute(attribution);
            capture.begin(() -> context.httpRequest().getUri(), set == null ? Attribution.NONE : set)
                    .ifPresent(begun -> attributes.putAttribute(exchange, begun));
        }

        @Override
        public Optional<InputStream> modifyHttpResponseContent(
                Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
            Exchange begun = attributes.getAttribute(exchange);
            return begun == null || !answered(begun, context.httpResponse())
                    ? context.responseBody()
                    : context.responseBody().map(body -> new CapturingInputStream(body, begun));
        }

        @Override
        public Optional<Publisher<ByteBuffer>> modifyAsyncHttpResponseContent(
                Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
            Exchange begun = attributes.getAttribute(exchange);
            return begun == null || !answered(begun, context.httpResponse())
                    ? context.responsePublisher()
                    : context.responsePublisher()
                            .map(body -> subscriber -> body.subscribe(new SeenBytes(subscriber, begun)));
        }

        private static boolean answered(Exchange begun, SdkHttpResponse response) {
            return begun.answered(
                    response.statusCode(),
                    response.firstMatchingHeader("Content-Type").orElse(""));
        }

        /** The client may have read all that it wants without reading the end. */
        @Override
        public void afterExecution(Context.AfterExecution context, ExecutionAttributes attributes) {
            Exchange begun = attributes.getAttribute(exchange);
            if (begun != null) {
                begun.left();
            }
        }

        @Override
        public void onExecutionFailure(Context.FailedExecution context, ExecutionAttributes attributes) {
            Exchange begun = attributes.getAttribute(exchange);
            if (begun != null) {
                begun.failed();
            }
        }
    }

    private record SeenBytes(Subscriber<? super ByteBuffer> subscriber, Exchange exchange)
            implements Subscriber<ByteBuffer> {

        @Override
        public void onSubscribe(Subscription subscription) {
            subscriber.onSubscribe(new Subscription() {
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
        public void onNext(ByteBuffer bytes) {
            exchange.body(bytes);
            subscriber.onNext(bytes);
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
}
