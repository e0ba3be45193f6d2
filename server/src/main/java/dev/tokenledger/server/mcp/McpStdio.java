package dev.tokenledger.server.mcp;

import dev.tokenledger.Ledger;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.concurrent.CountDownLatch;

/** The tools over a program's standard input and output, a message a line. */
public final class McpStdio {

    static final String SERVER = "tokenledger";

    private McpStdio() {}

    /**
     * Answers until the input ends.
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
        StdioServerTransportProvider transport =
                new StdioServerTransportProvider(CostSummary.JSON, new Watched(in, ended), out);
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

    /** Tells when the input has ended. */
    private static final class Watched extends FilterInputStream {

        private final CountDownLatch ended;

        Watched(InputStream in, CountDownLatch ended) {
            super(in);
            this.ended = ended;
        }

        @Override
        public int read() throws IOException {
            return watched(super.read());
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            return watched(super.read(bytes, offset, length));
        }

        private int watched(int read) {
            if (read < 0) {
                ended.countDown();
            }
            return read;
        }

        @Override
        public void close() throws IOException {
            ended.countDown();
            super.close();
        }
    }
}
