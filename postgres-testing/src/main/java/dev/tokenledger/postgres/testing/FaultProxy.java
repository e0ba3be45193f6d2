package dev.tokenledger.postgres.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Stands between a client and a server, counts the steps of their conversation, and at one of them does something and cuts all
 * connections. Each round trip, that of connecting too, has three steps: the request has arrived here; it has been passed on; its
 * answer has arrived here and is not passed on. So the client cannot tell the three apart, but the server did nothing of the
 * request, is at it, or has done it.
 *
 * <p>Connections are not encrypted. Safe for use by many threads.
 */
public final class FaultProxy implements AutoCloseable {

    private static final int MAX_MESSAGE = 64 << 20;

    private final PostgresServer server;
    private final ServerSocket listening;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private long steps;
    private long stop;
    private String statement = "";
    private int occurrence;
    private Step wanted = Step.ARRIVED;
    private boolean waiting;
    private Runnable action = () -> {};
    private boolean failed;

    /** Whether the connections are cut, after it failed. */
    private boolean cut;

    /** What is done to a request. */
    public enum Step {
        /** It does not reach the server. */
        ARRIVED,
        /** The server is at it when the connection is cut. */
        PASSED_ON,
        /** The server has done it, and the answer is lost. */
        ANSWERED
    }

    /** Listens on a free port of the loopback interface, and passes on all there is until {@link #failAt}. */
    public FaultProxy(PostgresServer server) {
        this.server = server;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start("accept", this::accept);
    }

    /** Counts steps from 1 again; at the one of this number, does this, and cuts all connections. Those that follow stay. */
    public synchronized void failAt(long step, Runnable doing) {
        steps = 0;
        stop = step;
        statement = "";
        action = doing;
        failed = false;
        cut = false;
    }

    /**
     * Cuts all connections at a step of the next request that holds this text.
     *
     * @param number 1 for the first of such requests
     */
    public synchronized void failAt(String text, int number, Step step) {
        failAt(text, number, step, () -> {});
    }

    /** Does this at a step of the next request that holds this text, and cuts all connections. */
    public synchronized void failAt(String text, int number, Step step, Runnable doing) {
        failAt(0, doing);
        statement = text;
        occurrence = number;
        wanted = step;
        waiting = false;
    }

    /** How many requests were answered since {@link #failAt}, if no fault has come. */
    public synchronized long requests() {
        return steps / Step.values().length;
    }

    /** Whether the step has come. */
    public synchronized boolean hasFailed() {
        return failed;
    }

    /** If the step has come: waits until all connections are cut, the first of which a client may notice before the last is. */
    public synchronized void awaitCut() {
        boolean interrupted = false;
        while (failed && !cut) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Connects as the superuser, through this. */
    public PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = server.dataSource();
        source.setPortNumbers(new int[] {port()});
        source.setSslMode("disable");
        source.setGssEncMode("disable");
        return source;
    }

    /** The port on 127.0.0.1. */
    public int port() {
        return listening.getLocalPort();
    }

    /** One step; true if the conversation ends with it. */
    private boolean step(Step kind, byte[] request) {
        Runnable doing;
        List<Socket> open;
        synchronized (this) {
            if (failed) {
                return false;
            }
            if (statement.isEmpty()) {
                failed = ++steps == stop;
            } else {
                waiting |= kind == Step.ARRIVED && contains(request, statement) && --occurrence == 0;
                failed = waiting && kind == wanted;
            }
            if (!failed) {
                return false;
            }
            doing = action;
            // Whoever connects from now on, because of what follows, is left alone.
            open = List.copyOf(sockets);
        }
        doing.run();
        open.forEach(FaultProxy::close);
        synchronized (this) {
            cut = true;
            notifyAll();
        }
        return true;
    }

    private static boolean contains(byte[] request, String text) {
        return new String(request, java.nio.charset.StandardCharsets.ISO_8859_1).contains(text);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                Socket upstream;
                try {
                    upstream = new Socket(InetAddress.getLoopbackAddress(), server.port());
                } catch (IOException e) {
                    // The server is gone; so is whoever wanted to speak to it.
                    close(client);
                    continue;
                }
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                sockets.add(client);
                sockets.add(upstream);
                Object link = new Object();
                start("requests", () -> pass(link, client, upstream, true));
                start("answers", () -> pass(link, upstream, client, false));
            } catch (IOException e) {
                // Closed, or a client that went away at once.
            }
        }
    }

    /**
     * Passes on whole requests, or whole answers.
     *
     * @param link what both directions of a connection share, so that an answer counts after its request
     */
    private void pass(Object link, Socket from, Socket to, boolean requests) {
        try {
            DataInputStream in = new DataInputStream(new BufferedInputStream(from.getInputStream()));
            OutputStream out = to.getOutputStream();
            boolean typed = !requests;
            while (true) {
                byte[] whole = read(in, typed, requests);
                typed = true;
                if (requests && whole[0] == 'X') {
                    // A farewell, which nobody waits for: a fault there would come when all is over.
                    out.write(whole);
                    out.flush();
                    continue;
                }
                synchronized (link) {
                    if (step(requests ? Step.ARRIVED : Step.ANSWERED, whole)) {
                        return;
                    }
                    out.write(whole);
                    out.flush();
                    if (requests && step(Step.PASSED_ON, whole)) {
                        return;
                    }
                }
            }
        } catch (IOException e) {
            // Whoever it was has gone.
        } finally {
            close(from);
            close(to);
            sockets.remove(from);
            sockets.remove(to);
        }
    }

    /** Messages up to the one that hands over to the other side; what there is when the sender ends. */
    private static byte[] read(DataInputStream in, boolean typed, boolean requests) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        while (true) {
            int type = 0;
            if (typed) {
                type = in.read();
                if (type < 0) {
                    if (whole.size() > 0) {
                        return whole.toByteArray();
                    }
                    throw new EOFException();
                }
                whole.write(type);
            }
            int length = in.readInt();
            if (length < Integer.BYTES || length > MAX_MESSAGE) {
                throw new IOException("no message of PostgreSQL's protocol");
            }
            whole.write(ByteBuffer.allocate(Integer.BYTES).putInt(length).array());
            byte[] body = new byte[length - Integer.BYTES];
            in.readFully(body);
            whole.write(body);
            boolean last = !typed || (requests ? type == 'S' || type == 'Q' || type == 'X' : type == 'Z');
            if (last) {
                return whole.toByteArray();
            }
        }
    }

    private static void start(String name, Runnable work) {
        Thread thread = new Thread(work, "tokenledger-proxy-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no further use either way.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        sockets.forEach(FaultProxy::close);
    }
}
