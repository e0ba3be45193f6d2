package dev.tokenledger.sqlite;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Opens a ledger for reading alone, and says how many records it sees, once and again for every line it is told. */
final class ReadingChild {

    private ReadingChild() {}

    /** Arguments: the file. */
    public static void main(String[] arguments) throws IOException {
        BufferedReader told = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (Ledger ledger =
                SqliteLedger.builder().readOnly(true).prices(PriceBook.empty()).open(Path.of(arguments[0]))) {
            do {
                long records = ledger.summary(TimeWindow.all()).totalRecords();
                System.out.write(("sees " + records + "\n").getBytes(StandardCharsets.UTF_8));
                System.out.flush();
            } while (told.readLine() != null);
        }
    }
}
