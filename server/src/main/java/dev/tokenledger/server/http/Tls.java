package dev.tokenledger.server.http;

import java.io.IOException;
import java.security.KeyStore;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLParameters;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The certificate that a server shows, read again when its files were replaced: connections from then on get the new one, those
 * that are open keep theirs. Files that cannot be used are told of once, and the certificate stays what it was.
 */
final class Tls extends AbstractLifeCycle {

    private static final long LOOK_AGAIN_SECONDS = 2;

    private final PemFiles files;
    private final Scheduler scheduler;
    private final Consumer<Exception> failures;
    private final SslContextFactory.Server factory = new SslContextFactory.Server();
    private final SslContextFactory.Server http2 = new Http2Alone();
    private PemFiles.Stamp stamp;
    private String told = "";

    /**
     * Reads the files.
     *
     * @throws IOException if they cannot be used; the message says why
     */
    Tls(PemFiles files, Scheduler scheduler, Consumer<Exception> failures) throws IOException {
        this.files = files;
        this.scheduler = scheduler;
        this.failures = failures;
        // Before reading, so that files that are replaced meanwhile are read again.
        stamp = files.stamp();
        use(files.read());
        for (SslContextFactory.Server each : both()) {
            each.setIncludeProtocols("TLSv1.3", "TLSv1.2");
            each.setSniRequired(false);
        }
    }

    /** Agrees with clients on HTTP/2 and nothing else, by the JDK's own means: Jetty's need two more jars. */
    private static final class Http2Alone extends SslContextFactory.Server {
        @Override
        public SSLParameters customize(SSLParameters parameters) {
            SSLParameters customized = super.customize(parameters);
            customized.setApplicationProtocols(new String[] {"h2"});
            return customized;
        }
    }

    SslContextFactory.Server factory() {
        return factory;
    }

    /** The same certificate, for connections that speak HTTP/2 alone. */
    SslContextFactory.Server http2Factory() {
        return http2;
    }

    private List<SslContextFactory.Server> both() {
        return List.of(factory, http2);
    }

    private void use(KeyStore store) {
        both().forEach(each -> use(store, each));
    }

    private static void use(KeyStore store, SslContextFactory each) {
        each.setKeyStore(store);
        each.setKeyStorePassword(PemFiles.STORE_PASSWORD);
    }

    @Override
    protected void doStart() {
        lookLater();
    }

    private void lookLater() {
        scheduler.schedule(this::look, LOOK_AGAIN_SECONDS, TimeUnit.SECONDS);
    }

    private void look() {
        if (!isRunning()) {
            return;
        }
        try {
            PemFiles.Stamp now = files.stamp();
            if (!now.equals(stamp)) {
                // Read before anything of the server changes: of two files one may be replaced yet, and not the other.
                KeyStore store = files.read();
                for (SslContextFactory.Server each : both()) {
                    if (each.isStarted()) {
                        each.reload(reloaded -> use(store, reloaded));
                    }
                }
                stamp = now;
            }
            told = "";
        } catch (Exception e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(told)) {
                told = reason;
                failures.accept(e);
            }
        } finally {
            lookLater();
        }
    }
}
