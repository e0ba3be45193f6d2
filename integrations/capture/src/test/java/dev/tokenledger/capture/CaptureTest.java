package dev.tokenledger.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.anthropic.client.AnthropicClient;
import com.anthropic.client.okhttp.AnthropicOkHttpClient;
import com.anthropic.models.messages.MessageCreateParams;
import com.google.genai.Client;
import com.google.genai.types.ClientOptions;
import com.google.genai.types.HttpOptions;
import com.openai.client.OpenAIClient;
import com.openai.client.okhttp.OpenAIOkHttpClient;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionStreamOptions;
import com.openai.models.responses.ResponseCreateParams;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.integrations.testing.FakeProviders.Truth;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeAsyncClient;
import software.amazon.awssdk.services.bedrockruntime.BedrockRuntimeClient;
import software.amazon.awssdk.services.bedrockruntime.model.BedrockRuntimeException;
import software.amazon.awssdk.services.bedrockruntime.model.ContentBlock;
import software.amazon.awssdk.services.bedrockruntime.model.ConversationRole;
import software.amazon.awssdk.services.bedrockruntime.model.ConverseStreamResponseHandler;
import software.amazon.awssdk.services.bedrockruntime.model.Message;

/** The real clients of providers, against a server that answers as those do. */
@Timeout(120)
class CaptureTest {

    private static final Attribution ATTRIBUTION = Attribution.builder()
            .conversation("c-1")
            .attribute("team", "search")
            .build();

    private static FakeProviders providers;

    private final LinkedBlockingQueue<CapturedCall> calls = new LinkedBlockingQueue<>();
    private final Capture capture = Capture.to(calls::add).build();

    @BeforeAll
    static void start() {
        providers = FakeProviders.start();
    }

    @AfterAll
    static void stop() {
        providers.close();
    }

    /** The one call that was captured, whatever thread its end was read on. */
    private CapturedCall one() throws InterruptedException {
        CapturedCall call = calls.poll(30, TimeUnit.SECONDS);
        assertThat(call).isNotNull();
        assertThat(calls).isEmpty();
        return call;
    }

