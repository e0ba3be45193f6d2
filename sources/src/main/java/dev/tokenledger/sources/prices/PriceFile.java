package dev.tokenledger.sources.prices;

import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import dev.tokenledger.sources.prices.PriceFileException.Mistake;
import dev.tokenledger.sources.text.Documents;
import dev.tokenledger.sources.text.Node;
import dev.tokenledger.sources.text.TextFormatException;
import dev.tokenledger.sources.text.Utf8;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;

/**
 * A price list in a file, YAML or, with the ending {@code .json}, JSON with the same keys.
 *
 * <p>{@code prices} lists entries in full; {@code pricing} maps a model to rates for input and output at any provider, with
 * cache rates by multipliers. See {@link PriceEntry} for what the parts mean. A file of another kind, of unknown keys or with
 * a single wrong figure is refused as a whole: half a price list is worse than none.
 */
public final class PriceFile {

    /** The largest file, in bytes: 4 MiB. */
    public static final int LARGEST = 4 << 20;

    private PriceFile() {}

    /**
     * Reads a file.
     *
     * @return a layer with the file's path as its name
     * @throws PriceFileException if the file cannot be read, or has mistakes; all mistakes that can be told apart are listed
     */
    public static PriceLayer read(Path file) {
        byte[] bytes;
        try (InputStream stream = Files.newInputStream(file)) {
            bytes = stream.readNBytes(LARGEST + 1);
        } catch (NoSuchFileException e) {
            throw new PriceFileException(file.toString(), "there is no such file", e);
        } catch (AccessDeniedException e) {
            throw new PriceFileException(file.toString(), "access denied", e);
        } catch (IOException e) {
            String problem = Files.isDirectory(file) ? "it is a directory" : String.valueOf(e.getMessage());
            throw new PriceFileException(file.toString(), problem, e);
        }
        return parse(file.toString(), bytes);
    }

    /**
     * Reads a file's content.
     *
     * @param name the file's name: the layer's name, and by its ending the format
     * @throws PriceFileException if the content has mistakes
     */
    public static PriceLayer parse(String name, byte[] content) {
        if (content.length > LARGEST) {
            throw new PriceFileException(name, "it is larger than " + LARGEST + " bytes", null);
        }
        String text;
        try {
            text = Utf8.decode(content, 0, content.length);
        } catch (CharacterCodingException e) {
            throw new PriceFileException(name, "it is not UTF-8 text", e);
        }
        return parse(name, text.startsWith("\ufeff") ? text.substring(1) : text);
    }

    private static PriceLayer parse(String name, String text) {
        Node document;
        try {
            boolean json = name.toLowerCase(Locale.ROOT).endsWith(".json");
            document = json ? Documents.readJson(text) : Documents.readYaml(text);
        } catch (TextFormatException e) {
            throw new PriceFileException(
                    name,
                    List.of(new Mistake(e.place().line(), e.place().column(), "", String.valueOf(e.getMessage()))));
        }
        return new PriceFileReader(name).read(document);
    }

    /** Entries as a price file in YAML, which {@link #read} reads back to equal entries. */
    public static String format(Collection<PriceEntry> entries) {
        return PriceFileWriter.format(entries);
    }
}
