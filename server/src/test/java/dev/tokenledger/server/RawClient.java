package dev.tokenledger.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A connection that sends what it is told, right or wrong. */
final class RawClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 60_000;

    private final Socket socket;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(PATIENCE_MILLIS);
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    RawClient send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        socket.getOutputStream().flush();
        return this;
    }

    /** All that comes until the server closes the connection; a reset counts as closing. */
    String readToEnd() throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        InputStream in = socket.getInputStream();
        byte[] buffer = new byte[8192];
        try {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                all.write(buffer, 0, read);
            }
        } catch (SocketTimeoutException e) {
            throw e;
        } catch (SocketException e) {
            // Closed with bytes of ours unread.
        }
        return all.toString(StandardCharsets.ISO_8859_1);
    }

    /** The status line and headers of one answer. */
    String readHeaders() throws IOException {
        StringBuilder text = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (text.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return text.toString();
            }
            text.append((char) next);
        }
        return text.toString();
    }

    /** The status of one answer; 0 if the connection was closed without. */
    int status() throws IOException {
        String headers = readHeaders();
        return headers.isEmpty() ? 0 : Integer.parseInt(headers.substring(9, 12));
    }

    /** The status of one answer that states its length, which is read to its end, so that the next may follow. */
    int answer() throws IOException {
        String headers = readHeaders();
        Matcher length = Pattern.compile("(?i)\r\ncontent-length: ([0-9]+)\r\n").matcher(headers);
        if (!length.find()) {
            throw new IOException("no answer of a stated length: " + headers);
        }
        socket.getInputStream().readNBytes(Integer.parseInt(length.group(1)));
        return Integer.parseInt(headers.substring(9, 12));
    }

    /** Whether an answer, or the first bytes of it, has come. */
    boolean hasAnswer() throws IOException {
        return socket.getInputStream().available() > 0;
    }

    /** Sends a byte; says whether the server still holds the connection. */
    boolean drip() throws IOException {
        try {
            socket.getOutputStream().write('x');
            socket.setSoTimeout(5);
            return socket.getInputStream().read() >= 0 && drainToEnd();
        } catch (SocketTimeoutException e) {
            return true;
        } catch (SocketException e) {
            return false;
        }
    }

    /** An answer has begun: what is left of it is read, and the server closes the connection. */
    private boolean drainToEnd() throws IOException {
        socket.setSoTimeout(PATIENCE_MILLIS);
        readToEnd();
        return false;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
