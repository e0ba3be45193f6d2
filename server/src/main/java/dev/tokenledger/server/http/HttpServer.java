package dev.tokenledger.server.http;

import dev.tokenledger.LedgerInterruptedException;
import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import io.javalin.http.servlet.JavalinServlet;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.HttpCompliance;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.UriCompliance.Violation;
import org.eclipse.jetty.http2.server.AbstractHTTP2ServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.http2.server.HTTP2ServerConnectionFactory;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.NetworkConnectionLimit;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Jetty, with the parts' routes behind everything that a public server must check. From the outside in: the connection limit
 * and {@link Deadlines}; Jetty's own parser, strict; {@link AdmissionHandler}; {@link BodyReader}; Javalin, which finds the route; the
 * check of the route's scope; the route's handler. What comes in by the port for gRPC passes the same, and is answered by
 * {@link GrpcHandler} in Javalin's place.
 */
public final class HttpServer implements AutoCloseable {

    /** Escaped slashes and the like are let through to {@link AdmissionHandler}, which knows where they may stand. */
    private static final UriCompliance URIS = UriCompliance.RFC3986.with(
            "RFC3986 with any text in a segment",
            Violation.AMBIGUOUS_PATH_SEPARATOR,
            Violation.AMBIGUOUS_PATH_ENCODING,
            Violation.SUSPICIOUS_PATH_CHARACTERS);

    /** More than answer questions or wait for their turn, so that questions never keep records from being stored. */
    private static final int THREADS = 96;

    /** Questions that wait for their turn. */
    private static final int WAITING = 48;

    /** What nobody reads, for the counts of answers alone: the status that proxies log for a client that has gone. */
    private static final int CLIENT_GONE = 499;

    /** Calls at a time on one connection of HTTP/2; exporters send one after the other. */
    private static final int MAX_STREAMS = 16;

    /** How long a connection without a request may stay open while the server stops. */
    private static final long LEAVE_MILLIS = 200;

    private final List<Part> parts;
    private final List<Route> routes;
    private final BiConsumer<String, Throwable> failures;
    private final Problems problems;
    private final Limits limits;
    private final Server server;
    private final ServerConnector connector;
    private final @Nullable ServerConnector grpc;
    private final @Nullable GrpcPort grpcPort;
    private final Deadlines deadlines;
    private final Departures departures;
    private final Turns turns =
            new Turns(Math.max(2, Runtime.getRuntime().availableProcessors()), WAITING, TimeUnit.SECONDS.toMillis(5));

