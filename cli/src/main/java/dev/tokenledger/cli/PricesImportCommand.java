package dev.tokenledger.cli;

import dev.tokenledger.formats.pricelists.PriceChanges;
import dev.tokenledger.formats.pricelists.PriceChanges.Change;
import dev.tokenledger.formats.pricelists.PriceChanges.Kind;
import dev.tokenledger.formats.pricelists.PriceList;
import dev.tokenledger.formats.pricelists.PriceListFormat;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.SharedFile;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Makes a price file of another project's price list. */
final class PricesImportCommand extends Subcommand implements Action {

    private static final String STDIN = "-";

    private final Argument<String> format =
            parameter(0, "LIST", "Whose list it is: " + String.join(", ", PriceListFormat.names()) + ".");
    private final Argument<String> file = parameter(1, "FILE", "The list as it is published; - is standard input.");
    private final Argument<String> output =
            option("--output", "FILE", "Write the price file here, not to standard output.");
    private final Argument<String> provider =
            option("--provider", "NAME", "The provider of a portkey list. Default: the file's name.");
    private final Argument<String> day =
            option("--day", "DAY", "The day of the list, for the prices' source. Default: when the file was written.");
    private final Argument<Boolean> changed =
            flag("--changed", "Write only prices that the price book lacks or has otherwise.");
    private final Argument<Boolean> all = flag("--all", "Tell every changed price, not just the first.");

    PricesImportCommand() {
        super("import", "Makes a price file of another project's price list.", "prices import LIST FILE [OPTION]...");
        description(
                "Each price becomes a whole entry: where the list has the book's rates for input and output, whatever else",
                "the book's entry states is kept; where it has others, the entry is what the list states.",
                "What was read, changed and left out is told on standard error, or with --output on standard output.");
        examples(
                "  tokenledger prices import litellm list.json --output prices-new.yaml",
                "  tokenledger prices import models.dev - --changed < api.json > changed.yaml");
    }

    @Override
    public int run(Session session) {
        PriceListFormat known = format("LIST", format.or(""));
        String name = file.or(STDIN);
        byte[] content = content(session, name);
        LocalDate listDay = day(session, name);
        if (known == PriceListFormat.PORTKEY && provider.stated().isEmpty() && name.equals(STDIN)) {
            throw new UsageException("--provider: a portkey list on standard input needs its provider's name");
        }
        PriceBook book = session.prices();
        PriceList list;
        try {
            list = known.read(
                    name.equals(STDIN) ? "standard input" : name, content, provider.or(stem(lastName(name))), listDay);
        } catch (DocumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
        Instant now = session.now();
        List<Change> changes = PriceChanges.of(book, list.entries(), now);
        List<Change> wanted = changes.stream()
                .filter(change -> !changed.or(false) || change.kind() != Kind.SAME)
                .toList();
        List<PriceEntry> entries =
                new ArrayList<>(wanted.stream().map(Change::entry).toList());
        entries.addAll(PriceChanges.keptHours(book, wanted, now));
        List<PriceEntry> settled = PriceChanges.withoutSharedAliases(entries);
        PriceLayer.of(name, settled);
        String yaml = "# " + known.title() + ", " + listDay + ", by 'tokenledger prices import'\n"
                + PriceFile.format(settled);
        List<String> report = PriceReport.lines(list, changes, all.or(false));
        if (output.stated().isPresent()) {
            write(Places.path("--output", output.or("")), yaml);
            report.forEach(session.out()::line);
        } else {
            session.out().text(yaml);
            report.forEach(session::say);
        }
        return DONE;
    }

    /** The list of a name that a user wrote. */
    static PriceListFormat format(String what, String name) {
        try {
            return PriceListFormat.parse(name);
        } catch (IllegalArgumentException e) {
            throw new UsageException(what + ": " + e.getMessage() + ", found " + Converters.quoted(name));
        }
    }

    private static byte[] content(Session session, String name) {
        try {
            if (name.equals(STDIN)) {
                return session.environment().in().readNBytes(PriceListFormat.MAX_BYTES + 1);
            }
            try (InputStream stream = Files.newInputStream(InputFiles.readable(name))) {
                return stream.readNBytes(PriceListFormat.MAX_BYTES + 1);
            }
        } catch (IOException e) {
            throw InputFiles.unreadable(name, e);
        }
    }

    private LocalDate day(Session session, String name) {
        if (day.stated().isPresent()) {
            return Times.parse("--day", day.or(""), ZoneOffset.UTC)
                    .atOffset(ZoneOffset.UTC)
                    .toLocalDate();
        }
        try {
            Instant written = name.equals(STDIN)
                    ? session.now()
                    : Files.getLastModifiedTime(Places.path("FILE", name)).toInstant();
            return written.atOffset(ZoneOffset.UTC).toLocalDate();
        } catch (IOException e) {
            throw InputFiles.unreadable(name, e);
        }
    }

    private static String lastName(String name) {
        Path last = Places.path("FILE", name).getFileName();
        return last == null ? "" : last.toString();
    }

    /** The name of a list without what follows its first dot: its provider's, where nobody says otherwise. */
    static String stem(String name) {
        int dot = name.indexOf('.');
        return dot > 0 ? name.substring(0, dot) : name;
    }

    private static void write(Path target, String yaml) {
        byte[] content = yaml.getBytes(StandardCharsets.UTF_8);
        if (content.length > PriceFile.MAX_BYTES) {
            throw new CommandException("cannot write " + target + ": the price file would be larger than "
                    + PriceFile.MAX_BYTES + " bytes; --changed writes less");
        }
        try {
            new SharedFile(target).update(current -> content);
        } catch (IOException e) {
            throw new CommandException("cannot write " + target + ": " + InputFiles.reason(e), e);
        }
    }
}
