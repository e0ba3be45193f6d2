package dev.tokenledger.langchain4j;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.CallGuard.PlannedCall;
import dev.tokenledger.usage.Attribution;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Asks budgets before calls of models. A listener cannot refuse a call, because LangChain4j swallows what it throws, so that the
 * model is wrapped; the wrapper calls it on the thread that its listener is told of the request on, which takes the reservation
 * from here. Immutable, but for what each thread was promised.
 */
final class Admissions {

    /** What an attachment is taken for, an image or a page or two, in tokens: nobody counts those beforehand. */
    private static final long ATTACHMENT_TOKENS = 2_000;

    /** What a message takes besides its text. */
    private static final long MESSAGE_TOKENS = 8;

    private final ModelCalls calls;
    private final ServiceInvocations invocations;

    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable String> reserved = new ThreadLocal<>();

    Admissions(ModelCalls calls, ServiceInvocations invocations) {
        this.calls = calls;
        this.invocations = invocations;
    }

    /** What this thread was promised for the call that it is about to make, for the record of that call; empty if nothing. */
    String take() {
        String reservation = reserved.get();
        reserved.remove();
        return reservation == null ? "" : reservation;
    }

    /**
     * Asks for room for the call that this thread is about to make.
     *
     * @throws BudgetExceededException if a budget has none
     */
    void reserve(CallGuard guard, Planned call) {
        try {
            reserved.set(guard.admit(() -> planned(guard, call)));
        } catch (RuntimeException e) {
            // A service has told of the request already, which is never sent.
            invocations.take(call.request);
            calls.sent();
            throw e;
        }
    }

    /** The call was handed to its model. If nobody was told of a request, it failed before one was sent. */
    void releaseUntaken(CallGuard guard) {
        guard.release(take());
    }

    private PlannedCall planned(CallGuard guard, Planned call) {
        ChatRequestParameters parameters = call.request.parameters();
        ChatRequestParameters usual = call.usual;
        String model = ModelCalls.text(parameters.modelName());
        Integer most = parameters.maxOutputTokens();
        if (usual != null) {
            model = model.isEmpty() ? ModelCalls.text(usual.modelName()) : model;
            most = most == null ? usual.maxOutputTokens() : most;
        }
        Attribution attribution = ModelCalls.ofAttributes(call.attributes)
                .over(invocations.peek(call.request))
                .over(Attribution.current())
                .over(calls.everywhere());
        return new PlannedCall(
                attribution,
                calls.provider(call.provider),
                model,
                tokens(guard, call, parameters, usual),
                most == null ? 0 : most);
    }

    private static long tokens(
            CallGuard guard, Planned call, ChatRequestParameters parameters, @Nullable ChatRequestParameters usual) {
        long tokens = 0;
        for (ChatMessage message : call.request.messages()) {
            tokens += MESSAGE_TOKENS + tokens(guard, message);
        }
        List<ToolSpecification> tools = parameters.toolSpecifications();
        if ((tools == null || tools.isEmpty()) && usual != null) {
            tools = usual.toolSpecifications();
        }
        if (tools != null) {
            for (ToolSpecification tool : tools) {
                tokens += MESSAGE_TOKENS + guard.tokens(tool.toJson());
            }
        }
        return tokens;
    }

    private static long tokens(CallGuard guard, ChatMessage message) {
        if (message instanceof SystemMessage system) {
            return guard.tokens(ModelCalls.text(system.text()));
        }
        if (message instanceof UserMessage user) {
            return tokens(guard, user.contents());
        }
        if (message instanceof ToolExecutionResultMessage result) {
            return tokens(guard, result.contents());
        }
        if (message instanceof AiMessage answer) {
            long tokens = guard.tokens(ModelCalls.text(answer.text()))
                    + guard.tokens(ModelCalls.text(answer.thinking()))
                    + ATTACHMENT_TOKENS * answer.images().size();
            for (ToolExecutionRequest tool : answer.toolExecutionRequests()) {
                tokens += MESSAGE_TOKENS
                        + guard.tokens(ModelCalls.text(tool.name()))
                        + guard.tokens(ModelCalls.text(tool.arguments()));
            }
            return tokens;
        }
        return guard.tokens(message.toString());
    }

    private static long tokens(CallGuard guard, List<Content> contents) {
        long tokens = 0;
        for (Content content : contents) {
            tokens += content instanceof TextContent text
                    ? guard.tokens(ModelCalls.text(text.text()))
                    : ATTACHMENT_TOKENS;
        }
        return tokens;
    }

    /**
     * A call that is about to be made.
     *
     * @param usual what the model takes for what the request leaves open
     */
    record Planned(
            ChatRequest request,
            @Nullable ChatRequestParameters usual,
            @Nullable ModelProvider provider,
            Map<Object, Object> attributes) {

        static Planned of(ChatModel model, ChatRequest request, ChatRequestOptions options) {
            return new Planned(
                    request, model.defaultRequestParameters(), model.provider(), options.listenerAttributes());
        }

        static Planned of(StreamingChatModel model, ChatRequest request, ChatRequestOptions options) {
            return new Planned(
                    request, model.defaultRequestParameters(), model.provider(), options.listenerAttributes());
        }
    }

    /** Checks that the listener which takes the reservations is the model's. */
    void checkListener(List<?> listeners, ChatListener own) {
        if (Objects.requireNonNull(listeners, "listeners").stream().noneMatch(own::equals)) {
            throw new IllegalArgumentException(
                    "model: it has not the listener of this recording, which tells of the end of"
                            + " its calls; build it with listeners(List.of(recording.chatListener()))");
        }
    }
}