    private UsageRecord whole(String provider, Truth truth) throws InterruptedException {
        CapturedCall call = one();
        assertThat(call.complete()).isTrue();
        assertThat(call.toRecords()).hasSize(1);
        UsageRecord record = call.toRecords().get(0);
        assertThat(record.identity().provider()).isEqualTo(provider);
        if (!truth.servedModel().isEmpty()) {
            assertThat(record.identity().upstreamModel()).isEqualTo(truth.servedModel());
        }
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(truth.input())
                        .output(truth.output())
                        .cacheCreation(truth.cacheWrite5m() + truth.cacheWrite1h())
                        .cacheCreation5m(truth.cacheWrite5m())
                        .cacheCreation1h(truth.cacheWrite1h())
                        .cacheRead(truth.cacheRead())
                        .reasoning(truth.reasoning())
                        .build());
        assertThat(record.serviceTier()).isEqualTo(truth.serviceTier());
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.conversationId()).isEqualTo("c-1");
        assertThat(record.attributes()).containsEntry("team", "search");
        assertThat(record.notes()).isEmpty();
        if (!call.responseId().isEmpty()) {
            assertThat(record.id().value()).isEqualTo(provider + ":" + call.responseId());
        }
        return record;
    }

    private OpenAIClient openAi(okhttp3.Interceptor interceptor) {
        return OpenAIOkHttpClient.builder()
                .apiKey("k")
                .baseUrl(providers.address() + "/v1")
                .maxRetries(0)
                .addInterceptor(interceptor)
                .build();
    }

    private static final ChatCompletionCreateParams CHAT = ChatCompletionCreateParams.builder()
            .model("gpt-4.1")
            .addUserMessage("hello")
            .build();

    @Test
    void openAi_chatAndResponses_inOnePieceAndStreamed() throws Exception {
        OpenAIClient client = openAi(OkHttpCapture.interceptor(capture));
        try (Attribution.Scope scope = ATTRIBUTION.open()) {
            assertThat(scope).isNotNull();
            client.chat().completions().create(CHAT);
            assertThat(whole("openai", FakeProviders.OPENAI).requestedModel()).isEqualTo("gpt-4.1");

            try (var stream = client.chat()
                    .completions()
                    .createStreaming(CHAT.toBuilder()
                            .streamOptions(ChatCompletionStreamOptions.builder()
                                    .includeUsage(true)
                                    .build())
                            .build())) {
                assertThat(stream.stream().count()).isPositive();
            }
            whole("openai", FakeProviders.OPENAI);

            ResponseCreateParams response = ResponseCreateParams.builder()
                    .model("gpt-4.1")
                    .input("hello")
                    .build();
            client.responses().create(response);
            whole("openai", FakeProviders.RESPONSES);
            try (var stream = client.responses().createStreaming(response)) {
                assertThat(stream.stream().count()).isPositive();
            }
            whole("openai", FakeProviders.RESPONSES);
        }
        client.close();
    }

    @Test
    void openAi_streamThatWasNotAskedForUsage_isNeverPricedInFull() throws Exception {
        OpenAIClient client = openAi(OkHttpCapture.interceptor(capture));
        try (var stream = client.chat().completions().createStreaming(CHAT)) {
            assertThat(stream.stream().count()).isPositive();
        }
        UsageRecord record = one().toRecords().get(0);

        assertThat(record.tokens()).isEqualTo(TokenCounts.NONE);
        assertThat(record.notes()).containsExactly("unpriced_member_usage_not_stated");
        assertThat(record.id().value()).startsWith("openai:chatcmpl-fake");
        client.close();
    }

    @Test
    void openAi_callInTheBackground_carriesWhatWasSetWhereItWasMade() throws Exception {
        OkHttpClient client =
                OkHttpCapture.install(new OkHttpClient.Builder(), capture, null).build();
        Request request = new Request.Builder()
                .url(providers.address() + "/v1/chat/completions")
                .post(RequestBody.create("{\"model\":\"gpt-4.1\"}", MediaType.get("application/json")))
                .build();
        ATTRIBUTION.run(() -> client.newCall(request).enqueue(new okhttp3.Callback() {
            @Override
            public void onFailure(okhttp3.Call call, IOException e) {
                throw new IllegalStateException(e);
            }

            @Override
            public void onResponse(okhttp3.Call call, Response response) throws IOException {
                try (response) {
                    response.body().string();
                }
            }
        }));
        whole("openai", FakeProviders.OPENAI);
        client.dispatcher().executorService().shutdown();
    }

    @Test
    void refusedCall_isOneWithoutTokens_onTheModelThatWasAskedFor() throws Exception {
        OpenAIClient client = openAi(OkHttpCapture.interceptor(capture));
        assertThatThrownBy(() -> client.chat()
                        .completions()
                        .create(CHAT.toBuilder().model(FakeProviders.FAIL_429).build()))
                .isInstanceOf(com.openai.errors.RateLimitException.class);
        CapturedCall call = one();

        assertThat(call.status()).isEqualTo(429);
        UsageRecord record = call.toRecords().get(0);
        assertThat(record.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(record.identity().upstreamModel()).isEqualTo(FakeProviders.FAIL_429);
        assertThat(record.notes()).containsExactly("http_429");
        assertThat(record.tokens()).isEqualTo(TokenCounts.NONE);
        client.close();
    }

    @Test
    void anthropic_messages_inOnePieceStreamedAndInTheBackground() throws Exception {
        AnthropicClient client = AnthropicOkHttpClient.builder()
                .apiKey("k")
                .baseUrl(providers.address().toString())
                .maxRetries(0)
                .addInterceptor(AnthropicCapture.interceptor(
                        capture,
                        Attribution.builder()
                                .conversation("c-1")
                                .attribute("team", "search")
                                .build()))
                .build();
        MessageCreateParams message = MessageCreateParams.builder()
                .model("claude-sonnet-4-5")
                .maxTokens(10)
                .addUserMessage("hello")
                .build();
        try (Attribution.Scope scope = ATTRIBUTION.open()) {
            assertThat(scope).isNotNull();
            client.messages().create(message);
            UsageRecord record = whole("anthropic", FakeProviders.ANTHROPIC);
            assertThat(record.calls()).containsEntry("web_search", 2L);
            assertThat(record.requestedModel()).isEqualTo("claude-sonnet-4-5");

            try (var stream = client.messages().createStreaming(message)) {
                assertThat(stream.stream().count()).isPositive();
            }
            whole("anthropic", FakeProviders.ANTHROPIC);

            // On a thread that sees no scope.
            client.async().messages().create(message).get(30, TimeUnit.SECONDS);
            whole("anthropic", FakeProviders.ANTHROPIC);
        }
        try (var stream = client.messages()
                .createStreaming(
                        message.toBuilder().model(FakeProviders.TALKATIVE).build())) {
            assertThat(stream.stream().findFirst()).isPresent();
        }
        CapturedCall left = one();
        assertThat(left.outcome()).isEqualTo(Outcome.CANCELED);
        UsageRecord early = left.toRecords().get(0);
        assertThat(early.notes()).containsExactly("output_incomplete");
        assertThat(early.tokens().cacheRead()).isEqualTo(FakeProviders.ANTHROPIC.cacheRead());

        try (var stream = client.messages()
                .createStreaming(message.toBuilder().model(FakeProviders.CUT).build())) {
            assertThat(stream.stream().count()).isNotNegative();
        } catch (RuntimeException e) {
            assertThat(e).isNotNull();
        }
        assertThat(one().toRecords().get(0).notes()).containsExactly("output_incomplete");
        client.close();
    }

    @Test
    void google_generateContent_inOnePieceAndStreamed() throws Exception {
        OkHttpClient http = new OkHttpClient.Builder()
                .addInterceptor(OkHttpCapture.interceptor(capture))
                .build();
        Client client = Client.builder()
                .apiKey("k")
                .httpOptions(HttpOptions.builder()
                        .baseUrl(providers.address().toString())
                        .build())
                .clientOptions(ClientOptions.builder().customHttpClient(http).build())
                .build();
        try (Attribution.Scope scope = ATTRIBUTION.open()) {
            assertThat(scope).isNotNull();
            client.models.generateContent("gemini-2.5-flash", "hello", null);
            whole("google", FakeProviders.GEMINI);
            try (var stream = client.models.generateContentStream("gemini-2.5-flash", "hello", null)) {
                stream.forEach(piece -> assertThat(piece).isNotNull());
            }
            whole("google", FakeProviders.GEMINI);
        }
    }

    @Test
    void bedrock_converse_inOnePieceAndStreamed() throws Exception {
        var credentials = StaticCredentialsProvider.create(AwsBasicCredentials.create("a", "b"));
        Message hello = Message.builder()
                .role(ConversationRole.USER)
                .content(ContentBlock.fromText("hello"))
                .build();
        String model = "anthropic.claude-sonnet-4-5-20250929-v1:0";
        try (BedrockRuntimeClient client = BedrockRuntimeClient.builder()
                        .region(Region.US_EAST_1)
                        .credentialsProvider(credentials)
                        .endpointOverride(providers.address())
                        .overrideConfiguration(o -> o.addExecutionInterceptor(AwsCapture.interceptor(capture)))
                        .build();
                BedrockRuntimeAsyncClient async = BedrockRuntimeAsyncClient.builder()
                        .httpClientBuilder(NettyNioAsyncHttpClient.builder().protocol(Protocol.HTTP1_1))
                        .region(Region.US_EAST_1)
                        .credentialsProvider(credentials)
                        .endpointOverride(providers.address())
                        .overrideConfiguration(o -> o.addExecutionInterceptor(AwsCapture.interceptor(capture)))
                        .build();
                Attribution.Scope scope = ATTRIBUTION.open()) {
            assertThat(scope).isNotNull();
            client.converse(request -> request.modelId(model).messages(hello));
            UsageRecord record = whole("aws.bedrock", FakeProviders.BEDROCK);
            assertThat(record.identity().model()).isEqualTo(model);

            async.converseStream(
                            request -> request.modelId(model).messages(hello),
                            ConverseStreamResponseHandler.builder()
                                    .subscriber(ConverseStreamResponseHandler.Visitor.builder()
                                            .build())
                                    .build())
                    .get(30, TimeUnit.SECONDS);
            whole("aws.bedrock", FakeProviders.BEDROCK);

            assertThatThrownBy(() -> client.converse(request -> request.modelId(FakeProviders.FAIL_429)
                            .messages(hello)
                            .overrideConfiguration(o -> o.apiCallTimeout(java.time.Duration.ofSeconds(30)))))
                    .isInstanceOf(BedrockRuntimeException.class);
        }
        assertThat(calls).isNotEmpty().allMatch(call -> call.status() == 429 && call.outcome() == Outcome.ERROR);
    }

    private HttpRequest request(String path, String body) {
        return HttpRequest.newBuilder(URI.create(providers.address() + path))
                .POST(BodyPublishers.ofString(body))
                .build();
    }

    @Test
    void javaNetHttp_whateverTheBodyIsReadAs() throws Exception {
        HttpClient client = JdkHttpCapture.client(HttpClient.newHttpClient(), capture);
        HttpRequest chat = request(
                "/v1/chat/completions",
                "{\"stream\":true,\"model\":\"gpt-4.1\",\"stream_options\":{\"include_usage\":true},\"messages\":[]}");
        try (Attribution.Scope scope = ATTRIBUTION.open()) {
            assertThat(scope).isNotNull();
            client.send(chat, BodyHandlers.ofString());
            assertThat(whole("openai", FakeProviders.OPENAI).requestedModel()).isEqualTo("gpt-4.1");
            HttpResponse<java.util.stream.Stream<String>> lines = client.send(chat, BodyHandlers.ofLines());
            assertThat(lines.body().count()).isPositive();
            whole("openai", FakeProviders.OPENAI);
            client.sendAsync(request("/api/chat", "{\"model\":\"gpt-oss:20b\"}"), BodyHandlers.ofByteArray())
                    .get(30, TimeUnit.SECONDS);
            whole("ollama", FakeProviders.OLLAMA);
        }
        HttpResponse<java.io.InputStream> talkative = client.send(
                request("/v1/messages", "{\"model\":\"talkative\",\"stream\":true}"), BodyHandlers.ofInputStream());
        assertThat(talkative.body().read()).isPositive();
        talkative.body().close();
        CapturedCall left = one();
        assertThat(left.requestedModel()).isEqualTo("talkative");
        assertThat(client.send(request("/other", ""), BodyHandlers.ofString()).statusCode())
                .isEqualTo(404);
        assertThat(calls).isEmpty();
    }

    @Test
    void listenerThatThrows_isCounted_andTheCallGoesOn() throws Exception {
        Capture broken = Capture.to(call -> {
                    throw new IllegalStateException("broken");
                })
                .build();
        HttpClient client = JdkHttpCapture.client(HttpClient.newHttpClient(), broken);
        HttpResponse<String> answer =
                client.send(request("/v1/messages", "{\"model\":\"claude-sonnet-4-5\"}"), BodyHandlers.ofString());

        assertThat(answer.body()).contains("Good day");
        assertThat(broken.unread()).isEqualTo(1);
    }

    @Test
    void routes_ofOnesOwn_goFirst() {
        Capture own = Capture.to(calls::add)
                .route(uri -> uri.getPath().startsWith("/gateway")
                        ? Optional.of(new Route("groq", "openai-chat", ""))
                        : Optional.empty())
                .build();

        assertThat(own.begin(() -> URI.create("http://x/gateway"), Attribution.NONE))
                .isPresent();
        assertThat(own.begin(() -> URI.create("http://x/other"), Attribution.NONE))
                .isEmpty();
        assertThat(Route.of(URI.create("https://my.openai.azure.com/openai/deployments/my%20gpt/chat/completions?a=b")))
                .contains(new Route("azure", "openai-chat", "my gpt"));
        assertThat(Route.of(URI.create("https://api.mistral.ai/v1/chat/completions")))
                .contains(new Route("mistral", "mistral", ""));
    }

    @Test
    void requestModel_isTheOutermostOne_whereverItStands() {
        for (String body : List.of(
                "{\"model\":\"m-1\",\"messages\":[{\"model\":\"x\"}]}",
                "{\"messages\":[{\"model\":\"x\",\"content\":\"\\\"model\\\":\\\"y\\\"\"},\"model\",\"z\"],\"n\":1, \"model\" : \"m-1\"}",
                "{\"a\":{\"model\":\"x\"},\"b\":\"model\",\"model\":\"m-1\"}")) {
            RequestModel model = new RequestModel();
            for (byte b : body.getBytes(StandardCharsets.UTF_8)) {
                model.bytes(new byte[] {b}, 0, 1);
            }
            assertThat(model.model()).as(body).isEqualTo("m-1");
        }
    }
}
