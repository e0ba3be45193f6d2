package dev.tokenledger.formats.pricelists;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.FileKind;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.NodeReader;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A project whose price list is read as it is. */
public enum PriceListFormat {
    /** LiteLLM's {@code model_prices_and_context_window.json}. */
    LITELLM("litellm", "LiteLLM"),
    /** The {@code api.json} of models.dev. */
    MODELS_DEV("models.dev", "models.dev"),
    /** The {@code data.json} of genai-prices. */
    GENAI_PRICES("genai-prices", "genai-prices"),
    /** OpenRouter's answer to {@code /api/v1/models}. */
    OPENROUTER("openrouter", "OpenRouter"),
    /** A provider's file of Portkey's {@code pricing/}. */
    PORTKEY("portkey", "Portkey");

    /** The largest list, in bytes: 8 MiB. */
    public static final int MAX_BYTES = 8 << 20;

    private static final FileKind KIND = new FileKind("price list", MAX_BYTES);

    private final String text;
    private final String title;

    PriceListFormat(String text, String title) {
        this.text = text;
        this.title = title;
    }

    /** The name on command lines. */
    public String text() {
        return text;
    }

    /** The project's name. */
    public String title() {
        return title;
    }

    /** All names. */
    public static List<String> names() {
        return Arrays.stream(values()).map(PriceListFormat::text).toList();
    }

    /**
     * The format of this name, in any case.
     *
     * @throws IllegalArgumentException if there is none of that name
     */
    public static PriceListFormat parse(String text) {
        String lower = text.strip().toLowerCase(Locale.ROOT);
        for (PriceListFormat format : values()) {
            if (format.text.equals(lower)) {
                return format;
            }
        }
        throw new IllegalArgumentException("expected one of " + String.join(", ", names()));
    }

    /**
     * Reads a list.
     *
     * @param name the file's name, for messages
     * @param provider the provider that a list of one provider is of; ignored by formats that name it themselves
     * @param day the day of the list, which the entries' source states
     * @throws DocumentException if the content is no JSON, larger than {@link #MAX_BYTES}, or states no price
     */
    public PriceList read(String name, byte[] content, String provider, LocalDate day) {
        Node document = KIND.parseJson(name, content);
        Collected collected = new Collected(title + " (" + day + ")");
        switch (this) {
            case LITELLM -> LiteLlmList.read(document, collected);
            case MODELS_DEV -> ModelsDevList.read(document, collected);
            case GENAI_PRICES -> GenaiPricesList.read(document, collected);
            case OPENROUTER -> OpenRouterList.read(document, collected);
            case PORTKEY -> PortkeyList.read(document, provider, collected);
        }
        PriceList list = collected.list();
        if (list.entries().isEmpty()) {
            NodeReader nodes = new NodeReader();
            nodes.mistake(
                    new NodeReader.Spot(document.place(), ""),
                    "no price in it; expected the price list of " + title + " as it publishes it");
            nodes.refuseMistakes(name);
        }
        return list;
    }
}
