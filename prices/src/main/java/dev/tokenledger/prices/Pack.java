package dev.tokenledger.prices;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Packs the price files of a clone: {@code java -jar prices/target/prices.jar [FOLDER_OF_THE_CLONE]}. */
public final class Pack {

    private Pack() {}

    /**
     * Packs; exits with 1 and a message if a file has mistakes.
     *
     * @param arguments the folder of the clone; default: the working directory
     */
    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        Path clone = Path.of(arguments.length > 0 ? arguments[0] : ".");
        try {
            Book book = Book.read(clone.resolve(Book.DATA));
            book.write(clone.resolve(Book.RESOURCES));
            CoverageTable.of(book).write(clone.resolve(CoverageTable.DOCUMENT));
            out.println(book.entries() + " prices of " + book.providers() + " providers packed into " + Book.RESOURCES);
        } catch (IllegalArgumentException e) {
            System.err.println(e.getMessage());
            System.exit(1);
        }
    }
}
