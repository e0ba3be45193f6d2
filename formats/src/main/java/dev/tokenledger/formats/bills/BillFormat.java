package dev.tokenledger.formats.bills;

import dev.tokenledger.formats.text.DocumentException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Whose reports a bill is made of. */
public enum BillFormat {
    /** OpenAI's usage and costs, as its API answers or its dashboard exports them. */
    OPENAI(List.of("openai")),
    /** Anthropic's usage and cost reports, as its API answers them. */
    ANTHROPIC(List.of("anthropic")),
    /** OpenRouter's activity, by call (CSV) or by day (JSON), and single generations. */
    OPENROUTER(List.of("openrouter")),
    /** Amazon's Cost and Usage Report 2.0 as CSV: its lines of Bedrock. */
    AWS_CUR(List.of("aws.bedrock")),
    /** Google Cloud's billing export as JSON lines. */
    GOOGLE_BILLING(List.of("gcp.vertex_ai", "google")),
    /** A table of one's own, see {@link CsvBill}. */
    CSV(List.of());

    private final List<String> providers;

    BillFormat(List<String> providers) {
        this.providers = providers;
    }

    /** The name in commands. */
    public String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** The providers whose calls such a bill is about; empty for all. */
    public List<String> providers() {
        return providers;
    }

    /** @throws DocumentException if the file cannot be read or is of another kind */
    void read(Path file, BillSink sink) {
        switch (this) {
            case OPENAI -> OpenAiBill.read(file, sink);
            case ANTHROPIC -> AnthropicBill.read(file, sink);
            case OPENROUTER -> OpenRouterBill.read(file, sink);
            case AWS_CUR -> AwsBill.read(file, sink);
            case GOOGLE_BILLING -> GoogleBill.read(file, sink);
            case CSV -> CsvBill.read(file, sink);
        }
    }
}
