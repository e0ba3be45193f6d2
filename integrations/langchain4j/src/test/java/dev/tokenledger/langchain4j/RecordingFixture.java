package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.integrations.testing.FakeProviders.Truth;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.Attribution;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What tests of recordings have in common: a server that answers as the providers do, a ledger, a recorder and a recording. */
@Timeout(120)
abstract class RecordingFixture {

    static final Attribution OUTSIDE =
            Attribution.builder().session("s-1").attribute("team", "search").build();

    static FakeProviders providers;

    @TempDir
    Path folder;

    final Ledger ledger = InMemoryLedger.open(PriceBook.bundled());
    final List<String> problems = Collections.synchronizedList(new ArrayList<>());
    Recorder recorder;
    LangChain4jRecording recording;

    @BeforeAll
    static void start() {
        providers = FakeProviders.start();
    }

    @AfterAll
    static void stop() {
        providers.close();
    }

    @BeforeEach
    void open() throws IOException {
        recorder = Recorder.builder(ledger, folder.resolve("spool"))
                .maxDelay(Duration.ofSeconds(30))
                .problems(problems::add)
                .build();
        recording = LangChain4jRecording.to(recorder).build();
    }

    @AfterEach
    void close() {
        recorder.close();
        ledger.close();
    }

    /** The address of the server that answers as the providers do. */
    static String base() {
        return providers.address().toString();
    }

    final List<UsageRecord> records() throws InterruptedException {
        assertThat(recorder.flush(Duration.ofMinutes(1))).isTrue();
        return recordsOf(ledger);
    }

    static List<UsageRecord> recordsOf(Ledger ledger) {
        return ledger.records(RecordQuery.over(TimeWindow.all()).limit(100).build()).entries().stream()
                .map(entry -> entry.record())
                .toList();
    }

    /** For what ends on a thread of the client's: nothing tells when. */
    final List<UsageRecord> records(int expected) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (records().size() < expected && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        return records();
    }

    static void assertTrue(UsageRecord record, Provider provider, boolean raw) {
        Truth truth = provider.truth;
        boolean split = raw;
        assertThat(record.tokens())
                .isEqualTo(TokenCounts.builder()
                        .input(truth.input())
                        .output(truth.output())
                        .cacheCreation(truth.cacheWrite5m() + truth.cacheWrite1h())
                        .cacheCreation5m(split ? truth.cacheWrite5m() : 0)
                        .cacheCreation1h(split ? truth.cacheWrite1h() : 0)
                        .cacheRead(truth.cacheRead())
                        .reasoning(truth.reasoning())
                        .build());
        assertThat(record.identity().provider()).isEqualTo(provider.canonical);
        assertThat(record.identity().upstreamModel()).isEqualTo(truth.servedModel());
        assertThat(record.requestedModel()).isEqualTo(provider.requested);
        assertThat(record.serviceTier()).isEqualTo(raw ? truth.serviceTier() : "");
        assertThat(record.calls())
                .isEqualTo(provider == Provider.ANTHROPIC && raw ? Map.of("web_search", 2L) : Map.of());
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.source()).isEqualTo("langchain4j");
        assertThat(record.timestamp()).isPresent();
        assertThat(record.duration()).isPresent();
        if (provider == Provider.OLLAMA) {
            assertThat(record.upstreamRequestId()).isEmpty();
        } else {
            assertThat(record.upstreamRequestId()).contains("fake");
            assertThat(record.id().value()).isEqualTo(provider.canonical + ":" + record.upstreamRequestId());
        }
        assertThat(record.notes().contains("usage_by_framework")).isEqualTo(!raw);
    }

    static ChatRequest request() {
        return ChatRequest.builder().messages(UserMessage.from("How are you?")).build();
    }

    static CompletableFuture<ChatResponse> stream(StreamingChatModel model) {
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
        model.chat(request(), handler(answer));
        return answer;
    }

    static StreamingChatResponseHandler handler(CompletableFuture<ChatResponse> answer) {
        return new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String text) {}

            @Override
            public void onCompleteResponse(ChatResponse response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                answer.completeExceptionally(error);
            }
        };
    }

    static void assertRefused(UsageRecord record, Provider provider) {
        assertThat(record.outcome()).isEqualTo(Outcome.ERROR);
        assertThat(record.tokens()).isEqualTo(TokenCounts.NONE);
        assertThat(record.notes()).containsExactly("http_429");
        assertThat(record.identity().provider()).isEqualTo(provider.canonical);
        assertThat(record.identity().upstreamModel()).isEqualTo(FakeProviders.FAIL_429);
    }
}
