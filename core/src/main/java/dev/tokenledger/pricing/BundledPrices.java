package dev.tokenledger.pricing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads the price list in this jar: entries as {@link PriceEntryText}, blank lines between them, {@code #} comments. */
final class BundledPrices {

    static final String RESOURCE = "bundled-prices.txt";

    /** Read when a price is first looked for. */
    static final PriceBook BOOK = PriceBook.empty().with(PriceLayer.readLater("bundled", BundledPrices::read));

    private BundledPrices() {}

    private static List<PriceEntry> read() {
        List<PriceEntry> entries = new ArrayList<>();
        try (InputStream stream = BundledPrices.class.getResourceAsStream(RESOURCE)) {
            if (stream == null) {
                throw new IllegalStateException("the jar lacks its resource " + RESOURCE);
            }
            BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8));
            StringBuilder block = new StringBuilder();
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                if (!line.isBlank() && !line.startsWith("#")) {
                    block.append(line).append('\n');
                } else if (line.isBlank() && !block.isEmpty()) {
                    entries.add(PriceEntryText.parse(block.toString()));
                    block.setLength(0);
                }
            }
            if (!block.isEmpty()) {
                entries.add(PriceEntryText.parse(block.toString()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the bundled prices", e);
        }
        return entries;
    }
}
