package dev.tokenledger.capture;

import dev.tokenledger.usage.Attribution;
import java.io.IOException;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import okhttp3.Call;
import okhttp3.EventListener;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.BufferedSink;
import okio.BufferedSource;
import okio.ForwardingSink;
import okio.ForwardingSource;
import okio.Okio;
import okio.Sink;
import org.jspecify.annotations.Nullable;

/**
 * Captures calls that are made by OkHttp, as the clients of OpenAI and Google do.
 *
 * <p>An interceptor alone sees the attribution of calls that wait for their answer. Calls in the background are intercepted on
 * a thread of OkHttp's: for those give the client to {@link #install}, or tag the request: {@code
 * request.tag(Attribution.class, attribution)}.
 */
public final class OkHttpCapture {

    private OkHttpCapture() {}

    /** An interceptor for {@code OkHttpClient.Builder.addInterceptor}, not for network interceptors, which see compressed bytes. */
    public static Interceptor interceptor(Capture capture) {
        return new Tee(capture, Collections.emptyMap());
    }

    /**
     * Adds the interceptor to a client that is being built, and has its calls carry what is set where they are made. Takes the
     * builder's event listener factory, so a factory of one's own has to be set before, and passed.
     */
    public static OkHttpClient.Builder install(
            OkHttpClient.Builder client, Capture capture, EventListener.@Nullable Factory others) {
        Map<Call, Attribution> carried = Collections.synchronizedMap(new WeakHashMap<>());
        client.eventListenerFactory(call -> {
            Attribution current = Attribution.current();
            if (!current.isEmpty()) {
                carried.put(call, current);
            }
            return others == null ? EventListener.NONE : others.create(call);
        });
        return client.addInterceptor(new Tee(capture, carried));
    }

    private record Tee(Capture capture, Map<Call, Attribution> carried) implements Interceptor {

        @Override
        public Response intercept(Chain chain) throws IOException {
            Request request = chain.request();
            Attribution tagged = request.tag(Attribution.class);
            Attribution attribution =
                    tagged != null ? tagged : carried.getOrDefault(chain.call(), Attribution.current());
            Optional<Exchange> begun = capture.begin(() -> request.url().uri(), attribution);
            if (begun.isEmpty()) {
                return chain.proceed(request);
            }
            Exchange exchange = begun.get();
            Response response;
            try {
                response = chain.proceed(seen(request, exchange));
            } catch (IOException | RuntimeException e) {
                exchange.failed();
                throw e;
            }
            ResponseBody body = response.body();
            boolean wanted = exchange.answered(response.code(), String.valueOf(response.header("Content-Type", "")));
            if (body == null || !wanted) {
                exchange.failed();
                return response;
            }
            return response.newBuilder().body(seen(body, exchange)).build();
        }

        private static Request seen(Request request, Exchange exchange) {
            RequestBody body = request.body();
            return body == null || body.isDuplex() || body.isOneShot()
                    ? request
                    : request.newBuilder()
                            .method(request.method(), new SeenRequest(body, exchange))
                            .build();
        }

        private static ResponseBody seen(ResponseBody body, Exchange exchange) {
            BufferedSource source = Okio.buffer(new SeenSource(body.source(), exchange));
            return ResponseBody.create(source, body.contentType(), body.contentLength());
        }
    }

    private static final class SeenSource extends ForwardingSource {

        private final Exchange exchange;

        SeenSource(BufferedSource source, Exchange exchange) {
            super(source);
            this.exchange = exchange;
        }

        @Override
        public long read(Buffer sink, long byteCount) throws IOException {
            long count;
            try {
                count = super.read(sink, byteCount);
            } catch (IOException | RuntimeException e) {
                exchange.failed();
                throw e;
            }
            if (count < 0) {
                exchange.complete();
            } else {
                show(sink, count, exchange::body);
            }
            return count;
        }

        @Override
        public void close() throws IOException {
            exchange.left();
            super.close();
        }
    }

    private interface Bytes {
        void take(byte[] bytes, int offset, int length);
    }

    /** Shows the last bytes of a buffer where they lie, without a copy. */
    private static void show(Buffer buffer, long count, Bytes to) {
        try (Buffer.UnsafeCursor cursor = buffer.readUnsafe(new Buffer.UnsafeCursor())) {
            long at = buffer.size() - count;
            int length = cursor.seek(at);
            while (length > 0) {
                byte[] data = cursor.data;
                if (data != null) {
                    to.take(data, cursor.start, length);
                }
                length = cursor.next();
            }
        }
    }

    private static final class SeenRequest extends RequestBody {

        private final RequestBody body;
        private final Exchange exchange;

        SeenRequest(RequestBody body, Exchange exchange) {
            this.body = body;
            this.exchange = exchange;
        }

        @Override
        public @Nullable MediaType contentType() {
            return body.contentType();
        }

        @Override
        public long contentLength() throws IOException {
            return body.contentLength();
        }

        @Override
        public void writeTo(BufferedSink sink) throws IOException {
            BufferedSink seen = Okio.buffer(new SeenSink(sink, exchange));
            body.writeTo(seen);
            seen.flush();
        }
    }

    private static final class SeenSink extends ForwardingSink {

        private final Exchange exchange;

        SeenSink(Sink sink, Exchange exchange) {
            super(sink);
            this.exchange = exchange;
        }

        @Override
        public void write(Buffer source, long byteCount) throws IOException {
            try (Buffer.UnsafeCursor cursor = source.readUnsafe(new Buffer.UnsafeCursor())) {
                long left = byteCount;
                int length = cursor.seek(0);
                while (length > 0 && left > 0) {
                    byte[] data = cursor.data;
                    int shown = (int) Math.min(length, left);
                    if (data != null) {
                        exchange.request(data, cursor.start, shown);
                    }
                    left -= shown;
                    length = cursor.next();
                }
            }
            super.write(source, byteCount);
        }
    }
}
