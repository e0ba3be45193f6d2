package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.service.AiServices;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.money.Usd;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.summary.Dimension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of LangChain4j whose calls budgets admit or refuse. */
class GuardedModelTest extends RecordingFixture {

    private int before;

    @BeforeEach
    void count() {
        before = providers.requests();
    }

    private CallGuard guard(String usd) {
        return guard(Map.of(), usd);
    }

    private CallGuard guard(Map<Dimension, String> filters, String usd) {
        Budget budget = new Budget("ours", filters, Budget.Period.MONTH, Usd.parse(usd), Optional.empty());
        return CallGuard.builder(BudgetGuard.of(ledger, budget), recorder)
                .maxDelay(Duration.ofSeconds(60))
                .build();
    }

    private ChatModel model(Provider provider, boolean http, String name, CallGuard guard) {
        return recording.guarded(provider.chat(recording, http, true, name), guard);
    }

    private StreamingChatModel streaming(Provider provider, boolean http, String name, CallGuard guard) {
        return recording.guarded(provider.streaming(recording, http, true, name), guard);
    }

    private Set<String> reservations() {
        return ledger.readerStates("budget-guard/open/").keySet();
    }

    private void assertNoneOpen() {
        long deadline = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (!reservations().isEmpty() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(reservations()).isEmpty();
    }

    private void assertAsked(int requests) {
        assertThat(providers.requests() - before).isEqualTo(requests);
    }

    @ParameterizedTest
    @EnumSource(names = "OLLAMA", mode = EnumSource.Mode.EXCLUDE)
    void callWithRoom_isMade_andItsRecordEndsItsReservation(Provider provider) throws Exception {
        CallGuard guard = guard("10");
        for (boolean http : new boolean[] {false, true}) {
            model(provider, http, provider.requested, guard).chat(request());
            stream(streaming(provider, http, provider.requested, guard)).get(30, TimeUnit.SECONDS);
        }
        assertThat(records(4)).hasSize(4);
        assertThat(reservations()).isEmpty();
        assertThat(guard.decisions().allowed() + guard.decisions().warned()).isEqualTo(4);
        assertThat(ledger.readerState("budget-guard/turn")).contains("4");
    }

    @ParameterizedTest
    @EnumSource(names = {"ANTHROPIC", "OPENAI", "RESPONSES"})
    void callWithoutRoom_isRefused_andNotMade(Provider provider) throws Exception {
        CallGuard guard = guard("0.000001");
        assertThatThrownBy(
                        () -> model(provider, false, provider.requested, guard).chat(request()))
                .isInstanceOf(BudgetExceededException.class)
                .hasMessageContaining("budget \"ours\" has no room");
        assertRefused(stream(streaming(provider, true, provider.requested, guard)));
        assertAsked(0);
        assertThat(records()).isEmpty();
        assertThat(reservations()).isEmpty();
        assertThat(guard.decisions().refused()).isEqualTo(2);
    }

    private static void assertRefused(CompletableFuture<?> answer) {
        assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class)
                .cause()
                .isInstanceOf(BudgetExceededException.class);
    }

    /** The provider refused it, so that it costs nothing. */
    @Test
    void callThatTheProviderRefuses_givesItsRoomBack() throws Exception {
        CallGuard guard = guard(Map.of(Dimension.PROVIDER, "openai"), "10");
        ChatModel model = model(Provider.OPENAI, false, FakeProviders.FAIL_429, guard);
        assertThatThrownBy(() -> model.chat(request())).isInstanceOf(RuntimeException.class);
        CompletableFuture<ChatResponse> answer =
                stream(streaming(Provider.OPENAI, true, FakeProviders.FAIL_429, guard));
        assertThatThrownBy(() -> answer.get(30, TimeUnit.SECONDS)).isInstanceOf(ExecutionException.class);
        assertAsked(2);
        assertThat(records(2)).hasSize(2);
        assertNoneOpen();
    }

    /** What was paid until it broke off is known, and recorded. */
    @Test
    void streamThatBreaksOff_endsItsReservationWithWhatCameOfIt() throws Exception {
        CompletableFuture<ChatResponse> unused =
                stream(streaming(Provider.ANTHROPIC, true, FakeProviders.CUT, guard("10")));
        assertThat(records(1))
                .singleElement()
                .satisfies(record -> assertThat(record.notes()).contains("output_incomplete"));
        assertNoneOpen();
    }

    /** Nobody is told the end of such a stream by a listener alone: its reservation is there until it expires. */
    @Test
    void streamWhoseEndNobodyTells_keepsItsReservation() throws Exception {
        CompletableFuture<ChatResponse> answer =
                stream(streaming(Provider.ANTHROPIC, false, FakeProviders.CUT, guard("10")));
        while (providers.requests() == before) {
            LockSupport.parkNanos(1_000_000);
        }
        assertThat(records()).isEmpty();
        assertThat(answer).isNotDone();
        assertThat(reservations()).hasSize(1);
    }