    /**
     * A server, not yet started.
     *
     * @param host what it was told to listen on, by which it may be asked for where it answers to this machine alone
     * @param address where that is
     * @param keys the keys in force at the moment; null to ask for none
     * @param grpcPort where to listen for gRPC; null not to
     * @param pathPrefix what stands before every path; empty for nothing
     * @param tls the certificate to show; null for none, and no encryption
     * @param accessLog is told of each request that was answered, by the thread that answered it; null for nobody
     * @param failures takes what was attempted and why it failed, for the operator
     * @throws IOException if the certificate or its key cannot be used
     */
    public HttpServer(
            String host,
            InetSocketAddress address,
            List<Part> parts,
            Limits limits,
            @Nullable Supplier<ApiKeys> keys,
            @Nullable GrpcPort grpcPort,
            String pathPrefix,
            @Nullable PemFiles tls,
            @Nullable Consumer<AccessEntry> accessLog,
            BiConsumer<String, Throwable> failures)
            throws IOException {
        this.parts = List.copyOf(parts);
        routes = parts.stream().flatMap(part -> part.routes().stream()).toList();
        this.limits = limits;
        this.failures = failures;
        problems = new Problems(failures);
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 4);
        threads.setName("http");
        server = new Server(threads);
        HttpConfiguration configuration = configuration();
        @Nullable Tls certificate = tls == null ? null : tls(tls, configuration);
        connector = connector(new HttpConnectionFactory(configuration), certificate, address, address.getPort());
        deadlines = new Deadlines(connector.getScheduler(), limits, server::isStopping, System::nanoTime);
        departures = new Departures(connector.getScheduler());
        connector.addBean(deadlines);
        connector.addBean(departures);
        server.addConnector(connector);
        this.grpcPort = grpcPort;
        grpc = grpcPort == null ? null : grpcConnector(configuration, certificate, address, grpcPort);
        Connector[] limited = grpc == null ? new Connector[] {connector} : new Connector[] {connector, grpc};
        server.addBean(new NetworkConnectionLimit(limits.connections(), limited));
        server.setErrorHandler(Problems::refused);
        if (accessLog != null) {
            server.setRequestLog((request, response) -> accessLog.accept(entry(request, response)));
        }
        server.setStopTimeout(limits.stopTime().toMillis());
        Credentials credentials = new Credentials(keys);
        RateLimiter rateLimiter = new RateLimiter(limits.requestsPerSecond(), System::nanoTime);
        boolean thisMachineAlone = keys == null
                && address.getAddress() != null
                && address.getAddress().isLoopbackAddress();
        Predicate<String> hosts = thisMachineAlone ? Uris.ownHosts(host) : any -> true;
        Handler http = servlets();
        Handler calls = new GrpcHandler(this.parts, problems, limits);
        Handler admission = new AdmissionHandler(
                new BodyReader(grpc == null ? http : new ByConnector(http, calls), limits),
                credentials,
                rateLimiter,
                deadlines,
                limits,
                hosts,
                path -> routes.stream().anyMatch(route -> route.hasParameter() && route.matches(path)));
        server.setHandler(
                new GracefulHandler(pathPrefix.isEmpty() ? admission : new PathPrefix(pathPrefix, admission)));
    }

    /** Where a request goes is said by where it came in, whatever it is. */
    private static final class ByConnector extends Handler.Sequence {

        private final Handler http;
        private final Handler grpc;

        ByConnector(Handler http, Handler grpc) {
            super(http, grpc);
            this.http = http;
            this.grpc = grpc;
        }

        @Override
        public boolean handle(Request request, Response response, Callback callback) throws Exception {
            return (GrpcAnswer.isFor(request) ? grpc : http).handle(request, response, callback);
        }
    }

    /** The certificate, looked at again for as long as the server runs. */
    private Tls tls(PemFiles files, HttpConfiguration configuration) throws IOException {
        Scheduler scheduler = new ScheduledExecutorScheduler("tls", true);
        Tls certificate = new Tls(
                files,
                scheduler,
                failure -> failures.accept("cannot read the certificate again; the last one stays", failure));
        SecureRequestCustomizer secure = new SecureRequestCustomizer();
        // A client on this machine may ask for an address that the certificate does not name.
        secure.setSniHostCheck(false);
        configuration.addCustomizer(secure);
        server.addBean(scheduler);
        server.addBean(certificate);
        return certificate;
    }

    private ServerConnector connector(
            HttpConnectionFactory http, @Nullable Tls certificate, InetSocketAddress address, int port) {
        ServerConnector made = certificate == null
                ? new ServerConnector(server, 1, 1, http)
                : new ServerConnector(
                        server, 1, 1, new SslConnectionFactory(certificate.factory(), http.getProtocol()), http);
        listen(made, address, port);
        return made;
    }

    /** HTTP/2 from the first byte on, or agreed upon with TLS, and nothing else. */
    private ServerConnector grpcConnector(
            HttpConfiguration configuration, @Nullable Tls certificate, InetSocketAddress address, GrpcPort port) {
        AbstractHTTP2ServerConnectionFactory http2 = certificate == null
                ? new HTTP2CServerConnectionFactory(configuration)
                : new HTTP2ServerConnectionFactory(configuration);
        http2.setMaxConcurrentStreams(MAX_STREAMS);
        ServerConnector made = certificate == null
                ? new ServerConnector(server, 1, 1, http2)
                : new ServerConnector(
                        server, 1, 1, new SslConnectionFactory(certificate.http2Factory(), http2.getProtocol()), http2);
        listen(made, address, port.number());
        made.setName(GrpcAnswer.CONNECTOR);
        // A connection is silent also while its calls are answered; those without calls are left to the deadlines.
        made.setShutdownIdleTimeout(limits.stopTime().toMillis());
        // Unmanaged: the other connector starts and stops it.
        made.addBean(deadlines, false);
        return made;
    }

    private void listen(ServerConnector made, InetSocketAddress address, int port) {
        made.setHost(address.getHostString());
        made.setPort(port);
        made.setIdleTimeout(limits.idleTime().toMillis());
        made.setShutdownIdleTimeout(LEAVE_MILLIS);
        made.setAcceptQueueSize(1_024);
    }

    private static AccessEntry entry(Request request, Response response) {
        String key = request.getAttribute(Caller.ATTRIBUTE) instanceof Caller caller
                ? caller.key().map(ApiKey::name).orElse("")
                : "";
        Duration duration = Duration.ofNanos(System.nanoTime() - request.getBeginNanoTime());
        return new AccessEntry(
                Instant.ofEpochMilli(Request.getTimeStamp(request)),
                Request.getRemoteAddr(request),
                request.getMethod(),
                String.valueOf(request.getHttpURI().getPath()),
                GrpcAnswer.loggedStatus(request, response),
                Response.getContentBytesWritten(response),
                duration,
                key);
    }

    private HttpConfiguration configuration() {
        HttpConfiguration http = new HttpConfiguration();
        http.setHttpCompliance(HttpCompliance.STRICT);
        http.setUriCompliance(URIS);
        http.setRequestHeaderSize(limits.headerBytes());
        http.setSendServerVersion(false);
        http.setSendXPoweredBy(false);
        http.setSendDateHeader(true);
        return http;
    }

    private ServletContextHandler servlets() {
        ServletContextHandler context = new ServletContextHandler(ServletContextHandler.NO_SESSIONS);
        context.setErrorHandler(Problems::refused);
        // The router tells segments apart before it decodes them, so an escaped slash in an id is none to it.
        // Which paths may have one is checked before.
        context.getServletHandler().setDecodeAmbiguousURIs(true);
        Javalin javalin = Javalin.create(this::configure);
        // Not javalinServlet(), which wants web sockets set up.
        context.addServlet(new ServletHolder(new JavalinServlet(javalin.unsafe)), "/*");
        return context;
    }

    private void configure(JavalinConfig config) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.http.maxRequestSize = limits.bodyBytes();
        config.router.ignoreTrailingSlashes = false;
        config.router.javaLangErrorHandler((response, error) -> {
            failures.accept("cannot answer a request", error);
            response.setStatus(HttpStatus.INTERNAL_SERVER_ERROR_500);
        });
        config.routes.exception(
                Exception.class, (failure, context) -> write(problems.of(failure, attempted(context)), context));
        config.routes.exception(HttpResponseException.class, (failure, context) -> {
            if (failure.getStatus() == HttpStatus.METHOD_NOT_ALLOWED_405) {
                context.header(HttpHeader.ALLOW.asString(), allowed(context.path()));
            }
            write(Problems.of(failure.getStatus()), context);
        });
        for (Route route : routes) {
            config.routes.addHttpHandler(route.method(), route.path(), context -> answer(route, context));
            if (route.method().equals(HandlerType.GET)) {
                // Left to itself, Javalin answers 200 without asking anybody. Jetty leaves out the body.
                config.routes.addHttpHandler(HandlerType.HEAD, route.path(), context -> answer(route, context));
            }
        }
    }

    /** The methods that a path is answered by. */
    private String allowed(String path) {
        return routes.stream()
                .filter(route -> route.matches(path))
                .map(route -> route.method().equals(HandlerType.GET)
                        ? "GET, HEAD"
                        : route.method().name())
                .distinct()
                .collect(Collectors.joining(", "));
    }

    private void answer(Route route, Context context) {
        long start = System.nanoTime();
        try {
            Caller.of(context).check(route.access());
            if (route.access().isQuestion()) {
                read(route, context);
            } else {
                // What is to be stored is stored, whether or not the client waits for the answer.
                route.handler().handle(context);
            }
        } catch (Exception e) {
            if (context.res().isCommitted()) {
                breakOff(e, context);
            } else {
                context.res().resetBuffer();
                write(problems.of(e, attempted(context)), context);
            }
        }
        Duration duration = Duration.ofNanos(System.nanoTime() - start);
        parts.forEach(part -> part.answered(route.method().name(), route.path(), context.statusCode(), duration));
    }

    /** Answers a question for as long as there is somebody who asked it. */
    private void read(Route route, Context context) throws Exception {
        ConnectionMetaData connection =
                ServletContextRequest.getServletContextRequest(context.req()).getConnectionMetaData();
        boolean[] stopped = {false};
        boolean gone = departures.watch(connection.getLocalSocketAddress(), connection.getRemoteSocketAddress(), () -> {
            try {
                if (route.sendsWhileReading()) {
                    route.handler().handle(context);
                } else {
                    turns.run(() -> route.handler().handle(context));
                }
            } catch (LedgerInterruptedException | InterruptedException e) {
                stopped[0] = true;
            }
        });
        if (stopped[0] && !gone) {
            throw Problem.of(503, "the server stops; ask again later");
        }
        if (stopped[0]) {
            context.status(CLIENT_GONE);
        }
    }

    /** Part of an answer was sent, which must not be taken for all of it. That a client has gone is no failure of ours. */
    private void breakOff(Exception cause, Context context) {
        if (!(cause instanceof UncheckedIOException)) {
            failures.accept("cannot finish answering " + context.method() + " " + context.path(), cause);
        }
        ServletContextRequest.getServletContextRequest(context.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .close(cause);
    }

    private static String attempted(Context context) {
        return "cannot answer " + context.method() + " " + context.path();
    }

    /** Browsers name HTML among what they accept as they open a page; what calls the API does not. */
    private static boolean isBrowser(Context context) {
        String accepted = context.header(HttpHeader.ACCEPT.asString());
        return !context.path().startsWith("/v1/")
                && accepted != null
                && accepted.toLowerCase(Locale.ROOT).contains("text/html")
                && (context.method().equals(HandlerType.GET) || context.method().equals(HandlerType.HEAD));
    }

    private void write(Problem problem, Context context) {
        context.status(problem.status());
        Problems.headers(problem.status(), context::header);
        if (isBrowser(context)) {
            context.header(HttpHeader.VARY.asString(), HttpHeader.ACCEPT.asString());
            if (parts.stream().anyMatch(part -> part.show(problem, context))) {
                return;
            }
        }
        context.contentType(Problem.MEDIA_TYPE);
        context.result(problem.json());
    }

    /**
     * Starts to answer.
     *
     * @throws IOException if it cannot listen; the message says where
     */
    public void start() throws Exception {
        try {
            open(connector);
            if (grpc != null && openGrpc(grpc)) {
                server.addConnector(grpc);
            }
            server.start();
        } catch (Exception e) {
            connector.close();
            if (grpc != null) {
                grpc.close();
            }
            throw e;
        }
    }

    private boolean openGrpc(ServerConnector made) throws IOException {
        try {
            open(made);
            return true;
        } catch (IOException e) {
            if (grpcPort == null || grpcPort.required()) {
                throw e;
            }
            return false;
        }
    }

    private static void open(ServerConnector made) throws IOException {
        try {
            made.open();
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen on " + made.getHost() + ":" + made.getPort() + ": " + e.getMessage(), e);
        }
    }

    /** The port it listens on. */
    public int port() {
        return connector.getLocalPort();
    }

    /** The port it listens on for gRPC; empty where it does not. */
    public OptionalInt grpcPort() {
        int port = grpc == null ? -1 : grpc.getLocalPort();
        return port > 0 ? OptionalInt.of(port) : OptionalInt.empty();
    }

    /** Takes no new requests, finishes those in flight, of which those that take longer than the limit are cut off, and stops. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (TimeoutException e) {
            failures.accept(
                    "cannot finish the requests under way",
                    new TimeoutException(
                            "not done after " + limits.stopTime().toMillis() + " ms, so they were cut off"));
        } catch (Exception e) {
            throw new IllegalStateException("the server did not stop as it should: " + e.getMessage(), e);
        } finally {
            parts.forEach(Part::close);
        }
    }
}
