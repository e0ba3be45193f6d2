package dev.tokenledger.cli;

import dev.tokenledger.text.Texts;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Standard error: messages for people. What they quote may be anybody's text, so it is made harmless and cut. */
final class Notices {

    private static final int MAX_LENGTH = 4_000;

    private final OutputStream err;

    Notices(OutputStream err) {
        this.err = err;
    }

    /** Writes a message, which may have several lines, and ends the line. A failure to write has nowhere to go. */
    void line(String message) {
        String shown = Texts.cut(Display.safe(message, true), MAX_LENGTH);
        raw(shown.endsWith("\n") ? shown : shown + "\n");
    }

    /** Writes text of our own as it is. */
    void raw(String text) {
        try {
            err.write(text.getBytes(StandardCharsets.UTF_8));
            err.flush();
        } catch (IOException e) {
            // Nobody is left to tell.
        }
    }

    /** Writes a stack trace. */
    void trace(Throwable failure) {
        PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
        failure.printStackTrace(stream);
        stream.flush();
    }
}
