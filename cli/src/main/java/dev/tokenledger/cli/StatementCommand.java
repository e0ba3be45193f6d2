package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.statement.Statements;
import dev.tokenledger.formats.text.OwnerOnly;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;

/** Statements for charge-back. */
final class StatementCommand extends Subcommand implements Action {

    private static final String SUFFIX = ".tokenledger-part";

    private final Argument<Dimension> dimension = option(
            "--by",
            "DIM",
            new Converters.OfDimension(),
            Dimension.all().stream().map(Dimension::name).toList(),
            "A statement for each value of this dimension, such as attribute.team.");
    private final Argument<String> out =
            option("--out", "FOLDER", "The folder to make; it must not be there yet, or be empty.");
    private final WindowOptions window = new WindowOptions(this);
    private final FilterOptions filter = new FilterOptions(this);

    StatementCommand() {
        super(
                "statement",
                "Makes a folder of statements for charge-back.",
                "statement --by DIM --out FOLDER [OPTION]...");
        description(
                "For each value one CSV and one page to print, and an index of all with their total, which is the ledger's. Calls"
                        + " without a value have a statement too (none). The folder is there whole or not at all.");
        examples(
                "  tokenledger statement --by attribute.team --period last_month --out statements-october",
                "  tokenledger statement --by provider --from 2026-10-01 --to 2026-11-01 --out by-provider");
    }

    @Override
    public boolean readsSeveral() {
        return true;
    }

    @Override
    public int run(Session session) {
        Dimension by = dimension
                .stated()
                .orElseThrow(() -> new UsageException("--by names whose statements to make, such as attribute.team"));
        Path folder = Places.path(
                        "--out", out.stated().orElseThrow(() -> new UsageException("--out names the folder to make")))
                .toAbsolutePath()
                .normalize();
        TimeWindow span = window.window(session);
        refuseFull(folder);
        Statements statements;
        try (Ledger ledger = session.readLedger()) {
            statements = statements(ledger, span, by);
        }
        String words = FilterOptions.describe(filter.filters()) + window.describe(span, session);
        make(statements, folder, words.strip(), session);
        session.say(Figures.count(statements.count(), "statement", "statements") + " in " + folder + ", together "
                + (statements.total().fullyPriced() ? "" : "at least ")
                + Figures.exactUsd(statements.total().totalCost()));
        return DONE;
    }

    private Statements statements(Ledger ledger, TimeWindow span, Dimension by) {
        try {
            return Statements.of(ledger, span, filter.filters(), by);
        } catch (IllegalArgumentException e) {
            throw new CommandException(String.valueOf(e.getMessage()), e);
        }
    }

    private static void refuseFull(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> content = Files.isDirectory(folder) ? Files.list(folder) : Stream.of(folder)) {
            if (content.findAny().isPresent()) {
                throw exists(folder);
            }
        } catch (IOException e) {
            throw new CommandException("cannot make " + folder + ": " + InputFiles.reason(e), e);
        }
    }

    private static CommandException exists(Path folder) {
        return new CommandException(
                "cannot make " + folder + ": it is there and not empty; nothing was changed, name another folder");
    }

    /** Beside it first: so it is there whole or not at all. */
    private static void make(Statements statements, Path folder, String span, Session session) {
        Path parent = Objects.requireNonNull(folder.getParent(), "the root is never empty");
        Path part = parent.resolve(folder.getFileName() + "." + UUID.randomUUID() + SUFFIX);
        try {
            OwnerOnly.createFolders(part);
            try {
                statements.write(part, span, session.now());
                Files.move(part, folder, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                delete(part);
            }
        } catch (DirectoryNotEmptyException | FileAlreadyExistsException e) {
            throw new CommandException(String.valueOf(exists(folder).getMessage()), e);
        } catch (UncheckedIOException e) {
            throw new CommandException(
                    "cannot write statements to " + folder + ": " + InputFiles.reason(e.getCause()), e);
        } catch (IOException e) {
            throw new CommandException("cannot write statements to " + folder + ": " + InputFiles.reason(e), e);
        }
    }

    private static void delete(Path part) throws IOException {
        if (Files.exists(part)) {
            List<Path> all;
            try (Stream<Path> content = Files.walk(part)) {
                all = content.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path path : all) {
                Files.deleteIfExists(path);
            }
        }
    }
}
