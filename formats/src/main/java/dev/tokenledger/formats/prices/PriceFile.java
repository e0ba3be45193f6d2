package dev.tokenledger.formats.prices;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.FileKind;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import java.nio.file.Path;
import java.util.Collection;

/**
 * A price list in a file, YAML or, with the ending {@code .json}, JSON with the same keys.
 *
 * <p>{@code prices} lists entries in full; {@code pricing} maps a model to rates for input and output at any provider, with
 * cache rates by multipliers. See {@link PriceEntry} for what the parts mean. A file of another kind, of unknown keys or with
 * a single wrong figure is refused as a whole: half a price list is worse than none.
 */
public final class PriceFile {

    /** The largest file, in bytes: 4 MiB. */
    public static final int MAX_BYTES = 4 << 20;

    private static final FileKind KIND = new FileKind("price file", MAX_BYTES);

    private PriceFile() {}

    /**
     * Reads a file.
     *
     * @return a layer with the file's path as its name
     * @throws DocumentException if the file cannot be read, or has mistakes; all mistakes that can be told apart are listed
     */
    public static PriceLayer read(Path file) {
        return parse(file.toString(), KIND.content(file));
    }

    /**
     * Reads a file's content.
     *
     * @param name the file's name: the layer's name, and by its ending the format
     * @throws DocumentException if the content has mistakes
     */
    public static PriceLayer parse(String name, byte[] content) {
        return new PriceFileReader(name).read(KIND.parse(name, content));
    }

    /**
     * Entries as a price file in YAML, which {@link #read} reads back to equal entries.
     *
     * <p>{@linkplain PriceEntry#cacheByMultiplier() Cache rates by multiplier} have no key but the short form. An entry that
     * needs the long one is written with the products, as rates of its own: it prices alike under another {@linkplain
     * PriceEntry#id() id}, or, where a product is larger or finer than a stated rate can be, cannot be read.
     */
    public static String format(Collection<PriceEntry> entries) {
        return PriceFileWriter.format(entries);
    }
}
