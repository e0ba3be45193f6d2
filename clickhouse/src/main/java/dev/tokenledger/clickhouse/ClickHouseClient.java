package dev.tokenledger.clickhouse;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sends statements to the servers of an address by HTTP, and bounds every wait and every answer that is kept. An answer arrives whole or
 * not at all: the server keeps it back until it is complete, lets no limit cut it, and no shard be left out. Safe for use by many
 * threads.
 */
final class ClickHouseClient {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);

    /** How long a server may take to stop a statement. */
    private static final long SECONDS_TO_ANSWER = 5;

    private static final int MAX_ANSWER = 1 << 20;
    private static final int MAX_ERROR = 2_000;
    private static final Pattern CODE = Pattern.compile("Code: ([0-9]{1,6})");

    /** Of a user's profile that would have answers be less than whole. */
    private static final Map<String, String> WHOLE = Map.of(
            "wait_end_of_query", "1",
            "skip_unavailable_shards", "0",
            "read_overflow_mode", "throw",
            "group_by_overflow_mode", "throw",
            "sort_overflow_mode", "throw",
            "result_overflow_mode", "throw",
            "distinct_overflow_mode", "throw",
            "timeout_overflow_mode", "throw");

    private final ClickHouseAddress address;
    private final HttpClient http;
    private final String authorization;

    ClickHouseClient(ClickHouseAddress address) {
        this.address = address;
        http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        authorization = address.user().equals("default") && address.password().isEmpty()
                ? ""
                : "Basic "
                        + Base64.getEncoder()
                                .encodeToString(
                                        (address.user() + ":" + address.password()).getBytes(StandardCharsets.UTF_8));
    }

    ClickHouseAddress address() {
        return address;
    }

    /** A text as a literal. */
    static String literal(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** A name, whatever its characters. */
    static String quoted(String name) {
        return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`";
    }

    /**
     * What a host answers to a statement, as text without the last line's end.
     *
     * @param limit how long it may take
     */
    String ask(String host, String sql, Duration limit) throws ClickHouseException, InterruptedException {
        return ask(host, sql, Map.of(), limit);
    }

    /** The same with further settings of ClickHouse. */
    String ask(String host, String sql, Map<String, String> settings, Duration limit)
            throws ClickHouseException, InterruptedException {
        byte[] answer = query(host, sql, settings, () -> new BoundedBody(MAX_ANSWER), limit);
        String text = new String(answer, StandardCharsets.UTF_8);
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }

    /**
     * What the first host answers to a statement, in the format that this states.
     *
     * @param settings further ones of ClickHouse
     * @param body what makes something of the answer as it arrives
     * @param limit how long it may take until the answer is read; the statement is stopped then, and when this thread is interrupted
     */
    <T> T query(String sql, Map<String, String> settings, Supplier<BodySubscriber<T>> body, Duration limit)
            throws ClickHouseException, InterruptedException {
        return query(address.hosts().get(0), sql, settings, body, limit);
    }

    private <T> T query(
            String host, String sql, Map<String, String> settings, Supplier<BodySubscriber<T>> body, Duration limit)
            throws ClickHouseException, InterruptedException {
        Map<String, String> parameters = new TreeMap<>(WHOLE);
        parameters.putAll(settings);
        String id = "tokenledger-question-" + UUID.randomUUID();
        parameters.put("query_id", id);
        boolean answered = false;
        try {
            T answer = send(host, parameters, HttpRequest.BodyPublishers.ofString(sql), body, limit);
            answered = true;
            return answer;
        } catch (ClickHouseException e) {
            answered = e.code() != 0;
            throw e;
        } finally {
            if (!answered) {
                stop(host, id);
            }
        }
    }

    /** Has a host stop a statement, and does not wait for that. */
    private void stop(String host, String id) {
        HttpRequest kill = request(host, Map.of("query", "KILL QUERY WHERE query_id = " + literal(id)))
                .timeout(Duration.ofSeconds(SECONDS_TO_ANSWER))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        CompletableFuture<HttpResponse<Void>> unused = http.sendAsync(kill, HttpResponse.BodyHandlers.discarding())
                .whenComplete((done, failure) -> System.getLogger(ClickHouseClient.class.getName())
                        .log(System.Logger.Level.DEBUG, "a statement was stopped at {0}", host));
    }

    /**
     * Inserts rows.
     *
     * @param sql the statement up to its format
     * @param rows in that format
     * @param id the statement's, by which it can be found and stopped
     */
    void insert(String host, String sql, byte[] rows, String id, Map<String, String> settings, Duration limit)
            throws ClickHouseException, InterruptedException {
        Map<String, String> parameters = new TreeMap<>(settings);
        parameters.put("query", sql);
        parameters.put("query_id", id);
        send(host, parameters, HttpRequest.BodyPublishers.ofByteArray(rows), () -> new BoundedBody(MAX_ANSWER), limit);
    }

    private HttpRequest.Builder request(String host, Map<String, String> parameters) {
        StringBuilder uri = new StringBuilder(address.uri(host).toString())
                .append("?database=")
                .append(encoded(address.database()));
        parameters.forEach(
                (name, value) -> uri.append('&').append(name).append('=').append(encoded(value)));
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(uri.toString())).header("User-Agent", "tokenledger");
        if (!authorization.isEmpty()) {
            request.header("Authorization", authorization);
        }
        return request;
    }

    /** What arrived: the answer, or the beginning of what the server says is wrong. */
    private record Arrived<T>(@Nullable T answer, String error, int status) {}

    private <T> T send(
            String host,
            Map<String, String> parameters,
            HttpRequest.BodyPublisher content,
            Supplier<BodySubscriber<T>> body,
            Duration limit)
            throws ClickHouseException, InterruptedException {
        Map<String, String> limited = new TreeMap<>(parameters);
        limited.put("max_execution_time", Long.toString(Math.max(1, limit.toSeconds())));
        HttpRequest request = request(host, limited).POST(content).build();
        CompletableFuture<HttpResponse<Arrived<T>>> future = http.sendAsync(
                request,
                info -> info.statusCode() == 200
                        ? BodySubscribers.mapping(body.get(), answer -> new Arrived<>(answer, "", 200))
                        : BodySubscribers.mapping(
                                new BoundedBody(MAX_ANSWER),
                                error -> new Arrived<>(null, beginning(error), info.statusCode())));
        Arrived<T> arrived;
        try {
            arrived = future.get(Math.max(1, limit.toMillis()), TimeUnit.MILLISECONDS)
                    .body();
        } catch (TimeoutException e) {
            future.cancel(true);
            throw new ClickHouseException(host + " did not answer within " + limit.toMillis() + " ms", 0, e);
        } catch (InterruptedException e) {
            future.cancel(true);
            throw e;
        } catch (ExecutionException e) {
            throw lost(host, e.getCause());
        }
        T answer = arrived.answer();
        if (arrived.status() == 200 && answer != null) {
            return answer;
        }
        throw refused(host, arrived.status(), arrived.error());
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String beginning(byte[] error) {
        return new String(error, 0, Math.min(error.length, MAX_ERROR), StandardCharsets.UTF_8);
    }

    private static ClickHouseException refused(String host, int status, String said) {
        Matcher code = CODE.matcher(said);
        int number = code.find() ? Integer.parseInt(code.group(1)) : -1;
        if (number == 516 || number == 192 || number == 193 || status == 401) {
            return new ClickHouseException(
                    host + " refused the user or the password; set the user in the address and CLICKHOUSE_PASSWORD",
                    number,
                    null);
        }
        int end = said.indexOf('\n');
        String line = (end < 0 ? said : said.substring(0, end)).strip();
        return new ClickHouseException(
                host + " refused a statement with status " + status + (line.isEmpty() ? "" : " (" + line + ")"),
                number,
                null);
    }

    private static ClickHouseException lost(String host, @Nullable Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            String message = at.getMessage();
            if (message != null && !message.isBlank()) {
                return new ClickHouseException(host + " cannot be reached, or was lost: " + message, 0, cause);
            }
        }
        return new ClickHouseException(
                host + " cannot be reached"
                        + (cause == null ? "" : " (" + cause.getClass().getSimpleName() + ")"),
                0,
                cause);
    }
}
