package dev.tokenledger.langchain4j;

import dev.langchain4j.model.embedding.listener.EmbeddingModelErrorContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelRequestContext;
import dev.langchain4j.model.embedding.listener.EmbeddingModelResponseContext;
import dev.langchain4j.model.output.TokenUsage;
import dev.tokenledger.usage.Attribution;
import org.jspecify.annotations.Nullable;

/** Tells of the calls of embedding models, whose answers have no id. */
final class EmbeddingListener implements EmbeddingModelListener {

    private final ModelCalls calls;

    EmbeddingListener(ModelCalls calls) {
        this.calls = calls;
    }

    @Override
    public void onRequest(EmbeddingModelRequestContext context) {
        try {
            if (context.attributes().containsKey(calls)) {
                return;
            }
            String model = ModelCalls.text(context.embeddingRequest().modelName());
            Attribution attribution =
                    ModelCalls.ofAttributes(context.attributes()).over(Attribution.current());
            ModelCall call =
                    calls.begin(context.modelProvider(), model.isEmpty() ? ofModel(context) : model, attribution);
            context.attributes().put(calls, call);
            calls.aboutToSend(call);
        } catch (RuntimeException | LinkageError e) {
            calls.failed(e);
        }
    }

    /** A model that cannot say its name throws. */
    private static @Nullable String ofModel(EmbeddingModelRequestContext context) {
        try {
            return context.embeddingModel().modelName();
        } catch (RuntimeException e) {
            return null;
        }
    }

    @Override
    public void onResponse(EmbeddingModelResponseContext context) {
        try {
            if (context.attributes().get(calls) instanceof ModelCall call) {
                TokenUsage usage = context.embeddingResponse().tokenUsage();
                String model = ModelCalls.text(context.embeddingResponse().modelName());
                calls.answered(call, Answers.typed("", model, usage));
            }
        } catch (RuntimeException | LinkageError e) {
            calls.failed(e);
        }
    }

    @Override
    public void onError(EmbeddingModelErrorContext context) {
        try {
            if (context.attributes().get(calls) instanceof ModelCall call) {
                calls.failed(call, context.error());
            }
        } catch (RuntimeException | LinkageError e) {
            calls.failed(e);
        }
    }
}
