package dev.tokenledger.cli;

import dev.tokenledger.formats.currency.ConvertedReport;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.FileStamp;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** In which currency costs are shown beside USD. */
final class CurrencyOptions {

    private final Argument<String> currency;
    private final Argument<String> rates;

    CurrencyOptions(Subcommand command) {
        command.group("In another currency:");
        currency = command.option(
                "--currency",
                "CODE",
                new Converters.OfCurrency(),
                "Show costs in this currency too, such as EUR: each day's by that day's rate.");
        rates = command.option(
                "--rates",
                "FILE",
                "The exchange rates: the European Central Bank's eurofxref-hist.csv, or a CSV with the columns date, currency and"
                        + " per_usd (units for one US dollar).");
    }

    /** The rates; empty if no currency was asked for. */
    Optional<ExchangeRates> rates() {
        if (currency.stated().isPresent() != rates.stated().isPresent()) {
            throw new UsageException(
                    currency.stated().isPresent()
                            ? "--currency goes with --rates FILE; the ECB's rates are eurofxref-hist.csv of"
                                    + " https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.zip"
                            : "--rates goes with --currency");
        }
        if (rates.stated().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(ExchangeRates.read(InputFiles.readable("--rates", rates.or("")), currency.or("")));
        } catch (DocumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * The rates as the file has them whenever they are asked for; empty if no currency was asked for. A file that cannot be read
     * again leaves the rates as they were.
     */
    Optional<Supplier<ExchangeRates>> inForce(Consumer<String> failures) {
        Path file = Path.of(rates.or(""));
        Optional<FileStamp> read = FileStamp.ifReadable(file);
        return rates().map(now -> new Watched(file, read, now, failures));
    }

    /** Rates that are read again once their file was replaced. Safe for use by many threads. */
    private static final class Watched implements Supplier<ExchangeRates> {

        private final Path file;
        private final Consumer<String> failures;
        private ExchangeRates known;
        private Optional<FileStamp> stamp;

        Watched(Path file, Optional<FileStamp> read, ExchangeRates known, Consumer<String> failures) {
            this.file = file;
            this.known = known;
            this.failures = failures;
            stamp = read;
        }

        @Override
        public synchronized ExchangeRates get() {
            Optional<FileStamp> now = FileStamp.ifReadable(file);
            if (!now.equals(stamp)) {
                stamp = now;
                try {
                    known = ExchangeRates.read(file, known.currency());
                } catch (DocumentException e) {
                    failures.accept(e.getMessage() + "; the rates stay as they were");
                }
            }
            return known;
        }
    }

    /** What a person must know of the rates, below a table. */
    static String words(ConvertedReport report) {
        String text =
                report.currency() + " by the rate of each day (" + report.zone().getId() + ")";
        if (!report.carried().isEmpty()) {
            text += "; " + ConvertedReport.named(report.carried())
                    + (report.carried().size() == 1 ? " has" : " have") + " the last rate before";
        }
        return text + ". JSON and CSV have it rounded once, half-even, to " + ConvertedReport.DIGITS + " digits.";
    }

    static void warnOfOldRates(ConvertedReport report, Session session) {
        if (!report.old().isEmpty()) {
            session.warn("the rates of " + report.currency() + " for " + ConvertedReport.named(report.old())
                    + " are more than " + ExchangeRates.MAX_FRESH_DAYS
                    + " days older than these days; name a newer file");
        }
    }
}
