package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.text.Providers;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whether an instrumentation counts cached tokens as input too. OpenTelemetry's convention says that it does, but many hand on
 * what a provider told them; which does what was read from their sources, and is declared here by scope.
 */
enum InputConvention {
    /** Cache reads and writes are inside the input. */
    INCLUSIVE("input_read_as_inclusive"),
    /** They are beside it. */
    EXCLUSIVE("input_read_as_exclusive");

    /** On records whose scope is not declared. */
    static final String ASSUMED = "input_convention_assumed";

    /** Those whose own figures leave cached tokens out; every other provider's contain them. By their canonical names. */
    private static final Set<String> EXCLUSIVE_PROVIDERS = Set.of("anthropic", "aws.bedrock");

    /** What is declared of a scope. */
    private enum Declared {
        /** The cached tokens are added to the input whatever the provider. */
        ADDED,
        /** They are left out whatever the provider. */
        LEFT_OUT,
        /** The input is the provider's own figure. */
        HANDED_ON
    }

    /** By the beginning of the scope's name; the first that fits decides. */
    private static final Map<String, Declared> BY_SCOPE = new LinkedHashMap<>();

    static {
        // OpenLLMetry adds the cached tokens to the input, save for Bedrock, whose figures it hands on.
        BY_SCOPE.put("opentelemetry.instrumentation.bedrock", Declared.LEFT_OUT);
        BY_SCOPE.put("@traceloop/instrumentation-bedrock", Declared.LEFT_OUT);
        BY_SCOPE.put("opentelemetry.instrumentation.", Declared.ADDED);
        BY_SCOPE.put("@traceloop/", Declared.ADDED);
        // These two of OpenLIT's add up; its others hand on.
        BY_SCOPE.put("openlit.instrumentation.claude_agent_sdk", Declared.ADDED);
        BY_SCOPE.put("openlit.instrumentation.langchain", Declared.ADDED);
        BY_SCOPE.put("openlit", Declared.HANDED_ON);
        BY_SCOPE.put("com.anthropic.sdk.java", Declared.ADDED);
        BY_SCOPE.put("openinference.", Declared.ADDED);
        BY_SCOPE.put("@arizeai/openinference-", Declared.ADDED);
        BY_SCOPE.put("pydantic-ai", Declared.ADDED);
        // Spring AI speaks through Micrometer, whose tracer Spring Boot names after itself.
        BY_SCOPE.put("org.springframework.", Declared.HANDED_ON);
        BY_SCOPE.put("io.micrometer.", Declared.HANDED_ON);
        BY_SCOPE.put("langchain4j", Declared.HANDED_ON);
        BY_SCOPE.put("dev.langchain4j", Declared.HANDED_ON);
        BY_SCOPE.put("io.quarkiverse.langchain4j", Declared.HANDED_ON);
        BY_SCOPE.put("com.anthropic.claude_code", Declared.LEFT_OUT);
    }

    private final String note;

    InputConvention(String note) {
        this.note = note;
    }

    /** What is noted on a record that was read so. */
    String note() {
        return note;
    }

    /**
     * What is declared for a scope.
     *
     * @param provider as the signal names it; one that hands figures on without saying whose is taken to leave cached tokens
     *     out, as Anthropic does, whose users state caches most
     */
    static Optional<InputConvention> of(String scope, String provider) {
        return BY_SCOPE.entrySet().stream()
                .filter(declared -> scope.startsWith(declared.getKey()))
                .map(declared -> of(declared.getValue(), Providers.canonical(provider)))
                .findFirst();
    }

    /** What the first version took a scope's figures for; it did not know that some of OpenLIT's add up. */
    static InputConvention ofFirstVersion(String scope, String provider) {
        boolean later = scope.startsWith("openlit.")
                || scope.startsWith("com.anthropic.sdk.java")
                || scope.startsWith("openinference.")
                || scope.startsWith("@arizeai/")
                || scope.startsWith("pydantic-ai");
        if (!later) {
            return of(scope, provider).orElse(INCLUSIVE);
        }
        return scope.startsWith("openlit.") ? of(Declared.HANDED_ON, Providers.canonical(provider)) : INCLUSIVE;
    }

    private static InputConvention of(Declared declared, String provider) {
        return switch (declared) {
            case ADDED -> INCLUSIVE;
            case LEFT_OUT -> EXCLUSIVE;
            case HANDED_ON -> provider.isEmpty() || EXCLUSIVE_PROVIDERS.contains(provider) ? EXCLUSIVE : INCLUSIVE;
        };
    }
}
