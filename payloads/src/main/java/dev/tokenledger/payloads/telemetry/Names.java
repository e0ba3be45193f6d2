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
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.details.cache_write_tokens",
        "gen_ai.usage.details.cache_creation_input_tokens",
        "gen_ai.usage.details.cache_creation_tokens",
        "llm.token_count.prompt_details.cache_write",
        "ai.usage.inputTokenDetails.cacheWriteTokens"
    };

    static final String[] CACHE_READ = {
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.details.cache_read_tokens",
        "gen_ai.usage.details.cache_read_input_tokens",
        "gen_ai.usage.details.cached_tokens",
        "gen_ai.usage.details.cached_content_tokens",
        "gen_ai.usage.cached_tokens",
        "gen_ai.usage.prompt_tokens_details.cached_tokens",
        "llm.token_count.prompt_details.cache_read",
        "ai.usage.inputTokenDetails.cacheReadTokens",
        "ai.usage.cachedInputTokens"
    };

    /** {@code prompt} and {@code completion} are the oldest generation's. */
    static final String[] INPUT = {
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "ai.usage.inputTokens",
        "ai.usage.promptTokens",
        "ai.usage.tokens"
    };

    static final String[] OUTPUT = {
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "ai.usage.outputTokens",
        "ai.usage.completionTokens"
    };

    static final String[] REASONING = {
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.details.reasoning_tokens",
        "gen_ai.usage.details.thoughts_tokens",
        "gen_ai.usage.completion_tokens_details.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
        "ai.usage.outputTokenDetails.reasoningTokens",
        "ai.usage.reasoningTokens"
    };

    /** Input and output together: what the parts leave of it is output that was not told. */
    static final String[] TOTAL = {
        "gen_ai.usage.total_tokens", "llm.usage.total_tokens", "llm.token_count.total", "ai.usage.totalTokens"
    };

    static final String[] AUDIO_INPUT = {
        "gen_ai.usage.details.input_audio_tokens", "llm.token_count.prompt_details.audio"
    };

    static final String[] AUDIO_OUTPUT = {
        "gen_ai.usage.details.output_audio_tokens", "llm.token_count.completion_details.audio"
    };

    /** What the sender says that the call cost. */
    static final String[] COST = {"gen_ai.cost.total_cost", "gen_ai.usage.cost", "llm.cost.total"};

    /** Of anthropic-java's own spans. */
    static final String WRITE_5M = "anthropic.usage.cache_creation.ephemeral_5m_input_tokens";

    static final String WRITE_1H = "anthropic.usage.cache_creation.ephemeral_1h_input_tokens";

    /** Parts and sums of what is read: not members of their own. */
    private static final String[] REPEATED = {
        "ai.usage.inputTokenDetails.noCacheTokens",
        "ai.usage.outputTokenDetails.textTokens",
        "gen_ai.usage.details.input_tokens",
        "gen_ai.usage.details.output_tokens",
        "gen_ai.usage.details.prompt_tokens",
        "gen_ai.usage.details.completion_tokens",
        "gen_ai.usage.details.total_tokens",
        "gen_ai.usage.details.accepted_prediction_tokens",
        "gen_ai.usage.details.rejected_prediction_tokens",
        "gen_ai.usage.details.text_prompt_tokens",
        "gen_ai.usage.details.text_candidates_tokens",
        "gen_ai.usage.details.text_cache_tokens",
        "anthropic.usage.input_tokens",
        "anthropic.usage.output_tokens",
        "anthropic.usage.cache_read_input_tokens",
        "anthropic.usage.cache_creation_input_tokens"
    };

    /** What a member of usage begins with. */
    private static final String[] USAGE = {
        "gen_ai.usage.", "llm.token_count.", "llm.usage.", "ai.usage.", "anthropic.usage.", "openai.usage."
    };

    /** OpenInference's: LLM, EMBEDDING, CHAIN, AGENT, TOOL, … */
    static final String OPENINFERENCE_KIND = "openinference.span.kind";

    /** The Vercel AI SDK's: a step of its own, or one of its calls of a model. */
    static final String AI_OPERATION = "ai.operationId";

    static final String[] PROVIDER = {
        "gen_ai.provider.name", "gen_ai.system", "llm.provider", "llm.system", "ai.model.provider"
    };

    static final String OPERATION = "gen_ai.operation.name";
    static final String[] REQUEST_MODEL = {"gen_ai.request.model", "ai.model.id"};
    static final String[] RESPONSE_MODEL = {"gen_ai.response.model", "llm.model_name", "ai.response.model"};
    static final String[] RESPONSE_ID = {"gen_ai.response.id", "ai.response.id"};
    static final String CONVERSATION = "gen_ai.conversation.id";
    static final String AGENT = "gen_ai.agent.name";
    static final String SESSION = "session.id";
    static final String SERVER = "server.address";
    static final String ERROR = "error.type";

    static final String[] USER = {"user.id", "enduser.id"};

    static final String[] SERVED_TIER = {
        "openai.response.service_tier", "gen_ai.openai.response.service_tier", "anthropic.response.service_tier"
    };

    static final String[] REQUESTED_TIER = {"openai.request.service_tier", "gen_ai.openai.request.service_tier"};

    /** OpenLLMetry's, from before there was an operation's name. */
    static final String REQUEST_TYPE = "llm.request.type";

    /** OpenLLMetry's: workflow, task, agent or tool; never on a model call. */
    static final String TRACELOOP_KIND = "traceloop.span.kind";

    /** Names of tools, never on a model call. */
    static final String TOOL = "gen_ai.tool.name";

    static final String EVENT = "event.name";

    /** Who spent it. */
    static final String[] PERSONS = {
        "user.email",
        "user.account_uuid",
        "user.account_id",
        "user.name",
        "organization.id",
        "organization.name",
        "team.id",
        "team.name"
    };

    /** Those of Gemini CLI's and Codex's log events. */
    static final class Agents {
        static final String KIND = "event.kind";
        static final String CONVERSATION = "conversation.id";
        static final String PROMPT = "prompt_id";
        static final String INPUT = "input_token_count";
        static final String OUTPUT = "output_token_count";
        static final String CACHED = "cached_content_token_count";
        static final String CODEX_CACHED = "cached_token_count";
        static final String CODEX_WRITTEN = "cache_write_token_count";
        static final String THOUGHTS = "thoughts_token_count";
        static final String REASONING = "reasoning_token_count";
        static final String TOOL = "tool_token_count";
        static final String TOTAL = "total_token_count";
        static final String TIER = "service_tier";

        private Agents() {}
    }

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
                    REQUEST_MODEL,
                    RESPONSE_MODEL,
                    RESPONSE_ID,
                    TOTAL,
                    AUDIO_INPUT,
                    AUDIO_OUTPUT,
                    COST,
                    REPEATED,
                    PERSONS,
                    new String[] {
                        OPERATION,
                        WRITE_5M,
                        WRITE_1H,
                        OPENINFERENCE_KIND,
                        AI_OPERATION,
                        Agents.KIND,
                        Agents.CONVERSATION,
                        Agents.PROMPT,
                        Agents.CACHED,
                        Agents.CODEX_CACHED,
                        Agents.CODEX_WRITTEN,
                        Agents.THOUGHTS,
                        Agents.REASONING,
                        Agents.TOOL,
                        Agents.TOTAL,
                        Agents.INPUT,
                        Agents.OUTPUT,
                        Agents.TIER,
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
        return READ.contains(name) || isUsage(name);
    }

    /** Whether a name is a count's in one of the vocabularies, known or not. */
    static boolean isUsage(String name) {
        for (String prefix : USAGE) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return name.endsWith("_token_count") || (name.endsWith("_tokens") && name.indexOf('.') < 0);
    }

    /** The name of a member of usage that nobody reads, without its vocabulary's; empty for all others. */
    static String unreadMember(String name) {
        if (READ.contains(name)) {
            return "";
        }
        for (String prefix : USAGE) {
            if (name.startsWith(prefix)) {
                return name.substring(prefix.length());
            }
        }
        return isUsage(name) ? name : "";
    }
}
