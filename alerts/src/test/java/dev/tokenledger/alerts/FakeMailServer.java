package dev.tokenledger.alerts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A mail server on this machine: takes mail, and keeps what was said to it. */
final class FakeMailServer implements AutoCloseable {

    private final ServerSocket listener;
    private final @Nullable SSLContext tls;
    private final boolean fromTheFirstByte;
    private final List<String> commands = new CopyOnWriteArrayList<>();
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final List<String> offers = new CopyOnWriteArrayList<>();
    private volatile Map<String, String> answers = Map.of();

    /**
     * A server.
     *
     * @param tls what it encrypts with; null for not at all
     * @param fromTheFirstByte whether it does so without being asked to
     */
    FakeMailServer(@Nullable SSLContext tls, boolean fromTheFirstByte, String... offers) {
        this.tls = tls;
        this.fromTheFirstByte = fromTheFirstByte;
        this.offers.addAll(List.of(offers));
        try {
            listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread thread = new Thread(this::accept, "mail server");
        thread.setDaemon(true);
        thread.start();
    }

    /** What it answers to commands that begin so, in place of what is usual. */
    FakeMailServer answers(Map<String, String> byCommand) {
        answers = byCommand;
        return this;
    }

    int port() {
        return listener.getLocalPort();
    }

    /** All commands, those before encryption with {@code plain:} before them. */
    List<String> commands() {
        return commands;
    }

    List<String> messages() {
        return messages;
    }

    private void accept() {
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept()) {
                serve(fromTheFirstByte ? encrypted(socket) : socket, fromTheFirstByte);
            } catch (IOException e) {
                // The client hung up, or the server was closed.
            }
        }
    }

    private SSLSocket encrypted(Socket socket) throws IOException {
        SSLContext context = tls;
        if (context == null) {
            throw new IOException("no certificate");
        }
        SSLSocket made = (SSLSocket) context.getSocketFactory()
                .createSocket(socket, socket.getInetAddress().getHostAddress(), socket.getPort(), true);
        made.setUseClientMode(false);
        made.startHandshake();
        return made;
    }

    private void serve(Socket socket, boolean secure) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        OutputStream out = socket.getOutputStream();
        if (!secure || fromTheFirstByte) {
            say(out, answers.getOrDefault("greeting", "220-mail.example.org\r\n220 ready"));
        }
        String line;
        while ((line = in.readLine()) != null) {
            commands.add((secure ? "" : "plain: ") + line);
            String known = line;
            String answer = answers.entrySet().stream()
                    .filter(entry -> known.startsWith(entry.getKey()))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElse("");
            if (!answer.isEmpty()) {
                say(out, answer);
            } else if (line.startsWith("EHLO")) {
                StringBuilder text = new StringBuilder("250-mail.example.org\r\n");
                for (String offer : offers) {
                    text.append(secure && offer.equals("STARTTLS") ? "" : "250-" + offer + "\r\n");
                }
                say(out, text + "250 SIZE 1000000");
            } else if (line.equals("STARTTLS")) {
                say(out, "220 go ahead");
                serve(encrypted(socket), true);
                return;
            } else if (line.equals("DATA")) {
                say(out, "354 go ahead");
                StringBuilder message = new StringBuilder();
                for (String text = in.readLine(); !".".equals(text) && text != null; text = in.readLine()) {
                    message.append(text).append("\r\n");
                }
                messages.add(message.toString());
                say(out, "250 taken");
            } else if (line.equals("AUTH LOGIN")) {
                say(out, "334 VXNlcm5hbWU6");
                commands.add(in.readLine());
                say(out, "334 UGFzc3dvcmQ6");
                commands.add(in.readLine());
                say(out, "235 welcome");
            } else if (line.startsWith("AUTH ")) {
                say(out, "235 welcome");
            } else if (line.equals("QUIT")) {
                say(out, "221 bye");
                return;
            } else {
                say(out, "250 fine");
            }
        }
    }

    private static void say(OutputStream out, String text) throws IOException {
        out.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    @Override
    public void close() {
        try {
            listener.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
