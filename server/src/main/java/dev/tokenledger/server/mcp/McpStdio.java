package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import java.io.ByteArrayOutputStream;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** The tools over a program's standard input and output, a message a line. */
public final class McpStdio {

    static final String SERVER = "tokenledger";

    /** How long answers may take after the input has ended. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    private McpStdio() {}

    /**
     * Answers until the input ends, and what was asked until then is answered.
     *
     * @param zone of calendar periods
     * @param version the program's version
     * @param in messages; read by a thread of its own
     * @param out gets answers, and nothing else
     */
    public static void serve(
            Ledger ledger, InstantSource clock, ZoneId zone, String version, InputStream in, OutputStream out) {
        CostSummary summary = new CostSummary(ledger, clock, zone);
        CountDownLatch ended = new CountDownLatch(1);
        Answers answers = new Answers();
        StdioServerTransportProvider transport = new StdioServerTransportProvider(
                CostSummary.JSON, new Watched(in, answers, ended), new Counted(out, answers));
        McpSyncServer server = McpServer.sync(transport)
                .jsonMapper(CostSummary.JSON)
                .serverInfo(SERVER, version(version))
                .toolCall(summary.tool(), (exchange, request) -> summary.call(request))
                .immediateExecution(true)
                .build();
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            server.closeGracefully();
        }
    }

    /** The protocol wants one. */
    static String version(String version) {
        return version.isBlank() ? "0" : version;
    }

    /** Counts the requests that were read and the answers that were written. Safe for use by many threads. */
    private static final class Answers {

        private long owed;

        synchronized void asked() {
            owed++;
        }

        synchronized void given(int count) {
            owed -= count;
            notifyAll();
        }

        /** Waits until every request is answered, or patience ends. */
        synchronized void await() {
            long end = System.nanoTime() + PATIENCE.toNanos();
            try {
                while (owed > 0) {
                    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
                    if (left <= 0) {
                        return;
                    }
                    wait(left);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Tells when the input has ended; the transport hears of it only when all that was asked is answered, as it drops what
     * is on its way out then.
     */
    private static final class Watched extends FilterInputStream {

        private final Answers answers;
        private final CountDownLatch ended;
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();

        Watched(InputStream in, Answers answers, CountDownLatch ended) {
            super(in);
            this.answers = answers;
            this.ended = ended;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            int read = super.read(bytes, offset, length);
            for (int i = offset; i < offset + read; i++) {
                if (bytes[i] == '\n') {
                    endLine();
                } else {
                    line.write(bytes[i]);
                }
            }
            if (read < 0) {
                endLine();
                answers.await();
                ended.countDown();
            }
            return read;
        }

        private void endLine() {
            if (isRequest(line.toString(StandardCharsets.UTF_8))) {
                answers.asked();
            }
            line.reset();
        }

        /** Whether a message wants an answer: notifications have no id, and answers no method. */
        private static boolean isRequest(String message) {
            try {
                Map<?, ?> members = CostSummary.JSON.readValue(message, Map.class);
                return members != null && members.containsKey("id") && members.containsKey("method");
            } catch (IOException | RuntimeException malformed) {
                return false;
            }
        }

        @Override
        public void close() throws IOException {
            ended.countDown();
            super.close();
        }
    }

    /** Counts the lines that were written and flushed: each is an answer. */
    private static final class Counted extends FilterOutputStream {

        private final Answers answers;
        private int lines;

        Counted(OutputStream out, Answers answers) {
            super(out);
            this.answers = answers;
        }

        @Override
        public void write(int b) throws IOException {
            out.write(b);
            lines += b == '\n' ? 1 : 0;
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
            for (int i = offset; i < offset + length; i++) {
                lines += bytes[i] == '\n' ? 1 : 0;
            }
        }

        @Override
        public void flush() throws IOException {
            out.flush();
            answers.given(lines);
            lines = 0;
        }
    }
}
