package dev.tokenledger.model;

import java.util.Locale;
import java.util.Map;

/**
 * The declared table that brings a provider's names in different vocabularies to one form.
 *
 * <p>Names of shops that charge different prices are not two spellings of one, even if one maker runs both: {@code zai} (Z.ai)
 * and {@code zhipuai} (bigmodel.cn), {@code alibaba} and {@code alibaba-cn}, {@code moonshotai} and {@code moonshotai-cn}.
 */
public final class Providers {

    private static final Map<String, String> CANONICAL = Map.ofEntries(
            Map.entry("gcp.gemini", "google"),
            Map.entry("gcp.gen_ai", "google"),
            Map.entry("gcp.vertex_ai", "google"),
            Map.entry("gemini", "google"),
            Map.entry("google_genai", "google"),
            Map.entry("google_ai", "google"),
            Map.entry("google-ai-studio", "google"),
            Map.entry("vertex_ai", "google"),
            Map.entry("x_ai", "xai"),
            Map.entry("x-ai", "xai"),
            Map.entry("mistral_ai", "mistral"),
            Map.entry("mistralai", "mistral"),
            Map.entry("moonshot", "moonshotai"),
            Map.entry("moonshot_ai", "moonshotai"),
            Map.entry("z_ai", "zai"),
            Map.entry("z.ai", "zai"),
            Map.entry("deep_seek", "deepseek"),
            Map.entry("dashscope", "alibaba"),
            Map.entry("qwen", "alibaba"));

    private Providers() {}

    /**
     * The one form of a provider's name that prices are kept under: lower case, and the declared name where the table
     * has one. OpenTelemetry's {@code gcp.gemini} and {@code x_ai} become {@code google} and {@code xai}.
     */
    public static String canonical(String provider) {
        String lower = provider.strip().toLowerCase(Locale.ROOT);
        return CANONICAL.getOrDefault(lower, lower);
    }
}
