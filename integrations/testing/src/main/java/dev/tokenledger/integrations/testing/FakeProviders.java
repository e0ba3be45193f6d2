package dev.tokenledger.integrations.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32;

/**
 * A server on the loopback address that answers as Anthropic (messages), OpenAI (chat, responses, embeddings), Ollama, Google
 * (Gemini) and Bedrock (Converse) do: in one piece, or streamed if the request asks for that. Every answer has an id of its own.
 *
 * <p>The requested model decides what else happens: {@value #FAIL_429} is refused with that status, {@value #CUT} breaks a
 * stream off after its beginning, {@value #TALKATIVE} streams {@value #TALKATIVE_PIECES} pieces. A request with tools and no result
 * of one yet is answered with a call of the first tool, so that a client that runs tools makes two calls.
 *
 * <p>What is true of an answer stands in {@link #ANTHROPIC}, {@link #OPENAI} and so on, as {@link Truth} has it.
 */
public final class FakeProviders implements AutoCloseable {

    /** A model whose calls are refused: too many. */
    public static final String FAIL_429 = "fail-429";

    /** A model whose streams break off. */
    public static final String CUT = "cut-off";

    /** A model whose streams have many pieces. */
    public static final String TALKATIVE = "talkative";

    /** How many those are. */
    public static final int TALKATIVE_PIECES = 500;

    /** What every answer of a kind states, in disjoint counts: cached tokens are not in the input. */
    public record Truth(
            String servedModel,
            long input,
            long output,
            long cacheRead,
            long cacheWrite5m,
            long cacheWrite1h,
            long reasoning,
            String serviceTier) {}

    /** Messages; two web searches are paid besides. */
    public static final Truth ANTHROPIC = new Truth("claude-sonnet-4-5-20250929", 31, 17, 5_200, 70, 30, 0, "priority");

    /** Chat. */
    public static final Truth OPENAI = new Truth("gpt-4.1-2025-04-14", 84, 61, 36, 0, 0, 23, "flex");

    /** Responses. */
    public static final Truth RESPONSES = new Truth("gpt-4.1-2025-04-14", 90, 44, 20, 0, 0, 12, "default");

    /** Gemini; its output includes what it thought. */
    public static final Truth GEMINI = new Truth("gemini-2.5-flash", 310, 95, 190, 0, 0, 65, "");

    /** Ollama. */
    public static final Truth OLLAMA = new Truth("gpt-oss:20b", 28, 11, 0, 0, 0, 0, "");

    /** Converse. */
    public static final Truth BEDROCK = new Truth("", 27, 14, 3_900, 45, 55, 0, "priority");

    /** Ollama's embeddings. */
    public static final Truth OLLAMA_EMBEDDING = new Truth("all-minilm", 9, 0, 0, 0, 0, 0, "");

    /** Embeddings. */
    public static final Truth EMBEDDING = new Truth("text-embedding-3-small", 19, 0, 0, 0, 0, 0, "");

    private final HttpServer server;
    private final ExecutorService executor;
    private final AtomicInteger answers = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();

    private FakeProviders(HttpServer server, ExecutorService executor) {
        this.server = server;
        this.executor = executor;
    }

