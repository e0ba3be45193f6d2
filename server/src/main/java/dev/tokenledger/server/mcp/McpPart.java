package dev.tokenledger.server.mcp;

import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Mount;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.Services;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpStatelessSyncServer;
import io.modelcontextprotocol.server.transport.HttpServletStatelessServerTransport;
import java.util.List;

/**
 * The tools over streamable HTTP, at {@code /mcp}. Without sessions: every request stands for itself, so that clients that go
 * away leave nothing behind.
 */
public final class McpPart implements Part {

    private static final String PATH = "/mcp";

    private final HttpServletStatelessServerTransport servlet;
    private final McpStatelessSyncServer server;

    /** The tools of these services' ledger. */
    public McpPart(Services services) {
        CostSummary summary = new CostSummary(services.ledger(), services.clock(), services.zone());
        servlet = HttpServletStatelessServerTransport.builder()
                .jsonMapper(CostSummary.JSON)
                .messageEndpoint(PATH)
                .maxRequestSize(services.limits().bodyBytes())
                .build();
        server = McpServer.sync(servlet)
                .jsonMapper(CostSummary.JSON)
                .serverInfo(McpStdio.SERVER, McpStdio.version(services.version()))
                .toolCall(summary.tool(), (context, request) -> summary.call(request))
                .immediateExecution(true)
                .build();
    }

    @Override
    public List<Mount> mounts() {
        return List.of(new Mount(
                PATH,
                Access.READ,
                Operation.of("mcp", "Speaks the Model Context Protocol")
                        .describedAs(
                                "Streamable HTTP, without sessions. The tool `cost_summary` says what a period cost.")
                        .body("application/json", "{\"type\":\"object\"}", "")
                        .json("The answer to a request.", "{\"type\":\"object\"}"),
                servlet));
    }

    @Override
    public void close() {
        server.close();
    }
}
