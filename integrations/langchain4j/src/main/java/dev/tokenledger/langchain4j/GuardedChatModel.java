package dev.tokenledger.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.tokenledger.langchain4j.Admissions.Planned;
import dev.tokenledger.recorder.CallGuard;
import java.util.List;
import java.util.Set;

/** A model whose calls are made once budgets admit them; everything else is the model's. */
record GuardedChatModel(ChatModel model, CallGuard guard, Admissions admissions) implements ChatModel {

    private static final ChatRequestOptions NO_OPTIONS =
            ChatRequestOptions.builder().build();

    @Override
    public ChatResponse chat(ChatRequest request) {
        return chat(request, NO_OPTIONS);
    }

    @Override
    public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
        admissions.reserve(guard, Planned.of(model, request, options));
        try {
            return model.chat(request, options);
        } finally {
            admissions.releaseUntaken(guard);
        }
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return model.defaultRequestParameters();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return model.listeners();
    }

    @Override
    public ModelProvider provider() {
        return model.provider();
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return model.supportedCapabilities();
    }
}
