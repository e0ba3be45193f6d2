package dev.tokenledger.text;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The declared table that brings a provider's names in different vocabularies to one form: OpenTelemetry's, those of LiteLLM,
 * models.dev, Portkey and genai-prices, the enumerations of LangChain4j and Quarkus, Spring AI's, and the Vercel AI SDK's with an
 * API behind the provider.
 */
public final class Providers {

    /** The Gemini API. */
    public static final String GOOGLE = "google";

    /** Vertex AI: models of Google's and others', some at prices of their own. */
    public static final String VERTEX = "gcp.vertex_ai";

    /** Amazon Bedrock. */
    public static final String BEDROCK = "aws.bedrock";
    /** Azure OpenAI. */
    public static final String AZURE = "azure.ai.openai";

    /** Canonical names, each with its other spellings. Letter case and the signs {@code - _ .} and blanks do not matter. */
    private static final Map<String, List<String>> SPELLINGS = Map.ofEntries(
            Map.entry("openai", List.of("text-completion-openai", "open_ai_official", "openai-official")),
            Map.entry("anthropic", List.of("anthropic-java")),
            Map.entry(
                    GOOGLE,
                    List.of(
                            "gcp.gemini",
                            "gcp.gen_ai",
                            "gemini",
                            "google_genai",
                            "google_ai",
                            "google_ai_gemini",
                            "ai_gemini",
                            "google-ai-studio",
                            "google-generative-ai",
                            "google-gemini",
                            "google-gla")),
            Map.entry(
                    VERTEX,
                    List.of(
                            "vertex_ai",
                            "vertex",
                            "google-vertex",
                            "google-vertex-ai",
                            "google-vertex-anthropic",
                            "google_vertex_ai_gemini",
                            "vertex_ai_gemini",
                            "google_vertex_ai_anthropic",
                            "google_anthropic_vertex",
                            "vertex_ai-anthropic_models",
                            "vertex_ai-chat-models",
                            "vertex_ai-code-chat-models",
                            "vertex_ai-code-text-models",
                            "vertex_ai-embedding-models",
                            "vertex_ai-image-models",
                            "vertex_ai-language-models",
                            "vertex_ai-llama_models",
                            "vertex_ai-mistral_models",
                            "vertex_ai-ai21_models",
                            "vertex_ai-deepseek_models",
                            "vertex_ai-openai_models",
                            "vertex_ai-qwen_models",
                            "vertex_ai-minimax_models",
                            "vertex_ai-moonshot_models",
                            "vertex_ai-zai_models",
                            "vertex_ai-text-models",
                            "vertex_ai-video-models",
                            "vertex_ai-vision-models",
                            "vertex_ai_beta",
                            "google-vertex-gemini")),
            Map.entry(
                    BEDROCK,
                    List.of(
                            "bedrock",
                            "amazon-bedrock",
                            "aws",
                            "bedrock_converse",
                            "bedrock_mantle",
                            "bedrock_runtime",
                            "bedrock-anthropic",
                            "amazon-bedrock-anthropic",
                            "amazon-bedrock-mantle",
                            "aws_bedrock_runtime")),
            Map.entry(
                    AZURE,
                    List.of(
                            "azure",
                            "azure_ai",
                            "azure_text",
                            "azure-openai",
                            "azure-open-ai-official",
                            "azure-cognitive-services",
                            "azure.ai.inference",
                            "az.ai.openai",
                            "az.ai.inference",
                            "azure-foundry",
                            "azure_ai_foundry",
                            "azure-ai-inference",
                            "microsoft_foundry",
                            "microsoft-foundry")),
            Map.entry("xai", List.of("x_ai")),
            Map.entry("deepseek", List.of()),
            Map.entry("mistral", List.of("mistral_ai")),
            Map.entry("groq", List.of()),
            Map.entry("together", List.of("together_ai")),
            Map.entry("fireworks", List.of("fireworks_ai", "fireworks_ai-embedding-models")),
            Map.entry("openrouter", List.of()),
            Map.entry("moonshotai", List.of("moonshot", "moonshotai-cn")),
            Map.entry("zai", List.of()),
            Map.entry("zhipuai", List.of("zhipu", "bigmodel", "chatglm")),
            Map.entry("minimax", List.of("mini_max_ai")),
            Map.entry("cohere", List.of("cohere_chat")),
            Map.entry("perplexity", List.of("perplexity-ai")),
            Map.entry("alibaba", List.of("dashscope", "qwen", "alibaba-cloud", "alibabacloud-dashscope", "tongyi")),
            Map.entry("cerebras", List.of("cerebras-ai")),
            Map.entry("deepinfra", List.of("deep_infra")),
            Map.entry("nebius", List.of("nebius-ai")),
            Map.entry("voyage", List.of("voyageai")),
            Map.entry("jina", List.of("jina_ai")),
            Map.entry("nvidia", List.of("nvidia_nim", "nim")),
            Map.entry("github-copilot", List.of("copilot")),
            Map.entry("github-models", List.of("github")),
            Map.entry("meta", List.of("meta_llama", "llama-api", "meta-ai")),
            Map.entry("vercel", List.of("vercel-ai-gateway", "gateway")),
            Map.entry("cloudflare", List.of("cloudflare-workers-ai", "workers-ai", "workersai")),
            Map.entry("baseten", List.of()),
            Map.entry("novita", List.of("novita-ai")),
            Map.entry("ai21", List.of("ai21_chat", "ai21labs")),
            Map.entry("sambanova", List.of()),
            Map.entry("upstage", List.of()),
            Map.entry("xiaomi", List.of()),
            Map.entry("inception", List.of("inceptionlabs")),
            Map.entry("stepfun", List.of("stepfun-ai")),
            Map.entry("huggingface", List.of("hf", "huggingface-inference")),
            Map.entry("databricks", List.of()),
            Map.entry("amazon-nova", List.of()),
            Map.entry("hyperbolic", List.of()),
            Map.entry("scaleway", List.of()),
            Map.entry("ovhcloud", List.of("ovh")),
            Map.entry("wandb", List.of("weights-and-biases")),
            Map.entry("ibm.watsonx.ai", List.of("watsonx", "watsonx_text", "ibm")),
            Map.entry("oci", List.of("oci_gen_ai", "oci_genai", "oracle")),
            Map.entry("morph", List.of()),
            Map.entry("ollama", List.of("ollama_chat")),
            Map.entry("lmstudio", List.of()),
            Map.entry("jlama", List.of()),
            Map.entry("localai", List.of()),
            Map.entry("vllm", List.of("hosted_vllm")));