    @Test
    void callThatIsNotSent_givesItsRoomBack() {
        ChatModel model = recording.guarded(
                new ChatModel() {
                    @Override
                    public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
                        throw new IllegalStateException("before its listeners were told");
                    }

                    @Override
                    public List<ChatModelListener> listeners() {
                        return List.of(recording.chatListener());
                    }
                },
                guard("10"));
        assertThatThrownBy(() -> model.chat(request())).isInstanceOf(IllegalStateException.class);
        assertNoneOpen();
        assertThat(ledger.readerState("budget-guard/turn")).contains("1");
    }

    @Test
    void budgetOfATeam_isAboutItsCallsAlone() throws Exception {
        CallGuard guard = guard(Map.of(Dimension.attribute("team"), "search"), "0.000001");
        ChatModel model = model(Provider.OPENAI, false, Provider.OPENAI.requested, guard);
        model.chat(request());
        ChatRequestOptions search = ChatRequestOptions.builder()
                .listenerAttributes(Map.of("tokenledger.team", "search"))
                .build();
        assertThatThrownBy(() -> model.chat(request(), search)).isInstanceOf(BudgetExceededException.class);
        OUTSIDE.run(() -> assertThatThrownBy(() -> model.chat(request())).isInstanceOf(BudgetExceededException.class));
        assertAsked(1);
    }

    /** Of a service: whose call it is decides, each round is asked for, and the caller is told. */
    @ParameterizedTest
    @ValueSource(strings = {"user-7", "user-8"})
    void servicesConversation_hasABudget(String conversation) throws Exception {
        CallGuard guard = guard(Map.of(Dimension.CONVERSATION, "user-7"), "0.000001");
        ServiceRecordingTest.Assistant assistant = AiServices.builder(ServiceRecordingTest.Assistant.class)
                .chatModel(model(Provider.ANTHROPIC, false, Provider.ANTHROPIC.requested, guard))
                .tools(new ServiceRecordingTest.Tools())
                .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
                .registerListeners(recording.serviceListeners())
                .build();
        InvocationParameters none = InvocationParameters.from(Map.of());
        if (conversation.equals("user-7")) {
            assertThatThrownBy(() -> assistant.chat(conversation, "Which weather?", none))
                    .isInstanceOf(BudgetExceededException.class);
            assertAsked(0);
            assertThat(records()).isEmpty();
        } else {
            assertThat(assistant.chat(conversation, "Which weather?", none)).isEqualTo("Good day");
            assertAsked(2);
            assertThat(records(2)).hasSize(2);
        }
    }

    /** The first round uses the budget up, the second is refused, on the thread that read the answer of the first. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void streamedToolLoop_isRefusedInTheRoundThatPassesTheLimit(boolean http) throws Exception {
        // For each round 4096 × 8 / 10⁶ USD are reserved besides its input; the first answer costs half a thousandth or
        // Of Anthropic 1024 × 15 / 10⁶ USD are reserved for each round besides its input; the first has cost 0.02 or
        // more.
        CallGuard guard = guard("0.03");
        ServiceRecordingTest.StreamingAssistant assistant = AiServices.builder(
                        ServiceRecordingTest.StreamingAssistant.class)
                .streamingChatModel(streaming(Provider.ANTHROPIC, http, Provider.ANTHROPIC.requested, guard))
                .tools(new ServiceRecordingTest.Tools())
                .chatMemoryProvider(id -> MessageWindowChatMemory.withMaxMessages(10))
                .registerListeners(recording.serviceListeners())
                .build();
        CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
        assistant
                .chat("user-7", "Which weather?", InvocationParameters.from(Map.of()))
                .onPartialResponse(text -> {})
                .onCompleteResponse(answer::complete)
                .onError(answer::completeExceptionally)
                .start();
        assertRefused(answer);
        assertAsked(1);
        assertThat(records(1)).hasSize(1);
        assertNoneOpen();
    }

    @Test
    void modelWithoutTheListener_isNotGuarded() {
        CallGuard guard = guard("1");
        ChatModel without = Provider.OPENAI.chat(recording, true, false, "gpt-4.1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recording.guarded(without, guard))
                .withMessageContaining("recording.chatListener()");
        StreamingChatModel streaming = Provider.OPENAI.streaming(recording, true, false, "gpt-4.1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> recording.guarded(streaming, guard))
                .withMessageContaining("recording.chatListener()");
    }

    @Test
    void everythingElse_isTheModels() {
        CallGuard guard = guard("1");
        ChatModel inner = Provider.GEMINI.chat(recording, false, true, "gemini-flash-latest");
        ChatModel guarded = recording.guarded(inner, guard);
        assertThat(guarded.provider()).isEqualTo(inner.provider());
        assertThat(guarded.listeners()).isEqualTo(inner.listeners());
        assertThat(guarded.supportedCapabilities()).isEqualTo(inner.supportedCapabilities());
        assertThat(guarded.defaultRequestParameters()).isEqualTo(inner.defaultRequestParameters());
        StreamingChatModel innerStreaming = Provider.GEMINI.streaming(recording, false, true, "gemini-flash-latest");
        StreamingChatModel streaming = recording.guarded(innerStreaming, guard);
        assertThat(streaming.provider()).isEqualTo(innerStreaming.provider());
        assertThat(streaming.listeners()).isEqualTo(innerStreaming.listeners());
        assertThat(streaming.supportedCapabilities()).isEqualTo(innerStreaming.supportedCapabilities());
        assertThat(streaming.defaultRequestParameters()).isEqualTo(innerStreaming.defaultRequestParameters());
    }
}
