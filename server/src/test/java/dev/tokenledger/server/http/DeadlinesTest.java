package dev.tokenledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteArrayEndPoint;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.ssl.SslConnection;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.junit.jupiter.api.Test;

class DeadlinesTest {

    private final AtomicLong now = new AtomicLong(1);
    private final Limits limits =
            Limits.builder().headerTime(Duration.ofSeconds(10)).build();
    private final Deadlines deadlines = new Deadlines(new ScheduledExecutorScheduler(), limits, () -> false, now::get);

    @Test
    void connectionWithoutARequest_isClosed_afterTheTimeForHeaders() {
        Connection silent = new Silent();
        deadlines.onOpened(silent);
        now.addAndGet(Duration.ofSeconds(9).toNanos());
        deadlines.look();
        assertThat(silent.getEndPoint().isOpen()).isTrue();
        now.addAndGet(Duration.ofSeconds(2).toNanos());
        deadlines.look();
        assertThat(silent.getEndPoint().isOpen()).isFalse();
    }

    /** No request ever comes from it: they come from the connection inside it, for which it stays open. */
    @Test
    void layerOfTls_isNotWaitedFor() throws NoSuchAlgorithmException {
        SslConnection layer = new SslConnection(
                new ByteBufferPool.NonPooling(),
                Runnable::run,
                new SslContextFactory.Server(),
                new ByteArrayEndPoint(),
                SSLContext.getDefault().createSSLEngine());
        deadlines.onOpened(layer);
        now.addAndGet(Duration.ofDays(1).toNanos());
        deadlines.look();
        assertThat(layer.getEndPoint().isOpen()).isTrue();
    }

    private static final class Silent extends AbstractConnection {

        Silent() {
            super(new ByteArrayEndPoint(), Runnable::run);
        }

        @Override
        public void onFillable() {}
    }
}
