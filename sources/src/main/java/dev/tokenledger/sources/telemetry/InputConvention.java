package dev.tokenledger.sources.telemetry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

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

    /** By the beginning of the scope's name; the first that fits decides. */
    private static final Map<String, InputConvention> BY_SCOPE = new LinkedHashMap<>();

    static {
        // OpenLLMetry adds the cached tokens to the input, save for Bedrock, whose figures it hands on.
        BY_SCOPE.put("opentelemetry.instrumentation.bedrock", EXCLUSIVE);
        BY_SCOPE.put("@traceloop/instrumentation-bedrock", EXCLUSIVE);
        BY_SCOPE.put("opentelemetry.instrumentation.", INCLUSIVE);
        BY_SCOPE.put("@traceloop/", INCLUSIVE);
        BY_SCOPE.put("openlit", EXCLUSIVE);
        // Spring AI speaks through Micrometer, whose tracer Spring Boot names after itself.
        BY_SCOPE.put("org.springframework.", EXCLUSIVE);
        BY_SCOPE.put("io.micrometer.", EXCLUSIVE);
        BY_SCOPE.put("langchain4j", EXCLUSIVE);
        BY_SCOPE.put("dev.langchain4j", EXCLUSIVE);
        BY_SCOPE.put("io.quarkiverse.langchain4j", EXCLUSIVE);
        BY_SCOPE.put("com.anthropic.claude_code", EXCLUSIVE);
    }

    private final String note;

    InputConvention(String note) {
        this.note = note;
    }

    /** What is noted on a record that was read so. */
    String note() {
        return note;
    }

    /** What is declared for a scope. */
    static Optional<InputConvention> of(String scope) {
        return BY_SCOPE.entrySet().stream()
                .filter(declared -> scope.startsWith(declared.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
    }
}
