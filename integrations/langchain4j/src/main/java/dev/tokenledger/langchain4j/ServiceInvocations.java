package dev.tokenledger.langchain4j;

import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.observability.api.event.AiServiceCompletedEvent;
import dev.langchain4j.observability.api.event.AiServiceErrorEvent;
import dev.langchain4j.observability.api.event.AiServiceEvent;
import dev.langchain4j.observability.api.event.AiServiceRequestIssuedEvent;
import dev.langchain4j.observability.api.event.AiServiceResponseReceivedEvent;
import dev.langchain4j.observability.api.event.AiServiceStartedEvent;
import dev.langchain4j.observability.api.listener.AiServiceListener;
import dev.tokenledger.usage.Attribution;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The invocations of AI services that go on. A service tells of each request on the thread that then calls the model, so that the
 * model's listener takes from here whose call it is; a request that no listener has taken is recorded from here. What was set on
 * the thread that invoked the service is kept for later rounds, which run on other threads.
 */
final class ServiceInvocations {

    /** An invocation that nobody told the end of is forgotten when so many others have begun. */
    private static final int MAX_OPEN = 10_000;

    /** The memory id of services without a parameter for one. */
    private static final String NO_MEMORY_ID = "default";

    private final ModelCalls calls;
    private final Predicate<String> parameters;
    private final Map<UUID, Invocation> open = new LinkedHashMap<>();

    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable Invocation> issued = new ThreadLocal<>();

    /** One invocation, whose requests follow one another; guarded by the monitor of {@link #open}. */
    private static final class Invocation {

        private final Attribution attribution;
        private @Nullable ChatRequest request;
        private @Nullable ModelCall untaken;

        Invocation(Attribution attribution) {
            this.attribution = attribution;
        }
    }

    ServiceInvocations(ModelCalls calls, Predicate<String> parameters) {
        this.calls = calls;
        this.parameters = parameters;
    }

    List<AiServiceListener<?>> listeners() {
        return List.of(
                listener(AiServiceStartedEvent.class, event -> invocation(event.invocationContext())),
                listener(AiServiceRequestIssuedEvent.class, this::issued),
                listener(AiServiceResponseReceivedEvent.class, this::received),
                listener(AiServiceErrorEvent.class, this::failed),
                listener(AiServiceCompletedEvent.class, event -> end(event.invocationContext())));
    }

    private <T extends AiServiceEvent> AiServiceListener<T> listener(Class<T> type, Consumer<T> then) {
        return new AiServiceListener<>() {
            @Override
            public Class<T> getEventClass() {
                return type;
            }

            @Override
            public void onEvent(T event) {
                try {
                    then.accept(event);
                } catch (RuntimeException | LinkageError e) {
                    calls.failed(e);
                }
            }
        };
    }

    private Invocation invocation(InvocationContext context) {
        Attribution attribution = attribution(context).over(Attribution.current());
        synchronized (open) {
            Invocation invocation = open.computeIfAbsent(context.invocationId(), id -> new Invocation(attribution));
            if (open.size() > MAX_OPEN) {
                open.remove(open.keySet().iterator().next());
            }
            return invocation;
        }
    }

    private Attribution attribution(InvocationContext context) {
        Map<String, Object> stated = new HashMap<>();
        if (context.invocationParameters() != null) {
            context.invocationParameters().asMap().forEach((name, value) -> {
                if (value != null && parameters.test(name)) {
                    boolean prefixed = name.startsWith(LangChain4jRecording.PREFIX);
                    stated.put(prefixed ? name.substring(LangChain4jRecording.PREFIX.length()) : name, value);
                }
            });
        }
        Object memory = context.chatMemoryId();
        if (memory != null && !memory.equals(NO_MEMORY_ID)) {
            stated.putIfAbsent("conversation", String.valueOf(memory));
        }
        if (context.interfaceName() != null && context.methodName() != null) {
            String name = context.interfaceName();
            stated.putIfAbsent("task", name.substring(name.lastIndexOf('.') + 1) + "." + context.methodName());
        }
        return Attribution.ofLabels(stated);
    }

    private void issued(AiServiceRequestIssuedEvent event) {
        Invocation invocation = invocation(event.invocationContext());
        ModelCall call =
                calls.begin(event.invocationContext().modelProvider(), requestedModel(event), invocation.attribution);
        synchronized (open) {
            invocation.request = event.request();
            invocation.untaken = call;
        }
        issued.set(invocation);
        calls.aboutToSend(call);
    }

    /** A service's request names a model only where the service asks for another one than its model's own. */
    private static @Nullable String requestedModel(AiServiceRequestIssuedEvent event) {
        String named = event.request().parameters().modelName();
        ChatRequestParameters usual = event.invocationContext().defaultRequestParameters();
        return named != null || usual == null ? named : usual.modelName();
    }

    /** Whose request this thread is about to hand to a model; it stays there for the model's listener. */
    Attribution peek(ChatRequest request) {
        Invocation invocation = issued.get();
        if (invocation == null) {
            return Attribution.NONE;
        }
        synchronized (open) {
            return invocation.request != null && isSame(invocation.request.messages(), request.messages())
                    ? invocation.attribution
                    : Attribution.NONE;
        }
    }

    /** Whose request it is that a model's listener was told of; nothing if no service of this thread has issued it. */
    Attribution take(ChatRequest request) {
        Invocation invocation = issued.get();
        issued.remove();
        if (invocation == null) {
            return Attribution.NONE;
        }
        synchronized (open) {
            if (invocation.request == null || !isSame(invocation.request.messages(), request.messages())) {
                return Attribution.NONE;
            }
            invocation.untaken = null;
            invocation.request = null;
            return invocation.attribution;
        }
    }

    /** The model's request is another object, of the same messages. */
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(List<ChatMessage> one, List<ChatMessage> other) {
        return one.size() == other.size() && !one.isEmpty() && one.get(one.size() - 1) == other.get(other.size() - 1);
    }

    private void received(AiServiceResponseReceivedEvent event) {
        untaken(event.invocationContext())
                .ifPresent(call -> calls.answered(
                        call, Answers.of(call.provider(), event.response().metadata())));
    }

    private void failed(AiServiceErrorEvent event) {
        Optional<ModelCall> call = untaken(event.invocationContext());
        end(event.invocationContext());
        call.ifPresent(failed -> calls.failed(failed, event.error()));
    }

    /** The request that this invocation is waiting for the answer of, if no listener of the model tells of it. */
    private Optional<ModelCall> untaken(InvocationContext context) {
        synchronized (open) {
            Invocation invocation = open.get(context.invocationId());
            if (invocation == null || invocation.untaken == null) {
                return Optional.empty();
            }
            ModelCall call = invocation.untaken;
            invocation.untaken = null;
            invocation.request = null;
            return Optional.of(call);
        }
    }

    private void end(InvocationContext context) {
        synchronized (open) {
            open.remove(context.invocationId());
        }
    }
}
