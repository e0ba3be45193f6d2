package dev.tokenledger.server.mcp;

import dev.tokenledger.server.mcp.Conversation.Reply;
import io.modelcontextprotocol.spec.McpSchema.ErrorCodes;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** The tools over a program's standard input and output, a message a line. */
public final class McpStdio {

    /** The longest message, in bytes: a question is a few hundred. */
    static final int MAX_BYTES = 1 << 20;

    private McpStdio() {}

    /**
     * Answers a line after the other until the input ends. A line that is no message gets an error, and the next one its
     * answer.
     *
     * @param questions what is answered from
     * @param version the program's version
     * @param in messages
     * @param out gets answers, and nothing else
     * @throws UncheckedIOException if the input cannot be read, or the output not written
     */
    public static void serve(Questions questions, String version, InputStream in, OutputStream out) {
        InputStream buffered = new BufferedInputStream(in);
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        try (Conversation conversation = new Conversation(questions.tools(), version)) {
            boolean more = true;
            boolean batches = false;
            while (more) {
                line.reset();
                more = readLine(buffered, line);
                Reply reply = reply(conversation, line, batches, questions);
                if (reply instanceof Reply.Answer known && !known.negotiated().isEmpty()) {
                    batches = known.negotiated().equals(Conversation.VERSION_WITH_BATCHES);
                }
                String answer = text(reply);
                if (!answer.isEmpty()) {
                    out.write((answer + "\n").getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot go on answering over standard input and output", e);
        }
    }

    /** Reads a line, of a long one no more than a byte beyond the limit; false if it was the last one. */
    private static boolean readLine(InputStream in, ByteArrayOutputStream line) throws IOException {
        for (int next = in.read(); next >= 0; next = in.read()) {
            if (next == '\n') {
                return true;
            }
            if (line.size() <= MAX_BYTES) {
                line.write(next);
            }
        }
        return false;
    }

    private static Reply reply(
            Conversation conversation, ByteArrayOutputStream line, boolean batches, Questions questions) {
        if (line.size() > MAX_BYTES) {
            return new Reply.Refusal(
                    Conversation.error(ErrorCodes.INVALID_REQUEST, "a message of more than " + MAX_BYTES + " bytes"));
        }
        return line.toString(StandardCharsets.UTF_8).isBlank()
                ? new Reply.Silence()
                : conversation.reply(line.toByteArray(), batches, questions);
    }

    /** What is written; empty for nothing. */
    private static String text(Reply reply) {
        if (reply instanceof Reply.Answer answer) {
            return answer.json();
        }
        if (reply instanceof Reply.Failure failure) {
            return failure.json();
        }
        return reply instanceof Reply.Refusal refusal ? refusal.json() : "";
    }
}
