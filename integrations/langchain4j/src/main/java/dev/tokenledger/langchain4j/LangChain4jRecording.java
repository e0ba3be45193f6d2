package dev.tokenledger.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.embedding.listener.EmbeddingModelListener;
import dev.langchain4j.observability.api.listener.AiServiceListener;
import dev.tokenledger.capture.Route;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.usage.Attribution;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Records the calls of a program's LangChain4j models, each as it ends.
 *
 * <pre>{@code
 * LangChain4jRecording recording = LangChain4jRecording.to(recorder).build();
 * ChatModel model = AnthropicChatModel.builder().listeners(List.of(recording.chatListener())).build();
 * Assistant assistant = AiServices.builder(Assistant.class).chatModel(model)
 *         .registerListeners(recording.serviceListeners()).build();
 * }</pre>
 *
 * <p>Hooks of one recording know of each other: a call that the model's listener, the service's and {@link RecordingHttpClient}
 * tell of is one record. Other observers of the same answer make copies of that record, by its id {@code PROVIDER:RESPONSE_ID},
 * where the answer has an id; those of Ollama and of embeddings have none.
 *
 * <p>Whose call it is say, in this order: the listener attributes of the request ({@code ChatRequestOptions}) that begin with
 * {@value #PREFIX}, the AI service, the {@link Attribution} that is open where the call begins, {@link Builder#everywhere}.
 *
 * <p>Immutable and safe for use by many threads, and for any number of models.
 */
public final class LangChain4jRecording {

    /**
     * Listener attributes and invocation parameters that begin so say whose call it is: session, conversation, role, task, and labels
     * of any name.
     */
    public static final String PREFIX = "tokenledger.";

    /** The source of the records. */
    public static final String SOURCE = "langchain4j";

    private final ModelCalls calls;
    private final Admissions admissions;
    private final ChatListener chat;
    private final EmbeddingListener embedding;
    private final List<AiServiceListener<?>> service;

    private LangChain4jRecording(Builder builder) {
        calls = new ModelCalls(
                builder.recorder, builder.clock, builder.provider, builder.everywhere, List.copyOf(builder.routes));
        ServiceInvocations invocations = new ServiceInvocations(calls, builder.parameters);
        admissions = new Admissions(calls, invocations);
        chat = new ChatListener(calls, invocations, admissions);
        embedding = new EmbeddingListener(calls);
        service = invocations.listeners();
    }

    /** A recording to a recorder, which stays the caller's to close. */
    public static Builder to(Recorder recorder) {
        return new Builder(Objects.requireNonNull(recorder, "recorder"));
    }

    /** For {@code listeners} of the builders of chat models, streaming ones too. */
    public ChatModelListener chatListener() {
        return chat;
    }

    /** For {@code listeners} of the builders of embedding models, or {@code EmbeddingModel.addListener}. */
    public EmbeddingModelListener embeddingListener() {
        return embedding;
    }

    /**
     * For {@code registerListeners} of an AI service: its memory id becomes the conversation, its invocation parameters that are
     * texts, numbers or truth values become labels, its interface and method the task. They record by themselves what the model's own
     * listener does not tell of.
     */
    public List<AiServiceListener<?>> serviceListeners() {
        return service;
    }

    /**
     * A model whose calls are made once their budgets admit them, each round of a tool loop by itself. A call for which there is no
     * room throws a {@link dev.tokenledger.formats.budgets.BudgetExceededException} and is not made. The reservation ends with the
     * record of the call; if the call failed in a way that leaves open what it cost, it expires.
     *
     * @param model has {@link #chatListener} among its listeners
     * @throws IllegalArgumentException if it has not
     */
    public ChatModel guarded(ChatModel model, CallGuard guard) {
        admissions.checkListener(model.listeners(), chat);
        return new GuardedChatModel(model, Objects.requireNonNull(guard, "guard"), admissions);
    }

    /**
     * The same of a streaming model. Who reads the answer is told of a refused call by {@code onError}.
     *
     * @param model has {@link #chatListener} among its listeners
     * @throws IllegalArgumentException if it has not
     */
    public StreamingChatModel guarded(StreamingChatModel model, CallGuard guard) {
        admissions.checkListener(model.listeners(), chat);
        return new GuardedStreamingChatModel(model, Objects.requireNonNull(guard, "guard"), admissions);
    }

    ModelCalls calls() {
        return calls;
    }

    /** Sets up a recording. Not safe for use by several threads. */
    public static final class Builder {

        private final Recorder recorder;
        private final List<Function<URI, Optional<Route>>> routes = new ArrayList<>();
        private InstantSource clock = InstantSource.system();
        private Attribution everywhere = Attribution.NONE;
        private Predicate<String> parameters = name -> true;
        private String provider = "";

        private Builder(Recorder recorder) {
            this.recorder = recorder;
        }

        /** What is said of calls that do not say it themselves, such as the labels of the whole program. */
        public Builder everywhere(Attribution attribution) {
            everywhere = Objects.requireNonNull(attribution, "attribution");
            return this;
        }

        /** Which invocation parameters of AI services become labels, by their names; default: all. */
        public Builder parameters(Predicate<String> names) {
            parameters = Objects.requireNonNull(names, "names");
            return this;
        }

        /**
         * The provider that the models call, where LangChain4j's name is another's: for a host that speaks OpenAI's chat, such as {@code
         * deepseek}. Default: as LangChain4j says; of OpenAI's models with {@link RecordingHttpClient} as their address says.
         */
        public Builder provider(String name) {
            provider = Objects.requireNonNull(name, "name").strip();
            return this;
        }

        /** Says of addresses which calls they are, as {@link dev.tokenledger.capture.Capture.Builder#route} does. */
        public Builder route(Function<URI, Optional<Route>> route) {
            routes.add(Objects.requireNonNull(route, "route"));
            return this;
        }

        /** The clock for the start of calls; default: the system's. */
        public Builder clock(InstantSource source) {
            clock = Objects.requireNonNull(source, "source");
            return this;
        }

        /** The recording. */
        public LangChain4jRecording build() {
            return new LangChain4jRecording(this);
        }
    }
}
