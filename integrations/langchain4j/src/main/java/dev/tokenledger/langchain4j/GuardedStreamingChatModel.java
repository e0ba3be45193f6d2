package dev.tokenledger.langchain4j;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.tokenledger.LedgerException;
import dev.tokenledger.formats.budgets.BudgetExceededException;
import dev.tokenledger.langchain4j.Admissions.Planned;
import dev.tokenledger.recorder.CallGuard;
import java.util.List;
import java.util.Set;

/**
 * A streaming model whose calls are made once budgets admit them; everything else is the model's. Who reads the answer is told of a
 * refusal as of any other failure: later rounds of a tool loop begin on threads where nobody would catch it.
 */
record GuardedStreamingChatModel(StreamingChatModel model, CallGuard guard, Admissions admissions)
        implements StreamingChatModel {

    private static final ChatRequestOptions NO_OPTIONS =
            ChatRequestOptions.builder().build();

    @Override
    public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
        chat(request, NO_OPTIONS, handler);
    }

    @Override
    public void chat(ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
        try {
            admissions.reserve(guard, Planned.of(model, request, options));
        } catch (BudgetExceededException | LedgerException e) {
            handler.onError(e);
            return;
        }
        try {
            model.chat(request, options, handler);
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
