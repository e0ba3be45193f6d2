package dev.tokenledger.spring;

import dev.tokenledger.payloads.ResponseReader;
import dev.tokenledger.spring.Answers.Answer;
import dev.tokenledger.usage.Attribution;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;
import okio.ForwardingSource;
import okio.Okio;
import okio.Source;

/**
 * Reads along what a provider answers to the SDK of its own that Spring AI calls it by, and changes nothing of it. A line of a
 * stream is kept until it ends, and a whole body until its end; beyond {@value #MAX_KEPT} bytes reading along is given up, the
 * call is not.
 */
final class AnswerInterceptor implements Interceptor {

    /** The most bytes of one body, or one line of a stream, that are kept. */
    static final long MAX_KEPT = 16 << 20;

    private static final Pattern MODEL = Pattern.compile("(?<!\\\\)\"model\"\\s*:\\s*\"([^\"\\\\]{1,512})\"");

    private final Answers answers;
    private final String provider;

    /**
     * For one provider's client.
     *
     * @param provider who is called: {@code anthropic} or {@code openai}
     */
    AnswerInterceptor(Answers answers, String provider) {
        this.answers = answers;
        this.provider = provider;
    }

    @Override
    public Response intercept(Chain chain) throws IOException {
        Instant started = answers.clock().instant();
        Attribution attribution = Attribution.current();
        Response response = chain.proceed(chain.request());
        ResponseBody body = response.body();
        Optional<String> format = format(chain.request().url().encodedPath());
        if (body == null || !response.isSuccessful() || format.isEmpty()) {
            return response;
        }
        MediaType type = body.contentType();
        boolean events = type != null && type.subtype().toLowerCase(Locale.ROOT).equals("event-stream");
        ReadAlong along = new ReadAlong(
                body.source(), format.get(), events, started, attribution, requestedModel(chain.request()));
        return response.newBuilder()
                .body(ResponseBody.create(Okio.buffer(along), type, body.contentLength()))
                .build();
    }

    /** The model that a request asks for; empty if it is not found. Inside of texts the quotes would be escaped. */
    private static String requestedModel(Request request) {
        RequestBody body = request.body();
        try {
            if (body == null || body.isOneShot() || body.contentLength() > MAX_KEPT) {
                return "";
            }
            Buffer copy = new Buffer();
            body.writeTo(copy);
            Matcher model = MODEL.matcher(copy.readUtf8());
            return model.find() ? model.group(1) : "";
        } catch (IOException | RuntimeException e) {
            // Sending it will fail too, and that is the caller's to hear.
            return "";
        }
    }

    private static Optional<String> format(String path) {
        if (path.endsWith("/messages")) {
            return Optional.of("anthropic-messages");
        }
        if (path.endsWith("/chat/completions")) {
            return Optional.of("openai-chat");
        }
        return path.endsWith("/responses") ? Optional.of("openai-responses") : Optional.empty();
    }

    /** Hands on what is read, and reads it too. Ended by the end of the body, by a failure or by whoever closes it early. */
    private final class ReadAlong extends ForwardingSource {

        private final ResponseReader reader;
        private final boolean events;
        private final Instant started;
        private final Attribution attribution;
        private final String requestedModel;
        private final Buffer kept = new Buffer();
        private boolean ended;

        ReadAlong(
                Source body,
                String format,
                boolean events,
                Instant started,
                Attribution attribution,
                String requestedModel) {
            super(body);
            reader = ResponseReader.of(format);
            this.events = events;
            this.started = started;
            this.attribution = attribution;
            this.requestedModel = requestedModel;
        }

        @Override
        public long read(Buffer sink, long most) throws IOException {
            long read;
            try {
                read = super.read(sink, most);
            } catch (IOException e) {
                end();
                throw e;
            }
            if (read < 0) {
                end();
            } else if (!ended) {
                sink.copyTo(kept, sink.size() - read, read);
                along();
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            end();
            super.close();
        }

        private void along() {
            try {
                for (long end = events ? kept.indexOf((byte) '\n') : -1; end >= 0; end = kept.indexOf((byte) '\n')) {
                    String line = kept.readUtf8(end);
                    kept.skip(1);
                    reader.line(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
                }
                if (kept.size() > MAX_KEPT) {
                    throw new IllegalArgumentException("longer than " + MAX_KEPT + " bytes");
                }
            } catch (EOFException e) {
                giveUp(new UncheckedIOException(e));
            } catch (RuntimeException e) {
                giveUp(e);
            }
        }

        private void end() {
            if (ended) {
                return;
            }
            try {
                String rest = kept.readUtf8();
                if (!events) {
                    reader.json(rest);
                } else if (!rest.isEmpty()) {
                    reader.line(rest);
                }
                ended = true;
                answers.ended(new Answer(
                        provider,
                        requestedModel,
                        reader.finish(),
                        started,
                        answers.clock().instant(),
                        attribution));
            } catch (RuntimeException e) {
                giveUp(e);
            }
        }

        private void giveUp(RuntimeException cause) {
            ended = true;
            kept.clear();
            answers.unread(cause);
        }
    }
}
