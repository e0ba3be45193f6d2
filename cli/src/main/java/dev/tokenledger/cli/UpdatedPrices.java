package dev.tokenledger.cli;

import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The file in which {@code prices update} keeps what lists have changed: a price file whose first lines, comments to everyone
 * else, tell what was fetched last.
 *
 * @param list which project's list
 * @param url where it is from
 * @param etag the server's name for that state of it; may be empty
 * @param sha256 its digest, in hex
 * @param fetched when
 */
record UpdatedPrices(String list, String url, String etag, String sha256, Instant fetched) {

    private static final String TITLE =
            "# Written by 'tokenledger prices update', which goes on from it; your own prices go into "
                    + "prices.yaml beside it.\n";
    private static final int MAX_HEAD = 8_192;

    /** The layer of the file; empty if there is none. */
    static Optional<PriceLayer> layer(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            PriceLayer layer = PriceFile.read(file);
            return Optional.of(head(file)
                    .map(head -> layer.checkedOn(
                            head.fetched.atOffset(ZoneOffset.UTC).toLocalDate()))
                    .orElse(layer));
        } catch (DocumentException e) {
            throw new CommandException(
                    e.getMessage() + "\nremove " + file + " and run 'tokenledger prices update' to make it anew", e);
        }
    }

    /** The day on which the file's list was fetched; empty if there is no file, or it does not say so. */
    static Optional<LocalDate> day(Path file) {
        return head(file).map(head -> head.fetched.atOffset(ZoneOffset.UTC).toLocalDate());
    }

    /** What the first lines of a file tell; empty if there is no file, or they tell nothing. */
    static Optional<UpdatedPrices> head(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            return head(new String(stream.readNBytes(MAX_HEAD), StandardCharsets.UTF_8));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<UpdatedPrices> head(String text) {
        Map<String, String> lines = new HashMap<>();
        for (String line : text.split("\n")) {
            if (!line.startsWith("# ")) {
                break;
            }
            int colon = line.indexOf(": ");
            if (colon > 0) {
                lines.put(line.substring(2, colon), line.substring(colon + 2));
            }
        }
        try {
            return lines.containsKey("fetched")
                    ? Optional.of(new UpdatedPrices(
                            lines.getOrDefault("list", ""),
                            lines.getOrDefault("url", ""),
                            lines.getOrDefault("etag", ""),
                            lines.getOrDefault("sha256", ""),
                            Instant.parse(lines.get("fetched"))))
                    : Optional.empty();
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    /** The file's content. */
    byte[] content(Collection<PriceEntry> entries) {
        String text =
                TITLE + "# list: " + list + "\n# url: " + url + "\n" + (etag.isEmpty() ? "" : "# etag: " + etag + "\n")
                        + "# sha256: " + sha256 + "\n# fetched: " + fetched + "\n" + PriceFile.format(entries);
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
