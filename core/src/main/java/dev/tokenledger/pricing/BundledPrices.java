package dev.tokenledger.pricing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The price book in this jar: a resource for each provider with its {@link PackedEntries packed entries}, and one that lists
 * the providers with the newest day that their sources name. A program makes them from the files in the folder {@code
 * prices}; nobody edits them.
 */
final class BundledPrices {

    private static final String FOLDER = "book/";
    private static final String PROVIDERS = "providers.txt";

    /** Read as prices are looked for. */
    static final PriceBook BOOK = PriceBook.empty().with(PriceLayer.of("bundled", read()));

    private BundledPrices() {}

    private static PriceLayer.Content read() {
        SortedMap<String, LocalDate> providers = new TreeMap<>();
        for (String line : new String(bytes(PROVIDERS), StandardCharsets.UTF_8).split("\n")) {
            int blank = line.indexOf(' ');
            providers.put(line.substring(0, blank), day(line.substring(blank + 1)));
        }
        return new PackedEntries(providers, provider -> bytes(provider + ".txt"));
    }

    /** Without the JDK's formatter, whose preparation a command that asks for no price would wait for. */
    private static LocalDate day(String text) {
        return LocalDate.of(
                Integer.parseInt(text.substring(0, 4)),
                Integer.parseInt(text.substring(5, 7)),
                Integer.parseInt(text.substring(8)));
    }

    private static byte[] bytes(String name) {
        try (InputStream stream = BundledPrices.class.getResourceAsStream(FOLDER + name)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks its resource " + FOLDER + name);
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the bundled prices", e);
        }
    }
}