    /** What instrumentations send where they do not know. */
    private static final Set<String> NO_NAMES = Set.of("none", "unknown", "other", "null", "undefined");

    /** The APIs that the Vercel AI SDK puts behind a provider's name. */
    private static final Set<String> APIS = Set.of(
            "chat",
            "responses",
            "messages",
            "completion",
            "embedding",
            "textembedding",
            "image",
            "speech",
            "transcription",
            "reranking",
            "video",
            "realtime",
            "generativeai",
            "anthropic",
            "maas",
            "xai");

    private static final Map<String, String> CANONICAL = new HashMap<>();

    static {
        SPELLINGS.forEach((canonical, spellings) -> {
            CANONICAL.put(key(canonical), canonical);
            spellings.forEach(spelling -> CANONICAL.put(key(spelling), canonical));
        });
    }

    private Providers() {}

    /**
     * The one form of a provider's name that records and prices are kept under: the declared name where the table has one, else
     * the name in lower case; empty for {@code unknown} and its like. OpenTelemetry's {@code x_ai}, LangChain4j's {@code OPEN_AI}
     * and the Vercel AI SDK's {@code anthropic.messages} become {@code xai}, {@code openai} and {@code anthropic}.
     */
    public static String canonical(String provider) {
        if (SPELLINGS.containsKey(provider)) {
            // It is in that form, as records and prices keep it: every pricing asks.
            return provider;
        }
        String lower = provider.strip().toLowerCase(Locale.ROOT);
        if (NO_NAMES.contains(lower)) {
            return "";
        }
        String declared = declared(lower);
        return declared.isEmpty() ? lower : declared;
    }

    /** The canonical form of a name that the table has; empty for others. */
    public static String declared(String provider) {
        String name = provider.strip().toLowerCase(Locale.ROOT);
        while (true) {
            String canonical = CANONICAL.get(key(name));
            if (canonical != null) {
                return canonical;
            }
            int dot = name.lastIndexOf('.');
            if (dot <= 0 || !APIS.contains(key(name.substring(dot + 1)))) {
                return "";
            }
            name = name.substring(0, dot);
        }
    }

    /**
     * Whose prices hold where a provider has none of its own for a model: Vertex AI sells Gemini as the Gemini API does, so
     * {@code google} stands behind it. Empty where nobody does.
     *
     * @param provider in its canonical form
     */
    public static String priceFallback(String provider) {
        return provider.equals(VERTEX) ? GOOGLE : "";
    }

    /**
     * Whether two names mean one provider, seen over all versions: earlier ones called Vertex AI {@code google} and Zhipu {@code
     * zai}.
     */
    public static boolean same(String one, String other) {
        String first = canonical(one);
        String second = canonical(other);
        return first.equals(second) || wasOnce(first, second) || wasOnce(second, first);
    }

    private static boolean wasOnce(String now, String before) {
        return (now.equals(VERTEX) && before.equals(GOOGLE)) || (now.equals("zhipuai") && before.equals("zai"));
    }

    private static String key(String name) {
        StringBuilder letters = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if ("-_. ".indexOf(c) < 0) {
                letters.append(Character.toLowerCase(c));
            }
        }
        return letters.toString();
    }
}
