package dev.tokenledger.capture;

import dev.tokenledger.payloads.UsagePayload;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request that is a call of a model.
 *
 * @param provider who is called
 * @param format the convention of the answer, see {@link UsagePayload#format}
 * @param model the model that the address names; empty where the body names it
 */
public record Route(String provider, String format, String model) {

    private static final String CHAT = "openai-chat";
    private static final String GOOGLE = "google";

    /** Hosts that speak OpenAI's chat, by the end of their names. */
    private static final Map<String, String> HOSTS = Map.ofEntries(
            Map.entry("openai.azure.com", "azure"),
            Map.entry("services.ai.azure.com", "azure"),
            Map.entry("deepseek.com", "deepseek"),
            Map.entry("mistral.ai", "mistral"),
            Map.entry("groq.com", "groq"),
            Map.entry("openrouter.ai", "openrouter"),
            Map.entry("x.ai", "xai"),
            Map.entry("together.xyz", "together"),
            Map.entry("fireworks.ai", "fireworks"),
            Map.entry("cerebras.ai", "cerebras"),
            Map.entry("deepinfra.com", "deepinfra"),
            Map.entry("perplexity.ai", "perplexity"),
            Map.entry("moonshot.ai", "moonshotai"),
            Map.entry("moonshot.cn", "moonshotai"),
            Map.entry("nvidia.com", "nvidia"),
            Map.entry("aliyuncs.com", "alibaba"));

    /**
     * Checks that nothing is null, and the format.
     *
     * @throws IllegalArgumentException if there is no format of that name; the message lists the names
     */
    public Route {
        Objects.requireNonNull(provider, "provider");
        UsagePayload.of(Objects.requireNonNull(format, "format"));
        Objects.requireNonNull(model, "model");
    }

    /**
     * What the address of a request says, by its path and, where several providers share one, by its host; OpenAI's for hosts
     * that are not known.
     *
     * @return empty if it is no call whose answer states usage
     */
    public static Optional<Route> of(URI uri) {
        String path = orEmpty(uri.getRawPath());
        String host = orEmpty(uri.getHost()).toLowerCase(Locale.ROOT);
        if (path.endsWith("/chat/completions") || path.endsWith("/embeddings") || path.endsWith("/completions")) {
            String provider = provider(host, uri.getPort());
            boolean own = provider.equals("mistral") || provider.equals("deepseek");
            return Optional.of(new Route(provider, own ? provider : CHAT, deployment(path)));
        }
        if (path.endsWith("/responses")) {
            return Optional.of(new Route(provider(host, uri.getPort()), "openai-responses", ""));
        }
        if (path.endsWith("/messages")) {
            return Optional.of(new Route("anthropic", "anthropic-messages", ""));
        }
        if (path.endsWith(":generateContent") || path.endsWith(":streamGenerateContent")) {
            String provider = host.endsWith("aiplatform.googleapis.com") ? "gcp.vertex_ai" : GOOGLE;
            return Optional.of(
                    new Route(provider, "gemini", path.substring(path.lastIndexOf('/') + 1, path.lastIndexOf(':'))));
        }
        if (path.endsWith("/api/chat") || path.endsWith("/api/generate") || path.endsWith("/api/embed")) {
            return Optional.of(new Route("ollama", "ollama", ""));
        }
        if (path.startsWith("/model/") && (path.endsWith("/converse") || path.endsWith("/converse-stream"))) {
            String model = path.substring("/model/".length(), path.lastIndexOf('/'));
            return Optional.of(
                    new Route("aws.bedrock", "bedrock-converse", URLDecoder.decode(model, StandardCharsets.UTF_8)));
        }
        if (path.endsWith("/v2/chat") && host.contains("cohere")) {
            return Optional.of(new Route("cohere", "cohere", ""));
        }
        return Optional.empty();
    }

    private static String provider(String host, int port) {
        for (Map.Entry<String, String> known : HOSTS.entrySet()) {
            if (host.equals(known.getKey()) || host.endsWith("." + known.getKey())) {
                return known.getValue();
            }
        }
        return port == 11_434 ? "ollama" : "openai";
    }

    /** Azure names the deployment in the path. */
    private static String deployment(String path) {
        String before = "/deployments/";
        int at = path.indexOf(before);
        int end = at < 0 ? -1 : path.indexOf('/', at + before.length());
        return end < 0 ? "" : URLDecoder.decode(path.substring(at + before.length(), end), StandardCharsets.UTF_8);
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
