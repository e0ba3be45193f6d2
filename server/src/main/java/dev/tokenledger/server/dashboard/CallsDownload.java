package dev.tokenledger.server.dashboard;

import dev.tokenledger.Ledger;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.present.RecordsCsv;
import dev.tokenledger.server.http.Problem;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Semaphore;

/**
 * All calls of a view as CSV, newest first. They are sent as they are read, a page at a time, so that memory holds a page of
 * them however many there are. A download keeps a thread for as long as its client takes, so that only some go on at a time.
 * Safe for use by many threads.
 */
final class CallsDownload {

    static final int MAX_CONCURRENT = 8;

    private static final int PAGE = 2_000;
    private static final int BUFFER = 32 << 10;

    private final Semaphore places = new Semaphore(MAX_CONCURRENT);

    /**
     * Answers with the calls of a view.
     *
     * @throws Problem of 503 if too many others are being sent
     * @throws UncheckedIOException if the client has gone
     */
    void send(Ledger ledger, Context context, View view) {
        if (!places.tryAcquire()) {
            throw Problem.of(
                    503,
                    "more than " + MAX_CONCURRENT + " downloads of calls at once; retry when one of them has ended");
        }
        try {
            RecordPage first = ledger.records(query(view).build());
            Dashboard.csv(context, "tokenledger-calls.csv");
            if (!context.method().equals(HandlerType.HEAD)) {
                write(first, ledger, view, context);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            places.release();
        }
    }

    private static void write(RecordPage first, Ledger ledger, View view, Context context) throws IOException {
        // Not Javalin's stream, which packs what browsers take: that would add to the time in which a download must
        // end.
        Writer out = new BufferedWriter(
                new OutputStreamWriter(context.res().getOutputStream(), StandardCharsets.UTF_8), BUFFER);
        RecordsCsv csv = new RecordsCsv(text -> append(out, text), ledger);
        RecordPage page = first;
        page.entries().forEach(csv::add);
        while (page.next().isPresent()) {
            page = ledger.records(query(view).after(page.next().get()).build());
            page.entries().forEach(csv::add);
        }
        out.flush();
    }

    private static RecordQuery.Builder query(View view) {
        return view.calls().limit(PAGE);
    }

    private static void append(Writer out, String text) {
        try {
            out.append(text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
