package dev.tokenledger.alerts;

import dev.tokenledger.formats.budgets.Channel;
import dev.tokenledger.formats.budgets.Channel.Login;
import dev.tokenledger.formats.budgets.Channel.MailServer;
import dev.tokenledger.formats.budgets.Channel.Security;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Tells by mail: one connection for each message (RFC 5321), encrypted from its first byte or by STARTTLS, never in the open where
 * encryption was asked for; the certificate has to be the host's. Safe for use by many threads.
 */
final class MailSender {

    private static final int CONNECT_MILLIS = 5_000;
    private static final int LINE = 76;

    /** Of a heading's text, so that an encoded word is at most 75 characters. */
    private static final int MAX_WORD_BYTES = 42;

    private final UnaryOperator<String> variables;
    private final InstantSource clock;
    private final Supplier<SSLSocketFactory> tls;
    private final Duration timeout;

    /**
     * Sends with secrets of these environment variables, and of files.
     *
     * @param timeout the longest that a try takes; names are looked up before, by the system, in a time of its own
     */
    MailSender(UnaryOperator<String> variables, InstantSource clock, Supplier<SSLSocketFactory> tls, Duration timeout) {
        this.timeout = timeout;
        this.variables = variables;
        this.clock = clock;
        this.tls = tls;
    }

    /** Why a channel cannot be used, as far as that shows without telling anybody; empty if it can. */
    Optional<String> problem(Channel.Mail channel) {
        try {
            password(channel.server());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private String password(MailServer server) {
        return server.login().map(login -> login.password().read(variables)).orElse("");
    }

    Outcome send(Channel.Mail channel, Notice notice) {
        MailServer server = channel.server();
        try {
            String password = password(server);
            try (Socket plain = new Socket()) {
                SmtpConnection.Deadline deadline = new SmtpConnection.Deadline(timeout);
                plain.connect(new InetSocketAddress(server.host(), server.port()), CONNECT_MILLIS);
                send(plain, deadline, channel, password, notice);
                return Outcome.SENT;
            }
        } catch (IllegalArgumentException e) {
            return Outcome.failed("configuration", String.valueOf(e.getMessage()));
        } catch (IOException e) {
            return failure(e);
        }
    }

    private static Outcome failure(IOException failure) {
        if (failure instanceof SmtpException refused) {
            return Outcome.failed(refused.reason(), String.valueOf(refused.getMessage()));
        }
        if (failure instanceof UnknownHostException) {
            return Outcome.failed("no_such_host", "there is no such mail server");
        }
        if (failure instanceof SocketTimeoutException) {
            return Outcome.failed("timeout", "the mail server did not answer in time");
        }
        if (failure instanceof ConnectException) {
            return Outcome.failed("refused", "the mail server refused the connection");
        }
        if (failure instanceof SSLException) {
            return Outcome.failed(
                    "tls",
                    "no encrypted connection came about; is the mail server's certificate trusted, and of its name?");
        }
        return Outcome.failed("broken", "the connection to the mail server broke");
    }

    private void send(
            Socket plain, SmtpConnection.Deadline deadline, Channel.Mail channel, String password, Notice notice)
            throws IOException {
        MailServer server = channel.server();
        Socket socket = server.security() == Security.TLS ? encrypted(plain, server, deadline) : plain;
        SmtpConnection connection = new SmtpConnection(socket, deadline);
        connection.expect(220, "greeting");
        connection.hello();
        if (server.security() == Security.STARTTLS) {
            if (!connection.offers("STARTTLS")) {
                throw new SmtpException("tls", "the mail server offers no STARTTLS; nothing was sent");
            }
            connection.command("STARTTLS", 220, "STARTTLS");
            connection.checkNothingFollows();
            connection = new SmtpConnection(encrypted(plain, server, deadline), deadline);
            connection.hello();
        }
        Optional<Login> login = server.login();
        if (login.isPresent()) {
            authenticate(connection, login.get().user(), password);
        }
        connection.command("MAIL FROM:<" + channel.from() + ">", 250, "MAIL");
        for (String receiver : channel.to()) {
            connection.command("RCPT TO:<" + receiver + ">", 250, "RCPT");
        }
        connection.command("DATA", 354, "DATA");
        connection.command(message(channel, notice, clock.instant()) + ".", 250, "message");
        connection.quit();
    }

    private SSLSocket encrypted(Socket plain, MailServer server, SmtpConnection.Deadline deadline) throws IOException {
        SSLSocket socket = (SSLSocket) tls.get().createSocket(plain, server.host(), server.port(), false);
        SSLParameters parameters = socket.getSSLParameters();
        // The check of HTTPS: the certificate is for this host.
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(deadline.millis());
        socket.startHandshake();
        return socket;
    }

    private static void authenticate(SmtpConnection connection, String user, String password) throws IOException {
        if (connection.offersLogin("PLAIN")) {
            connection.command("AUTH PLAIN " + base64("\0" + user + "\0" + password), 235, "AUTH");
        } else if (connection.offersLogin("LOGIN")) {
            connection.command("AUTH LOGIN", 334, "AUTH");
            connection.command(base64(user), 334, "AUTH");
            connection.command(base64(password), 235, "AUTH");
        } else {
            throw new SmtpException("auth", "the mail server offers neither AUTH PLAIN nor AUTH LOGIN");
        }
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The message with its headings, lines ended by CR LF. Its text is Base64, in which no line begins with a dot. */
    static String message(Channel.Mail channel, Notice notice, Instant now) {
        String from = channel.from();
        StringBuilder message = new StringBuilder();
        header(message, "From", from);
        header(message, "To", String.join(",\r\n ", channel.to()));
        header(message, "Subject", encoded(notice.subject()));
        header(message, "Date", DateTimeFormatter.RFC_1123_DATE_TIME.format(now.atOffset(ZoneOffset.UTC)));
        // The same for each try, so that a mailbox can drop a repetition.
        header(message, "Message-ID", "<" + notice.id() + "@" + from.substring(from.indexOf('@') + 1) + ">");
        header(message, "Auto-Submitted", "auto-generated");
        header(message, "MIME-Version", "1.0");
        header(message, "Content-Type", "text/plain; charset=utf-8");
        header(message, "Content-Transfer-Encoding", "base64");
        byte[] lineEnd = {'\r', '\n'};
        String text = notice.text().replace("\n", "\r\n") + "\r\n";
        message.append("\r\n")
                .append(Base64.getMimeEncoder(LINE, lineEnd).encodeToString(text.getBytes(StandardCharsets.UTF_8)))
                .append("\r\n");
        return message.toString();
    }

    private static void header(StringBuilder message, String name, String value) {
        message.append(name).append(": ").append(value).append("\r\n");
    }

    /** A heading's text in encoded words (RFC 2047), so that it can have any character and no line of its own. */
    private static String encoded(String text) {
        StringBuilder words = new StringBuilder();
        StringBuilder word = new StringBuilder();
        int bytes = 0;
        for (int c : text.codePoints().toArray()) {
            String character = Character.toString(c);
            int length = character.getBytes(StandardCharsets.UTF_8).length;
            if (bytes + length > MAX_WORD_BYTES) {
                words.append(word(word)).append("\r\n ");
                word.setLength(0);
                bytes = 0;
            }
            word.append(character);
            bytes += length;
        }
        return words.append(word(word)).toString();
    }

    private static String word(CharSequence text) {
        return "=?UTF-8?B?" + base64(text.toString()) + "?=";
    }
}
