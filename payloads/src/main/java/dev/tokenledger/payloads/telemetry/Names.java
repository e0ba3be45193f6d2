package dev.tokenledger.payloads.telemetry;

import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Every attribute that is read, in all generations of OpenTelemetry's conventions for generative AI. Of several names for one
 * thing the newest stands first, and goes before the others.
 */
final class Names {

    /** {@code cache_creation} was the name of 2026-04; the ones with {@code _} are OpenLLMetry's. */
    static final String[] CACHE_WRITE = {
        "gen_ai.usage.cache_write.input_tokens",
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens"
    };

    static final String[] CACHE_READ = {"gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"};

    /** {@code prompt} and {@code completion} are the oldest generation's. */
    static final String[] INPUT = {"gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"};

    static final String[] OUTPUT = {"gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"};

    static final String[] REASONING = {"gen_ai.usage.reasoning.output_tokens", "gen_ai.usage.reasoning_tokens"};

    static final String[] PROVIDER = {"gen_ai.provider.name", "gen_ai.system"};

    static final String OPERATION = "gen_ai.operation.name";
    static final String REQUEST_MODEL = "gen_ai.request.model";
    static final String RESPONSE_MODEL = "gen_ai.response.model";
    static final String RESPONSE_ID = "gen_ai.response.id";
    static final String CONVERSATION = "gen_ai.conversation.id";
    static final String AGENT = "gen_ai.agent.name";
    static final String SESSION = "session.id";
    static final String SERVER = "server.address";
    static final String ERROR = "error.type";

    static final String[] USER = {"user.id", "enduser.id"};

    static final String[] SERVED_TIER = {"openai.response.service_tier", "gen_ai.openai.response.service_tier"};

    static final String[] REQUESTED_TIER = {"openai.request.service_tier", "gen_ai.openai.request.service_tier"};

    /** OpenLLMetry's, from before there was an operation's name. */
    static final String REQUEST_TYPE = "llm.request.type";

    /** OpenLLMetry's: workflow, task, agent or tool; never on a model call. */
    static final String TRACELOOP_KIND = "traceloop.span.kind";

    /** Names of tools, never on a model call. */
    static final String TOOL = "gen_ai.tool.name";

    static final String EVENT = "event.name";

    /** Claude Code's own, on its log events. */
    static final class ClaudeCode {
        static final String MODEL = "model";
        static final String INPUT = "input_tokens";
        static final String OUTPUT = "output_tokens";
        static final String CACHE_READ = "cache_read_tokens";
        static final String CACHE_WRITE = "cache_creation_tokens";
        static final String COST = "cost_usd";
        static final String DURATION = "duration_ms";
        static final String SPEED = "speed";
        static final String PROMPT = "prompt.id";
        static final String REQUEST = "request_id";
        static final String SEQUENCE = "event.sequence";

        private ClaudeCode() {}
    }

    private static final Set<String> READ = Stream.of(
                    CACHE_WRITE,
                    CACHE_READ,
                    INPUT,
                    OUTPUT,
                    REASONING,
                    PROVIDER,
                    USER,
                    SERVED_TIER,
                    REQUESTED_TIER,
                    new String[] {
                        OPERATION,
                        REQUEST_MODEL,
                        RESPONSE_MODEL,
                        RESPONSE_ID,
                        CONVERSATION,
                        AGENT,
                        SESSION,
                        SERVER,
                        ERROR,
                        REQUEST_TYPE,
                        TRACELOOP_KIND,
                        TOOL,
                        EVENT,
                        ClaudeCode.MODEL,
                        ClaudeCode.INPUT,
                        ClaudeCode.OUTPUT,
                        ClaudeCode.CACHE_READ,
                        ClaudeCode.CACHE_WRITE,
                        ClaudeCode.COST,
                        ClaudeCode.DURATION,
                        ClaudeCode.SPEED,
                        ClaudeCode.PROMPT,
                        ClaudeCode.REQUEST,
                        ClaudeCode.SEQUENCE
                    })
            .flatMap(Arrays::stream)
            .collect(Collectors.toUnmodifiableSet());

    private Names() {}

    static boolean isRead(String name) {
        return READ.contains(name);
    }
}
