package dev.tokenledger.langchain4j;

import dev.langchain4j.model.chat.listener.ChatModelErrorContext;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.listener.ChatModelRequestContext;
import dev.langchain4j.model.chat.listener.ChatModelResponseContext;
import dev.tokenledger.usage.Attribution;

/** Tells of the calls of chat models. What it throws would be swallowed, and the call lost without a word. */
final class ChatListener implements ChatModelListener {

    private final ModelCalls calls;
    private final ServiceInvocations invocations;
    private final Admissions admissions;

    ChatListener(ModelCalls calls, ServiceInvocations invocations, Admissions admissions) {
        this.calls = calls;
        this.invocations = invocations;
        this.admissions = admissions;
    }

    @Override
    public void onRequest(ChatModelRequestContext context) {
        try {
            if (context.attributes().containsKey(calls)) {
                // The listener was given to the model twice.
                return;
            }
            Attribution attribution = ModelCalls.ofAttributes(context.attributes())
                    .over(invocations.take(context.chatRequest()))
                    .over(Attribution.current());
            ModelCall call = calls.begin(
                    context.modelProvider(),
                    context.chatRequest().parameters().modelName(),
                    attribution,
                    admissions.take());
            context.attributes().put(calls, call);
            calls.aboutToSend(call);
        } catch (RuntimeException | LinkageError e) {
            calls.failed(e);
        }
    }

    @Override
    public void onResponse(ChatModelResponseContext context) {
        try {
            if (context.attributes().get(calls) instanceof ModelCall call) {
                calls.answered(
                        call, Answers.of(call.provider(), context.chatResponse().metadata()));
            }
        } catch (RuntimeException | LinkageError e) {
            calls.failed(e);
        }
    }

    @Override
    public void onError(ChatModelErrorContext context) {
        try {
            if (context.attributes().get(calls) instanceof ModelCall call) {
                calls.failed(call, context.error());
            }
        } catch (RuntimeException | LinkageError e) {
            calls.failed(e);
        }
    }
}
