package dev.tokenledger.cli;

import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.pricing.PriceBook;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The price book that a command works with. */
final class PriceFiles {

    private PriceFiles() {}

    /**
     * The bundled prices, what updates changed, the user's own if the file is there, and each file in turn, one laid over the
     * other.
     *
     * @throws CommandException if a file cannot be read or has mistakes; the message lists them
     */
    static PriceBook stacked(Path updated, Path own, List<String> files) {
        PriceBook book =
                UpdatedPrices.layer(updated).map(PriceBook.bundled()::with).orElse(PriceBook.bundled());
        if (Files.exists(own)) {
            book = with(book, own);
        }
        for (String file : files) {
            book = with(book, Places.path("--prices", file));
        }
        return book;
    }

    private static PriceBook with(PriceBook book, Path file) {
        try {
            return book.with(PriceFile.read(file));
        } catch (DocumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }
}
