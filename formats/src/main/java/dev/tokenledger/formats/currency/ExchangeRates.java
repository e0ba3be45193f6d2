package dev.tokenledger.formats.currency;

import dev.tokenledger.formats.text.CsvTable;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.FileKind;
import dev.tokenledger.formats.text.Names;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What one US dollar was in another currency, by day. A day without a rate has that of the last day before it that has one, such as
 * the Friday's on a Sunday; before the first one there is none. Immutable and safe for use by many threads.
 *
 * <p>Two kinds of files are read, both CSV with a header:
 *
 * <ul>
 *   <li>the European Central Bank's reference rates ({@code eurofxref-hist.csv}): a column {@code Date}, one for each currency, in
 *       units of it for one euro; {@code N/A} is no rate. USD in another currency is the quotient of two of its columns
 *   <li>a plain table: {@code date,currency,per_usd} with units of the currency for one US dollar; or {@code in_usd} in place of
 *       {@code per_usd}, with US dollars for one unit
 * </ul>
 */
public final class ExchangeRates {

    /** The largest file, in bytes. */
    public static final int MAX_BYTES = 32 << 20;

    /** Days after which a rate that goes on is called old; the longest time without a rate at the ECB is five days. */
    public static final int MAX_FRESH_DAYS = 7;

    private static final FileKind KIND = new FileKind("file of exchange rates", MAX_BYTES);
    private static final DateTimeFormatter LONG_DATE = DateTimeFormatter.ofPattern("d MMMM uuuu", Locale.ENGLISH);

    private final String currency;
    private final NavigableMap<LocalDate, Rate> days;

    private ExchangeRates(String currency, NavigableMap<LocalDate, Rate> days) {
        this.currency = currency;
        this.days = days;
    }

    /**
     * A rate, as an exact fraction.
     *
     * @param day the day that it is of
     * @param units units of the currency …
     * @param usd … for this many US dollars
     */
    public record Rate(LocalDate day, BigDecimal units, BigDecimal usd) {}

    /**
     * Reads a file's rates of one currency.
     *
     * @param currency its code, such as {@code EUR}
     * @throws DocumentException if the file cannot be read, has mistakes, or has no rate of the currency
     */
    public static ExchangeRates read(Path file, String currency) {
        String name = file.toString();
        try (InputStream in = KIND.open(file);
                CsvTable table = new CsvTable(name, in, MAX_BYTES)) {
            return read(name, table, code(currency));
        } catch (IOException e) {
            throw KIND.unreadable(name, e);
        }
    }

    /**
     * A currency's code in capitals.
     *
     * @throws IllegalArgumentException if it is not three letters
     */
    public static String code(String text) {
        String code = text.strip().toUpperCase(Locale.ROOT);
        if (code.length() != 3 || !code.chars().allMatch(c -> c >= 'A' && c <= 'Z')) {
            throw new IllegalArgumentException(
                    "expected a currency's code of three letters such as EUR, found \"" + Names.shown(text) + "\"");
        }
        return code;
    }

    private static ExchangeRates read(String file, CsvTable table, String currency) throws IOException {
        TreeMap<LocalDate, Rate> days = new TreeMap<>();
        Set<String> known = new TreeSet<>();
        boolean plain = table.has("currency") && (table.has("per_usd") || table.has("in_usd"));
        if (plain) {
            table.require("date");
        } else {
            table.require("date", "usd");
            known.add("EUR");
            table.columns().stream()
                    .filter(column -> column.length() == 3)
                    .forEach(column -> known.add(column.toUpperCase(Locale.ROOT)));
        }
        while (table.next()) {
            Rate rate = plain ? plain(table, currency, known) : ofBank(table, currency);
            if (rate != null) {
                Rate before = days.putIfAbsent(rate.day(), rate);
                if (before != null && !before.equals(rate)) {
                    throw table.mistake("date", "there are two rates of " + currency + " for " + rate.day());
                }
            }
        }
        if (days.isEmpty()) {
            String found = known.size() > 60 ? "" : "; it has " + String.join(", ", known);
            throw KIND.unusable(file, "it has no rate of " + currency + found);
        }
        return new ExchangeRates(currency, days);
    }

    private static @Nullable Rate plain(CsvTable table, String currency, Set<String> known) {
        String code;
        try {
            code = code(table.text("currency"));
        } catch (IllegalArgumentException e) {
            throw table.mistake("currency", String.valueOf(e.getMessage()));
        }
        if (known.size() < 200) {
            known.add(code);
        }
        LocalDate day = day(table);
        BigDecimal perUsd = positive(table, "per_usd");
        BigDecimal inUsd = positive(table, "in_usd");
        if ((perUsd == null) == (inUsd == null)) {
            throw table.mistake("per_usd", "expected a rate in one of the columns per_usd and in_usd");
        }
        if (!code.equals(currency)) {
            return null;
        }
        return perUsd != null ? new Rate(day, perUsd, BigDecimal.ONE) : new Rate(day, BigDecimal.ONE, or(inUsd));
    }

    private static @Nullable Rate ofBank(CsvTable table, String currency) {
        LocalDate day = day(table);
        BigDecimal usd = positive(table, "usd");
        BigDecimal units = currency.equals("EUR") ? BigDecimal.ONE : positive(table, currency);
        return usd == null || units == null ? null : new Rate(day, units, usd);
    }

    private static BigDecimal or(@Nullable BigDecimal number) {
        return number == null ? BigDecimal.ONE : number;
    }

    private static LocalDate day(CsvTable table) {
        String text = table.text("date");
        try {
            return text.indexOf(' ') > 0 ? LocalDate.parse(text, LONG_DATE) : LocalDate.parse(text);
        } catch (DateTimeException e) {
            throw table.mistake("date", "expected a day such as 2026-11-02, found \"" + Names.shown(text) + "\"");
        }
    }

    private static @Nullable BigDecimal positive(CsvTable table, String column) {
        String text = table.text(column);
        if (text.isEmpty() || text.equals("N/A") || text.equals("-")) {
            return null;
        }
        BigDecimal rate = table.decimal(column);
        if (rate == null || rate.signum() <= 0 || rate.scale() > 20 || rate.precision() > 30) {
            throw table.mistake(
                    column, "expected a rate above 0 of at most 30 digits, found \"" + Names.shown(text) + "\"");
        }
        return rate;
    }

    /** The currency's code. */
    public String currency() {
        return currency;
    }

    /** The rate of a day, or of the last day before it that has one; empty before the first. */
    public Optional<Rate> at(LocalDate day) {
        return Optional.ofNullable(days.floorEntry(day)).map(Map.Entry::getValue);
    }

    /** The first day that has a rate. */
    public LocalDate first() {
        return days.firstKey();
    }

    /** The last day that has a rate. */
    public LocalDate last() {
        return days.lastKey();
    }
}
