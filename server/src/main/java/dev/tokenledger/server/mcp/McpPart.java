package dev.tokenledger.server.mcp;

import dev.tokenledger.server.http.Access;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Part;
import dev.tokenledger.server.http.RequestBody;
import dev.tokenledger.server.http.Route;
import dev.tokenledger.server.http.Services;
import dev.tokenledger.server.mcp.Conversation.Reply;
import io.javalin.http.Context;
import io.modelcontextprotocol.spec.McpSchema.ErrorCodes;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * The tools over streamable HTTP, at {@code /mcp}. Without sessions: every request stands for itself, so that clients that go
 * away leave nothing behind. Every answer is JSON, of 200 when it is the protocol's, of 4xx when the request was none.
 */
public final class McpPart implements Part {

    private static final String JSON = "application/json";

    /** What clients may accept; the protocol has them accept streams too, of which there are none here. */
    private static final Set<String> ACCEPTED = Set.of(JSON, "application/*", "*/*");

    private static final String VERSION = "MCP-Protocol-Version";

    private static final String INITIALIZE =
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"protocolVersion\":\"2025-11-25\","
                    + "\"capabilities\":{},\"clientInfo\":{\"name\":\"curl\",\"version\":\"8\"}}}";
    private static final String CALL =
            "{\"jsonrpc\":\"2.0\",\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"cost_summary\","
                    + "\"arguments\":{\"period\":\"month\",\"group_by\":\"model\"}}}";

    private static final String REQUEST = "{\"$ref\":\"#/components/schemas/McpMessage\"}";
    private static final String ANSWER = "{\"$ref\":\"#/components/schemas/McpAnswer\"}";

    private static final Operation OPERATION = Operation.of("mcp", "Speaks the Model Context Protocol")
            .describedAs(
                    "Streamable HTTP, without sessions. Tools say what a period cost (`cost_summary`), against another one (`compare_periods`), what there is to"
                            + " group by, how a call's cost came about, what a model's prices are, and how budgets stand."
                            + " Notifications are taken with a 202.")
            .body(JSON, REQUEST, INITIALIZE)
            .body(JSON, REQUEST, CALL)
            .json("The answer to a request.", ANSWER)
            .answer(202, "A notification was taken.", "", "")
            .answer(400, "It was no message, or a request that nobody can have meant.", JSON, ANSWER)
            .answer(406, "Accept leaves out application/json.", JSON, ANSWER)
            .answer(415, "Content-Type is not application/json.", JSON, ANSWER);

    private final Services services;
    private final Conversation conversation;

    /** The tools of these services' ledger. */
    public McpPart(Services services) {
        this.services = services;
        conversation = new Conversation(
                new Questions(services::ledger, services.budgets(), services.clock(), services.zone()).tools(),
                services.version());
    }

    @Override
    public List<Route> routes() {
        return List.of(Route.post("/mcp", Access.READ, OPERATION, this::answer));
    }

    private void answer(Context context) {
        @Nullable String version = context.header(VERSION);
        if (!RequestBody.mediaType(context).equals(JSON)) {
            refuse(context, HttpStatus.UNSUPPORTED_MEDIA_TYPE_415, "Content-Type: expected " + JSON);
        } else if (!accepts(context.header("Accept"))) {
            refuse(context, HttpStatus.NOT_ACCEPTABLE_406, "Accept: expected " + JSON + ", text/event-stream");
        } else if (version != null && !Conversation.VERSIONS.contains(version)) {
            refuse(
                    context,
                    HttpStatus.BAD_REQUEST_400,
                    VERSION + ": expected one of " + String.join(", ", Conversation.VERSIONS));
        } else {
            // Clients of the version with batches send no header, and those that send none are taken to speak it.
            boolean batches = version == null || version.equals(Conversation.VERSION_WITH_BATCHES);
            answer(context, RequestBody.read(context, services.limits()), batches);
        }
    }

    private void answer(Context context, byte[] message, boolean batches) {
        Reply reply = conversation.reply(
                message,
                batches,
                new Questions(
                        () -> services.ledger(context),
                        () -> services.budgets(context),
                        services.clock(),
                        services.zone()));
        if (reply instanceof Reply.Answer answer) {
            json(context, HttpStatus.OK_200, answer.json());
        } else if (reply instanceof Reply.Refusal refusal) {
            json(context, HttpStatus.BAD_REQUEST_400, refusal.json());
        } else if (reply instanceof Reply.Failure failure) {
            // The server tells its operator, and the client no more than that it failed.
            throw failure.cause();
        } else {
            context.status(HttpStatus.ACCEPTED_202);
        }
    }

    private static boolean accepts(@Nullable String stated) {
        return stated == null
                || Stream.of(stated.split(",", -1))
                        .map(range -> range.split(";", 2)[0].strip().toLowerCase(Locale.ROOT))
                        .anyMatch(ACCEPTED::contains);
    }

    private static void refuse(Context context, int status, String message) {
        json(context, status, Conversation.error(ErrorCodes.INVALID_REQUEST, message));
    }

    private static void json(Context context, int status, String json) {
        context.status(status).contentType(JSON).result(json);
    }

    @Override
    public void close() {
        conversation.close();
    }
}
