package dev.tokenledger.alerts;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A conversation with a mail server, bounded in time and in what the server may say. Not safe for use by several threads. */
final class SmtpConnection {

    private static final int MAX_LINE = 2_048;
    private static final int MAX_LINES = 100;
    private static final int CODE = 3;
    private static final int OK = 250;

    private final Socket socket;
    private final Deadline deadline;
    private final InputStream in;
    private final OutputStream out;
    private List<String> extensions = List.of();

    /** When all of it has to be done. */
    static final class Deadline {

        private final long end;

        Deadline(Duration timeout) {
            end = System.nanoTime() + timeout.toNanos();
        }

        /**
         * How much is left, at least 1.
         *
         * @throws SocketTimeoutException if nothing is
         */
        int millis() throws SocketTimeoutException {
            long left = (end - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                throw new SocketTimeoutException("the time for the message is over");
            }
            return (int) left;
        }
    }

    SmtpConnection(Socket socket, Deadline deadline) throws IOException {
        this.socket = socket;
        this.deadline = deadline;
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /** Greets, and learns what the server offers. */
    void hello() throws IOException {
        extensions = command("EHLO " + name(socket.getLocalAddress()), 250, "EHLO");
    }

    /** An address in place of a name, which would tell of the machine. */
    private static String name(InetAddress address) {
        String text = address.getHostAddress();
        int zone = text.indexOf('%');
        return "[" + (address instanceof Inet6Address ? "IPv6:" : "") + (zone < 0 ? text : text.substring(0, zone))
                + "]";
    }

    boolean offers(String extension) {
        return extensions.stream().anyMatch(offered -> offered.equalsIgnoreCase(extension));
    }

    /** Whether a way to tell who one is, is offered. */
    boolean offersLogin(String way) {
        return extensions.stream()
                .map(offered -> offered.toUpperCase(Locale.ROOT))
                .filter(offered -> offered.startsWith("AUTH ") || offered.startsWith("AUTH="))
                .anyMatch(offered -> List.of(offered.substring("AUTH ".length()).split(" ", -1))
                        .contains(way));
    }

    /**
     * Sends a command and awaits its answer.
     *
     * @param what the command for messages; the command itself may hold a password
     */
    List<String> command(String command, int expected, String what) throws IOException {
        deadline.millis();
        out.write((command + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
        return expect(expected, what);
    }

    /**
     * Awaits an answer.
     *
     * @return its lines without the code
     * @throws SmtpException if it is another code
     */
    List<String> expect(int expected, String what) throws IOException {
        List<String> lines = new ArrayList<>();
        String line;
        do {
            line = line();
            if (line.length() < CODE || !line.substring(0, CODE).chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new SmtpException("no_smtp", "what answers is no mail server");
            }
            lines.add(line.length() == CODE ? "" : line.substring(CODE + 1));
            if (lines.size() > MAX_LINES) {
                throw new SmtpException("no_smtp", "the mail server's answer has more than " + MAX_LINES + " lines");
            }
        } while (line.length() > CODE && line.charAt(CODE) == '-');
        String code = line.substring(0, CODE);
        // 251 says that a receiver is elsewhere, and that the message is passed on.
        if (!code.equals(Integer.toString(expected)) && !(expected == OK && code.equals("251"))) {
            throw new SmtpException("smtp_" + code, "the mail server answered " + code + " to " + what);
        }
        return lines;
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            socket.setSoTimeout(deadline.millis());
            int c = in.read();
            if (c < 0) {
                throw new IOException("the mail server hung up");
            }
            if (c == '\n') {
                int length = line.length();
                return length > 0 && line.charAt(length - 1) == '\r' ? line.substring(0, length - 1) : line.toString();
            }
            if (line.length() == MAX_LINE) {
                throw new SmtpException("no_smtp", "the mail server's answer has a line that is too long");
            }
            line.append((char) c);
        }
    }

    /** What stands behind the answer to STARTTLS was not encrypted, and would be taken for what is. */
    void checkNothingFollows() throws IOException {
        if (in.available() > 0) {
            throw new SmtpException("tls", "the mail server went on talking in the open; nothing was sent");
        }
    }

    /** Takes leave; the message was taken, whatever becomes of this. */
    void quit() {
        try {
            out.write("QUIT\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        } catch (IOException e) {
            // The connection is closed next.
        }
    }
}
