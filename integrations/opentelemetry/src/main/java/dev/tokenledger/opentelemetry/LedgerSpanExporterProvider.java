package dev.tokenledger.opentelemetry;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.query.Words;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.payloads.telemetry.Users;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigProperties;
import io.opentelemetry.sdk.autoconfigure.spi.ConfigurationException;
import io.opentelemetry.sdk.autoconfigure.spi.traces.ConfigurableSpanExporterProvider;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The exporter that the SDK's autoconfiguration knows as {@code tokenledger}: with this artefact on the class path, {@code
 * OTEL_TRACES_EXPORTER=tokenledger} and {@code OTEL_EXPORTER_TOKENLEDGER_LEDGER=usage.db} record a program's model calls. A list
 * such as {@code otlp,tokenledger} does both.
 *
 * <table class="striped">
 *   <caption>Properties; environment variables have the same names in capitals, with underscores</caption>
 *   <tr><th>{@value #LEDGER}</th><td>the ledger's SQLite file; required</td></tr>
 *   <tr><th>{@value #PRICES}</th><td>price files on top of the bundled prices, separated by commas</td></tr>
 *   <tr><th>{@value #USERS}</th><td>what becomes of users' names in spans: keep (default), hash, leave_out</td></tr>
 * </table>
 *
 * <p>A wrong setting or price file stops the SDK's start with a {@link ConfigurationException}, as wrong settings of the SDK's
 * own do. A ledger that cannot be opened does not: it is opened with the first export that has a call, and again until it can be.
 */
public final class LedgerSpanExporterProvider implements ConfigurableSpanExporterProvider {

    static final String LEDGER = "otel.exporter.tokenledger.ledger";
    static final String PRICES = "otel.exporter.tokenledger.prices";
    static final String USERS = "otel.exporter.tokenledger.users";

    /** For the SDK, which finds it as a service. */
    public LedgerSpanExporterProvider() {}

    @Override
    public String getName() {
        return "tokenledger";
    }

    @Override
    public SpanExporter createExporter(ConfigProperties config) {
        String ledger = config.getString(LEDGER, "");
        if (ledger.isBlank()) {
            throw new ConfigurationException(LEDGER + ": set it to the ledger's SQLite file");
        }
        LazyLedger lazy = new LazyLedger(path(LEDGER, ledger), prices(config.getList(PRICES)));
        return LedgerSpanExporter.builder(lazy, lazy::close)
                .users(users(config.getString(USERS, "keep")))
                .build();
    }

    private static PriceBook prices(List<String> files) {
        PriceBook prices = PriceBook.bundled();
        for (String file : files) {
            try {
                prices = prices.with(PriceFile.read(path(PRICES, file)));
            } catch (DocumentException e) {
                throw new ConfigurationException(PRICES + ": " + e.getMessage(), e);
            }
        }
        return prices;
    }

    private static Users users(String word) {
        try {
            return Words.parse("users", Users.values(), word.strip());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(USERS + ": " + e.getMessage(), e);
        }
    }

    private static Path path(String property, String text) {
        try {
            return Path.of(text.strip());
        } catch (InvalidPathException e) {
            throw new ConfigurationException(property + ": no path of a file", e);
        }
    }

    /** Opens the ledger when it is first asked for; a failure is thrown on, and the next to ask tries again. */
    private static final class LazyLedger implements Supplier<Ledger> {

        private final Path file;
        private final PriceBook prices;
        private @Nullable Ledger open;

        LazyLedger(Path file, PriceBook prices) {
            this.file = file;
            this.prices = prices;
        }

        @Override
        public synchronized Ledger get() {
            Ledger ledger = open;
            if (ledger == null) {
                ledger = SqliteLedger.open(file, prices);
                open = ledger;
            }
            return ledger;
        }

        synchronized void close() {
            if (open != null) {
                open.close();
                open = null;
            }
        }
    }
}