    /** Starts on a free port. */
    public static FakeProviders start() {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            ExecutorService executor = Executors.newCachedThreadPool(task -> {
                Thread thread = new Thread(task, "fake-providers");
                thread.setDaemon(true);
                return thread;
            });
            FakeProviders fake = new FakeProviders(server, executor);
            server.setExecutor(executor);
            server.createContext("/", fake::handle);
            server.start();
            return fake;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address without a path, as {@code http://127.0.0.1:PORT}. */
    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** How many requests came so far. */
    public int requests() {
        return requests.get();
    }

    @Override
    public void close() {
        server.stop(0);
        executor.shutdownNow();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.incrementAndGet();
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            String path = exchange.getRequestURI().getPath();
            String compact = body.replace(" ", "");
            if (compact.contains('"' + FAIL_429 + '"') || path.contains(FAIL_429)) {
                json(
                        exchange,
                        429,
                        "{'type':'error','error':{'type':'rate_limit_error','message':'too many','code':429}}");
                return;
            }
            boolean stream = compact.contains("\"stream\":true");
            boolean tool = compact.contains("\"tools\":[{")
                    && !compact.contains("tool_result")
                    && !compact.contains("\"role\":\"tool\"");
            int count = compact.contains('"' + TALKATIVE + '"') ? TALKATIVE_PIECES : 2;
            boolean cut = compact.contains('"' + CUT + '"');
            int number = answers.incrementAndGet();
            if (path.endsWith("/messages")) {
                answer(exchange, stream, cut, anthropic(number, stream, tool, count));
            } else if (path.endsWith("/chat/completions")) {
                answer(
                        exchange,
                        stream,
                        cut,
                        openai(number, stream, tool, count, compact.contains("\"include_usage\":true")));
            } else if (path.endsWith("/responses")) {
                answer(exchange, stream, cut, responses(number, stream));
            } else if (path.endsWith("/embeddings")) {
                json(
                        exchange,
                        200,
                        "{'object':'list','data':[{'object':'embedding','index':0,'embedding':[0.25,-0.5,0.125]}],"
                                + "'model':'text-embedding-3-small','usage':{'prompt_tokens':19,'total_tokens':19}}");
            } else if (path.endsWith(":generateContent")) {
                json(exchange, 200, gemini(number, true));
            } else if (path.endsWith(":streamGenerateContent")) {
                List<String> pieces = List.of(gemini(number, false), gemini(number, true));
                sse(exchange, cut || path.contains(CUT) ? pieces.subList(0, 1) : pieces);
            } else if (path.endsWith("/api/chat")) {
                ollama(exchange, !compact.contains("\"stream\":false"), cut);
            } else if (path.endsWith("/api/embed")) {
                json(
                        exchange,
                        200,
                        "{'model':'all-minilm','embeddings':[[0.5,-0.25]],'total_duration':14,'load_duration':1,"
                                + "'prompt_eval_count':9}");
            } else if (path.endsWith("/converse")) {
                json(
                        exchange,
                        200,
                        "{'output':{'message':{'role':'assistant','content':[{'text':'Good day'}]}},'stopReason':'end_turn',"
                                + CONVERSE_USAGE + "}");
            } else if (path.endsWith("/converse-stream")) {
                converseStream(exchange);
            } else {
                json(exchange, 404, "{'error':{'message':'no such route'}}");
            }
        }
    }

    private static String quoted(String text) {
        return text.replace('\'', '"');
    }

    private static void json(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = quoted(text).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** One text is a body, several are events; the last of them are left out where a stream breaks off. */
    private static void answer(HttpExchange exchange, boolean stream, boolean cut, List<String> texts)
            throws IOException {
        if (stream) {
            sse(exchange, cut ? texts.subList(0, 2) : texts);
        } else {
            json(exchange, 200, texts.get(0));
        }
    }

    private static void sse(HttpExchange exchange, List<String> events) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "text/event-stream");
        exchange.sendResponseHeaders(200, 0);
        for (String event : events) {
            String text = quoted(event);
            int at = text.startsWith("{\"type\":\"") ? "{\"type\":\"".length() : -1;
            String name = at < 0 ? "" : "event: " + text.substring(at, text.indexOf('"', at)) + "\n";
            exchange.getResponseBody().write((name + "data: " + text + "\n\n").getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
        }
    }

    private static List<String> anthropic(int number, boolean stream, boolean tool, int pieces) {
        String usage =
                "{'input_tokens':31,'cache_creation_input_tokens':100,'cache_read_input_tokens':5200,'cache_creation':"
                        + "{'ephemeral_5m_input_tokens':70,'ephemeral_1h_input_tokens':30},'output_tokens':OUT,'service_tier':'priority',"
                        + "'server_tool_use':{'web_search_requests':2}}";
        String head = "'id':'msg_01fake" + id(number)
                + "','type':'message','role':'assistant','model':'claude-sonnet-4-5-20250929',";
        String toolUse = "{'type':'tool_use','id':'toolu_1','name':'weather','input':";
        String reason = tool ? "tool_use" : "end_turn";
        if (!stream) {
            return List.of("{" + head + "'content':["
                    + (tool ? toolUse + "{'city':'Oslo'}}" : "{'type':'text','text':'Good day'}")
                    + "],'stop_reason':'" + reason + "','stop_sequence':null,'usage':" + usage.replace("OUT", "17")
                    + "}");
        }
        List<String> events = new ArrayList<>();
        events.add("{'type':'message_start','message':{" + head
                + "'content':[],'stop_reason':null,'stop_sequence':null,'usage':" + usage.replace("OUT", "2") + "}}");
        events.add("{'type':'content_block_start','index':0,'content_block':"
                + (tool ? toolUse + "{}}" : "{'type':'text','text':''}") + "}");
        String delta = tool
                ? "{'type':'input_json_delta','partial_json':'{\\'city\\':\\'Oslo\\'}'}"
                : "{'type':'text_delta','text':'Good '}";
        for (int i = 0; i < (tool ? 1 : pieces); i++) {
            events.add("{'type':'content_block_delta','index':0,'delta':" + delta + "}");
        }
        events.add("{'type':'content_block_stop','index':0}");
        events.add("{'type':'message_delta','delta':{'stop_reason':'" + reason
                + "','stop_sequence':null},'usage':{'output_tokens':17}}");
        events.add("{'type':'message_stop'}");
        return events;
    }

    private static List<String> openai(int number, boolean stream, boolean tool, int pieces, boolean includeUsage) {
        String usage = "'usage':{'prompt_tokens':120,'completion_tokens':61,'total_tokens':181,'prompt_tokens_details':"
                + "{'cached_tokens':36,'audio_tokens':0},'completion_tokens_details':{'reasoning_tokens':23,'audio_tokens':0,"
                + "'accepted_prediction_tokens':0,'rejected_prediction_tokens':0}}";
        String head = "{'id':'chatcmpl-fake" + id(number)
                + "','created':1790000000,'model':'gpt-4.1-2025-04-14','service_tier':'flex',";
        String function = "'type':'function','function':{'name':'weather','arguments':'{\\'city\\':\\'Oslo\\'}'}}]";
        String reason = tool ? "tool_calls" : "stop";
        if (!stream) {
            return List.of(
                    head + "'object':'chat.completion','choices':[{'index':0,'message':{'role':'assistant','content':"
                            + (tool ? "null,'tool_calls':[{'id':'call_1'," + function : "'Good day'")
                            + ",'refusal':null},'logprobs':null,'finish_reason':'" + reason + "'}]," + usage + "}");
        }
        String chunk = head + "'object':'chat.completion.chunk','choices':[";
        List<String> events = new ArrayList<>();
        for (int i = 0; i < (tool ? 1 : pieces); i++) {
            events.add(chunk + "{'index':0,'delta':{'role':'assistant','content':"
                    + (tool ? "null,'tool_calls':[{'index':0,'id':'call_1'," + function : "'Good '")
                    + "},'finish_reason':null}]}");
        }
        events.add(chunk + "{'index':0,'delta':{},'finish_reason':'" + reason + "'}]}");
        if (includeUsage) {
            events.add(chunk + "]," + usage + "}");
        }
        events.add("[DONE]");
        return events;
    }

    private static List<String> responses(int number, boolean stream) {
        String head = "{'id':'resp_fake" + id(number) + "','object':'response','created_at':1790000000,'error':null,"
                + "'incomplete_details':null,'instructions':null,'metadata':{},'model':'gpt-4.1-2025-04-14','parallel_tool_calls':true,"
                + "'temperature':1.0,'tool_choice':'auto','tools':[],'top_p':1.0,'service_tier':'default',";
        String whole =
                head + "'status':'completed','output':[{'id':'msg_1','type':'message','role':'assistant','status':"
                        + "'completed','content':[{'type':'output_text','text':'Good day','annotations':[]}]}],'usage':{'input_tokens':110,"
                        + "'input_tokens_details':{'cached_tokens':20},'output_tokens':44,'output_tokens_details':{'reasoning_tokens':12},"
                        + "'total_tokens':154}}";
        if (!stream) {
            return List.of(whole);
        }
        return List.of(
                "{'type':'response.created','sequence_number':0,'response':" + head
                        + "'status':'in_progress','output':[],'usage':null}}",
                "{'type':'response.output_item.added','sequence_number':1,'output_index':0,'item':{'id':'msg_1','type':'message',"
                        + "'role':'assistant','status':'in_progress','content':[]}}",
                "{'type':'response.output_text.delta','sequence_number':2,'item_id':'msg_1','output_index':0,'content_index':0,"
                        + "'delta':'Good day','logprobs':[]}",
                "{'type':'response.completed','sequence_number':3,'response':" + whole + "}");
    }

    private static String gemini(int number, boolean last) {
        return "{'candidates':[{'content':{'parts':[{'text':'Good day'}],'role':'model'},"
                + (last ? "'finishReason':'STOP'," : "") + "'index':0}],'usageMetadata':"
                + (last
                        ? "{'promptTokenCount':500,'candidatesTokenCount':30,'thoughtsTokenCount':65,'cachedContentTokenCount':190,"
                                + "'totalTokenCount':595}"
                        : "{'promptTokenCount':500,'candidatesTokenCount':4,'totalTokenCount':504}")
                + ",'modelVersion':'gemini-2.5-flash','responseId':'fakegemini" + id(number) + "'}";
    }

    private static void ollama(HttpExchange exchange, boolean stream, boolean cut) throws IOException {
        String head =
                "{'model':'gpt-oss:20b','created_at':'2026-11-01T00:00:00Z','message':{'role':'assistant','content':'";
        String end =
                "'},'done_reason':'stop','done':true,'total_duration':5000000,'prompt_eval_count':28,'eval_count':11}";
        if (!stream) {
            json(exchange, 200, head + "Good day" + end);
            return;
        }
        exchange.getResponseHeaders().set("Content-Type", "application/x-ndjson");
        exchange.sendResponseHeaders(200, 0);
        List<String> lines = List.of(head + "Good day'},'done':false}", head + end);
        for (String line : cut ? lines.subList(0, 1) : lines) {
            exchange.getResponseBody().write((quoted(line) + "\n").getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
        }
    }

    private static final String CONVERSE_USAGE =
            "'usage':{'inputTokens':27,'outputTokens':14,'totalTokens':4041,'cacheReadInputTokens':3900,'cacheWriteInputTokens':100,"
                    + "'cacheDetails':[{'ttl':'5m','inputTokens':45},{'ttl':'1h','inputTokens':55}]},'metrics':{'latencyMs':9},"
                    + "'serviceTier':{'type':'priority'}";

    private static void converseStream(HttpExchange exchange) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/vnd.amazon.eventstream");
        exchange.sendResponseHeaders(200, 0);
        List<List<String>> events = List.of(
                List.of("messageStart", "{'role':'assistant'}"),
                List.of("contentBlockDelta", "{'contentBlockIndex':0,'delta':{'text':'Good day'}}"),
                List.of("contentBlockStop", "{'contentBlockIndex':0}"),
                List.of("messageStop", "{'stopReason':'end_turn'}"),
                List.of("metadata", "{" + CONVERSE_USAGE + "}"));
        for (List<String> event : events) {
            exchange.getResponseBody().write(frame(event.get(0), quoted(event.get(1))));
            exchange.getResponseBody().flush();
        }
    }

    /** A frame of AWS's event stream: lengths and their checksum, headers, payload, checksum of all. */
    private static byte[] frame(String type, String payload) throws IOException {
        ByteArrayOutputStream headers = new ByteArrayOutputStream();
        DataOutputStream header = new DataOutputStream(headers);
        for (List<String> stated : Arrays.asList(
                List.of(":event-type", type),
                List.of(":content-type", "application/json"),
                List.of(":message-type", "event"))) {
            header.writeByte(stated.get(0).length());
            header.writeBytes(stated.get(0));
            header.writeByte(7);
            header.writeShort(stated.get(1).length());
            header.writeBytes(stated.get(1));
        }
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(frame);
        out.writeInt(16 + headers.size() + bytes.length);
        out.writeInt(headers.size());
        out.writeInt(checksum(frame.toByteArray()));
        out.write(headers.toByteArray());
        out.write(bytes);
        out.writeInt(checksum(frame.toByteArray()));
        return frame.toByteArray();
    }

    private static int checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }

    /** Long enough to be taken for unique. */
    private static String id(int number) {
        String digits = Integer.toString(number);
        return "0123456789abcdef0123".substring(digits.length()) + digits;
    }
}
