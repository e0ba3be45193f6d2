package dev.tokenledger.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The SDK as its autoconfiguration builds it. */
class LedgerSpanExporterProviderTest {

    @TempDir
    Path folder;

    private final Logger logger = Logger.getLogger("dev.tokenledger.opentelemetry");
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final Handler keeping = new Handler() {
        @Override
        public void publish(LogRecord logged) {
            warnings.add(logged.getMessage());
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    /** Also because Surefire cannot take output from a thread without a class loader, as the SDK's is. */
    @BeforeEach
    void listen() {
        logger.addHandler(keeping);
        logger.setUseParentHandlers(false);
    }

    @AfterEach
    void stopListening() {
        logger.removeHandler(keeping);
        logger.setUseParentHandlers(true);
    }

    @Test
    void exporter_isFoundByItsName_andPricesByTheFilesNamed() throws IOException {
        Path prices = Files.writeString(
                folder.resolve("ours.yaml"),
                "pricing:\n  house-model:\n    input_per_million: 1.00\n    output_per_million: 2.00\n");
        Path file = folder.resolve("usage.db");
        try (OpenTelemetrySdk sdk =
                sdk("otel.exporter.tokenledger.ledger", file, "otel.exporter.tokenledger.prices", prices)) {
            call(sdk, 1_000_000);
        }
        Summary total = total(file);
        assertThat(total.totalRecords()).isEqualTo(1);
        assertThat(total.totalCost()).hasToString("3");
    }

    @Test
    void ledgerThatCannotBeOpened_isOpenedOnceItCanBe() throws IOException {
        Path file = folder.resolve("later").resolve("usage.db");
        Files.writeString(folder.resolve("later"), "a file where a folder is to be");
        try (OpenTelemetrySdk sdk = sdk("otel.exporter.tokenledger.ledger", file)) {
            call(sdk, 10);
            flush(sdk);
            assertThat(warnings).hasSize(1);
            Files.delete(folder.resolve("later"));
            Files.createDirectory(folder.resolve("later"));
            call(sdk, 20);
            flush(sdk);
        }
        assertThat(total(file).totalInputTokens()).isEqualTo(30);
        assertThat(warnings).hasSize(2);
        assertThat(warnings.get(0)).contains("cannot write to the ledger").contains(file.toString());
        assertThat(warnings.get(1)).isEqualTo("the ledger can be written again");
    }

    @Test
    void wrongSettings_stopTheStartByName() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "prices: none\n");
        Path file = folder.resolve("usage.db");
        assertRefused("otel.exporter.tokenledger.ledger", "set it to the ledger's SQLite file");
        assertRefused(
                "otel.exporter.tokenledger.prices",
                bad.toString(),
                "otel.exporter.tokenledger.ledger",
                file,
                "otel.exporter.tokenledger.prices",
                bad);
        assertRefused(
                "otel.exporter.tokenledger.users",
                "expected one of keep, hash, leave_out",
                "otel.exporter.tokenledger.ledger",
                file,
                "otel.exporter.tokenledger.users",
                "forget");
        assertThat(file).doesNotExist();
    }

    private static void assertRefused(String property, String why, Object... settings) {
        assertThatThrownBy(() -> sdk(settings).close())
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(property)
                .hasMessageContaining(why);
    }

    private static OpenTelemetrySdk sdk(Object... settings) {
        Map<String, String> properties = new HashMap<>(Map.of(
                "otel.traces.exporter", "tokenledger",
                "otel.metrics.exporter", "none",
                "otel.logs.exporter", "none",
                // Nothing is exported but by flushing.
                "otel.bsp.schedule.delay", "3600000"));
        for (int i = 0; i < settings.length; i += 2) {
            properties.put(settings[i].toString(), settings[i + 1].toString());
        }
        return AutoConfiguredOpenTelemetrySdk.builder()
                .addPropertiesCustomizer(config -> properties)
                .disableShutdownHook()
                .build()
                .getOpenTelemetrySdk();
    }

    private static void call(OpenTelemetrySdk sdk, long tokens) {
        Tracer tracer = sdk.getTracer("x");
        tracer.spanBuilder("chat house-model")
                .setAttribute("gen_ai.operation.name", "chat")
                .setAttribute("gen_ai.request.model", "house-model")
                .setAttribute("gen_ai.usage.input_tokens", tokens)
                .setAttribute("gen_ai.usage.output_tokens", tokens)
                .startSpan()
                .end();
    }

    private static void flush(OpenTelemetrySdk sdk) {
        assertThat(sdk.getSdkTracerProvider()
                        .forceFlush()
                        .join(1, TimeUnit.MINUTES)
                        .isDone())
                .isTrue();
    }

    private static Summary total(Path file) {
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.bundled())) {
            return ledger.summary(TimeWindow.all());
        }
    }
}
