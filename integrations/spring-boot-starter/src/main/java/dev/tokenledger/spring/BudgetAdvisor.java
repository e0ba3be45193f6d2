package dev.tokenledger.spring;

import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.CallGuard.PlannedCall;
import dev.tokenledger.usage.Attribution;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.ai.chat.client.ChatClientRequest;
import org.springframework.ai.chat.client.ChatClientResponse;
import org.springframework.ai.chat.client.advisor.api.CallAdvisor;
import org.springframework.ai.chat.client.advisor.api.CallAdvisorChain;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisor;
import org.springframework.ai.chat.client.advisor.api.StreamAdvisorChain;
import org.springframework.ai.chat.messages.AssistantMessage;
import org.springframework.ai.chat.messages.Message;
import org.springframework.ai.chat.messages.ToolResponseMessage;
import org.springframework.ai.chat.prompt.ChatOptions;
import org.springframework.ai.content.MediaContent;
import org.springframework.ai.model.tool.ToolCallingChatOptions;
import org.springframework.ai.tool.ToolCallback;
import org.springframework.ai.tool.definition.ToolDefinition;
import org.springframework.core.Ordered;
import reactor.core.publisher.Flux;

/**
 * Has a chat client's calls made once their budgets admit them, each round of a tool loop by itself: it stands right before the
 * model. A call for which there is no room is not made and fails with a {@link BudgetExceededException}. What is reserved ends with
 * the record of the call; if the call failed in a way that leaves open what it cost, it expires.
 *
 * <p>The starter gives it to every {@code ChatClient.Builder} that Spring makes; give it to others by {@code
 * defaultAdvisors(advisor)}. Immutable and safe for use by many threads.
 */
public final class BudgetAdvisor implements CallAdvisor, StreamAdvisor {

    /** The parameter that hands what was reserved to the observation of the model's call. */
    static final String RESERVED = "dev.tokenledger.reserved";

    /** What an attachment is taken for, an image or a page or two, in tokens: nobody counts those beforehand. */
    private static final long ATTACHMENT_TOKENS = 2_000;

    /** What a message or tool takes besides its text. */
    private static final long MESSAGE_TOKENS = 8;

    private static final String MODELS = "org.springframework.ai.";

    private final CallGuard guard;
    private final Attribution everywhere;

    /** Room for one call, and whether an observation will tell of its end. */
    static final class Reserved {

        private final String name;
        private final AtomicBoolean begun = new AtomicBoolean();

        private Reserved(String name) {
            this.name = name;
        }

        /** The call begins, and its end will be told; the name of the reservation is for the first who asks. */
        String begin() {
            return begun.compareAndSet(false, true) ? name : "";
        }
    }

    /**
     * An advisor.
     *
     * @param everywhere what is said of calls that do not say it themselves, as of the records
     */
    public BudgetAdvisor(CallGuard guard, Attribution everywhere) {
        this.guard = Objects.requireNonNull(guard, "guard");
        this.everywhere = Objects.requireNonNull(everywhere, "everywhere");
    }

    @Override
    public String getName() {
        return "tokenledger-budgets";
    }

    /** Behind the advisor that runs tools, so that it is asked in each round, and before the model. */
    @Override
    public int getOrder() {
        return Ordered.LOWEST_PRECEDENCE - 1;
    }

    @Override
    public ChatClientResponse adviseCall(ChatClientRequest request, CallAdvisorChain chain) {
        Reserved reserved = reserve(request);
        try {
            return chain.nextCall(carrying(request, reserved));
        } finally {
            releaseUnlessBegun(reserved);
        }
    }

    @Override
    public Flux<ChatClientResponse> adviseStream(ChatClientRequest request, StreamAdvisorChain chain) {
        return Flux.defer(() -> {
            Reserved reserved = reserve(request);
            return chain.nextStream(carrying(request, reserved)).doFinally(end -> releaseUnlessBegun(reserved));
        });
    }

    private Reserved reserve(ChatClientRequest request) {
        return new Reserved(guard.admit(() -> planned(request)));
    }

    private static ChatClientRequest carrying(ChatClientRequest request, Reserved reserved) {
        return request.mutate().context(RESERVED, reserved).build();
    }

    /** Nobody observed a call: it was not made. */
    private void releaseUnlessBegun(Reserved reserved) {
        guard.release(reserved.begin());
    }

    private PlannedCall planned(ChatClientRequest request) {
        ChatOptions options = request.prompt().getOptions();
        Integer most = options == null ? null : options.getMaxTokens();
        return new PlannedCall(
                SpringAiRecords.attribution(request.context())
                        .over(Attribution.current())
                        .over(everywhere),
                provider(options),
                options == null ? "" : SpringAiRecords.text(options.getModel()),
                tokens(request),
                most == null ? 0 : most);
    }

    /** Whose options they are, by the name of their package: {@code org.springframework.ai.anthropic}. */
    private static String provider(@Nullable ChatOptions options) {
        String type = options == null ? "" : options.getClass().getName();
        if (!type.startsWith(MODELS)) {
            return "";
        }
        String name = type.substring(MODELS.length(), type.indexOf('.', MODELS.length()));
        // What all models share are no provider's.
        return switch (name) {
            case "chat", "model" -> "";
            default -> name;
        };
    }

    /** Nearly everything may be absent. */
    private long tokens(ChatClientRequest request) {
        long tokens = 0;
        for (Message message : request.prompt().getInstructions()) {
            tokens += MESSAGE_TOKENS + tokens(message.getText());
            if (message instanceof MediaContent media && media.getMedia() != null) {
                tokens += ATTACHMENT_TOKENS * media.getMedia().size();
            }
            if (message instanceof AssistantMessage answer && answer.hasToolCalls()) {
                for (AssistantMessage.ToolCall tool : answer.getToolCalls()) {
                    tokens += MESSAGE_TOKENS + tokens(tool.name()) + tokens(tool.arguments());
                }
            }
            if (message instanceof ToolResponseMessage results) {
                for (ToolResponseMessage.ToolResponse result : results.getResponses()) {
                    tokens += MESSAGE_TOKENS + tokens(result.responseData());
                }
            }
        }
        if (request.prompt().getOptions() instanceof ToolCallingChatOptions tools && tools.getToolCallbacks() != null) {
            for (ToolCallback tool : tools.getToolCallbacks()) {
                ToolDefinition definition = tool.getToolDefinition();
                tokens += MESSAGE_TOKENS
                        + tokens(definition.name())
                        + tokens(definition.description())
                        + tokens(definition.inputSchema());
            }
        }
        return tokens;
    }

    private long tokens(@Nullable String text) {
        return text == null ? 0 : guard.tokens(text);
    }

    /** What was reserved for the call that an advisor's request is about; null if nothing was. */
    static @Nullable Reserved of(Map<String, @Nullable Object> parameters) {
        return parameters.get(RESERVED) instanceof Reserved reserved ? reserved : null;
    }
}
