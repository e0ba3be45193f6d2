package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.bills.Bill;
import dev.tokenledger.formats.bills.BillFormat;
import dev.tokenledger.formats.reconcile.Reconciliation;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.server.http.Problem;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.text.Texts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * Compares the ledger with a bill that somebody sends. Nothing of it is kept: its files are written to a folder of their own, which
 * its owner alone can read, and deleted before the answer. One comparison at a time. Safe for use by many threads.
 */
final class BillComparison {

    /** The most files of one bill. */
    static final int MAX_FILES = 20;

    /** The most calls of the ledger that are compared while somebody waits; the command line has no such limit. */
    static final long MAX_CALLS = 1_000_000;

    private static final int MAX_MAPPED = 1_000;
    private static final int MAX_NAME = 64;

    private final Semaphore free = new Semaphore(1);

    /**
     * The page that answers a form.
     *
     * @throws IllegalArgumentException if something cannot be compared; the message says what and what to do
     * @throws Problem if another bill is being compared
     */
    ReconcilePage page(Ledger ledger, MultipartForm sent, ReconcilePage.Form form, Frame frame, ZoneId usualZone) {
        if (!free.tryAcquire()) {
            throw Problem.of(503, "another bill is being compared; try again in a moment");
        }
        try {
            return ReconcilePage.of(frame, form, compare(ledger, sent, form, usualZone));
        } finally {
            free.release();
        }
    }

    /** What was filled in. */
    static ReconcilePage.Form form(MultipartForm sent) {
        return new ReconcilePage.Form(
                Texts.cut(sent.text("bill"), MAX_NAME),
                Texts.cut(sent.text("from"), MAX_NAME),
                Texts.cut(sent.text("through"), MAX_NAME),
                Texts.cut(sent.text("zone"), MAX_NAME),
                sent.text("models"));
    }

    private static Reconciliation compare(
            Ledger ledger, MultipartForm sent, ReconcilePage.Form form, ZoneId usualZone) {
        BillFormat format = format(form.format());
        if (sent.files().isEmpty()) {
            throw new IllegalArgumentException("choose the provider’s files: its report of usage and that of costs");
        }
        if (sent.files().size() > MAX_FILES) {
            throw new IllegalArgumentException("a bill has at most " + MAX_FILES + " files here");
        }
        ZoneId zone = zone(form.zone(), usualZone);
        TimeWindow window = TimeWindow.of(
                date("from", form.from(), 0, zone, TimeWindow.MIN),
                date("through", form.through(), 1, zone, TimeWindow.MAX));
        Map<String, String> models = models(form.models());
        Bill bill = read(format, sent.files(), zone);
        TimeWindow compared = window.intersect(TimeWindow.of(bill.start(), bill.end()));
        if (!compared.isEmpty() && ledger.summary(compared).totalRecords() > MAX_CALLS) {
            throw new IllegalArgumentException("more than " + MAX_CALLS
                    + " calls lie in these days: choose fewer, or use 'tokenledger reconcile'");
        }
        return Reconciliation.of(ledger, bill, new Reconciliation.Question(window, Map.of(), models, zone));
    }

    private static BillFormat format(String text) {
        for (BillFormat format : BillFormat.values()) {
            if (format.text().equals(text)) {
                return format;
            }
        }
        throw new IllegalArgumentException("choose whose bill it is");
    }

    private static ZoneId zone(String text, ZoneId usualZone) {
        try {
            return text.isEmpty() ? usualZone : ZoneId.of(text);
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("there is no such time zone; write one such as Europe/Berlin or UTC", e);
        }
    }

    private static Instant date(String name, String text, int days, ZoneId zone, Instant otherwise) {
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            Instant instant =
                    LocalDate.parse(text).plusDays(days).atStartOfDay(zone).toInstant();
            if (!instant.isBefore(TimeWindow.MIN) && !instant.isAfter(TimeWindow.MAX)) {
                return instant;
            }
        } catch (DateTimeException e) {
            // As a date that is out of range.
        }
        throw new IllegalArgumentException(name + ": expected a date such as 2026-10-31");
    }

    private static Map<String, String> models(String text) {
        Map<String, String> models = new LinkedHashMap<>();
        for (String line : text.split("\\R", -1)) {
            String pair = line.strip();
            int equals = pair.indexOf('=');
            if (pair.isEmpty()) {
                continue;
            }
            if (equals <= 0 || equals == pair.length() - 1 || models.size() == MAX_MAPPED) {
                throw new IllegalArgumentException(
                        "names of models: expected a line NAME=MODEL for each, " + MAX_MAPPED + " at most");
            }
            models.put(
                    pair.substring(0, equals).strip(),
                    pair.substring(equals + 1).strip());
        }
        return models;
    }

    private static Bill read(BillFormat format, List<MultipartForm.Upload> files, ZoneId zone) {
        try {
            Path folder = Files.createTempDirectory("tokenledger-bill");
            List<Path> written = new ArrayList<>();
            try {
                for (MultipartForm.Upload file : files) {
                    Path path = folder.resolve((written.size() + 1) + "-" + safe(file.name()));
                    written.add(path);
                    Files.write(path, file.bytes());
                }
                return Bill.read(format, written, zone);
            } catch (DocumentException e) {
                String message = String.valueOf(e.getMessage());
                throw new IllegalArgumentException(
                        message.replace(folder + folder.getFileSystem().getSeparator(), ""), e);
            } finally {
                for (Path path : written) {
                    Files.deleteIfExists(path);
                }
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot keep the bill while it is read", e);
        }
    }

    /** A name that any file system takes, and whose end says what kind of file it is. */
    private static String safe(String name) {
        String plain = name.replaceAll("[^A-Za-z0-9._-]", "_");
        return plain.length() <= MAX_NAME ? plain : plain.substring(plain.length() - MAX_NAME);
    }
}
