package dev.tokenledger.server.http;

import java.io.IOException;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
        factory.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        factory.setSniRequired(false);
    }

    SslContextFactory.Server factory() {
        return factory;
    }

    private void use(KeyStore store) {
        factory.setKeyStore(store);
        factory.setKeyStorePassword(PemFiles.STORE_PASSWORD);
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
                factory.reload(ignored -> use(store));
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
