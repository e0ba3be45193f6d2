package dev.tokenledger.server.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.component.AbstractLifeCycle;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Interrupts the threads that answer clients which have gone, so that no question to the ledger goes on for nobody.
 *
 * <p>While a request is answered, nothing is read from its connection, so neither Jetty nor Java hears of its end, and to read
 * would take bytes that belong to the next request. The kernel knows: it lists every connection with its state, and one whose
 * client has closed it, or reset it, is no longer established. The list is read once in a while, and only while some request
 * takes long. Where there is no such list (outside Linux), questions end at the ledger's time limit. A client that closes its
 * sending half alone and waits for the answer is taken for one that has gone. Safe for use by many threads.
 */
final class Departures extends AbstractLifeCycle {

    private static final long LOOK_MILLIS = 250;

    /** Requests that take less are not worth a look. */
    private static final long LONG_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final List<Path> LISTS = List.of(Path.of("/proc/self/net/tcp"), Path.of("/proc/self/net/tcp6"));
    private static final String ESTABLISHED = "01";

    private final Scheduler scheduler;
    private final List<Path> lists;
    private final Set<Work> underWay = ConcurrentHashMap.newKeySet();

    /** One request that is being answered. Guarded by itself. */
    private static final class Work {

        final Thread thread = Thread.currentThread();
        final long since = System.nanoTime();
        final int port;
        final InetSocketAddress client;
        boolean missing;
        boolean ended;
        boolean interrupted;

        Work(int port, InetSocketAddress client) {
            this.port = port;
            this.client = client;
        }
    }

    Departures(Scheduler scheduler) {
        this(scheduler, LISTS);
    }

    /** @param lists where the kernel lists its connections; other files in tests */
    Departures(Scheduler scheduler, List<Path> lists) {
        this.scheduler = scheduler;
        this.lists = lists.stream().filter(Files::isReadable).toList();
    }

    @Override
    protected void doStart() {
        if (!lists.isEmpty()) {
            scheduler.schedule(this::lookAgain, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Something to do for a client. */
    @FunctionalInterface
    interface Answering {
        void run() throws Exception;
    }

    /**
     * Runs what answers a request, by the calling thread, which is interrupted if the client goes meanwhile.
     *
     * @param local the connection's end on this machine; null or of another kind to watch nothing
     * @param client its other end
     * @return whether the client went
     */
    boolean watch(@Nullable SocketAddress local, @Nullable SocketAddress client, Answering answering) throws Exception {
        if (!(local instanceof InetSocketAddress here) || !(client instanceof InetSocketAddress there)) {
            answering.run();
            return false;
        }
        Work work = new Work(here.getPort(), new InetSocketAddress(there.getAddress(), there.getPort()));
        underWay.add(work);
        try {
            answering.run();
        } finally {
            underWay.remove(work);
            synchronized (work) {
                work.ended = true;
                if (work.interrupted) {
                    // The thread goes back to its pool, and nothing of this to the next request.
                    Thread.interrupted();
                }
            }
        }
        return work.interrupted;
    }

    private void lookAgain() {
        try {
            look(System.nanoTime());
        } catch (IOException | UncheckedIOException e) {
            // The next look may read the list; until one does, questions end at the ledger's time limit.
        }
        if (isRunning()) {
            scheduler.schedule(this::lookAgain, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Interrupts what has gone on for long, by a moment, for clients that are not connected. */
    void look(long now) throws IOException {
        List<Work> longest =
                underWay.stream().filter(work -> now - work.since >= LONG_NANOS).toList();
        if (longest.isEmpty()) {
            return;
        }
        Map<Integer, Set<InetSocketAddress>> connected = new HashMap<>();
        longest.forEach(work -> connected.computeIfAbsent(work.port, port -> new HashSet<>()));
        for (Path list : lists) {
            Files.readAllLines(list, StandardCharsets.US_ASCII).forEach(line -> addEstablished(line, connected));
        }
        for (Work work : longest) {
            boolean gone = !connected.getOrDefault(work.port, Set.of()).contains(work.client);
            synchronized (work) {
                // Twice, because the kernel writes the list in parts, between which a connection may slip.
                if (gone && work.missing && !work.ended) {
                    work.interrupted = true;
                    work.thread.interrupt();
                }
                work.missing = gone;
            }
        }
    }

    /** A line is: number, local address, remote address, state, and more. */
    private static void addEstablished(String line, Map<Integer, Set<InetSocketAddress>> connected) {
        String[] fields = line.strip().split("\\s+");
        if (fields.length < 4 || !fields[3].equals(ESTABLISHED)) {
            return;
        }
        Set<InetSocketAddress> ofPort = connected.get(port(fields[1]));
        if (ofPort != null) {
            ofPort.add(new InetSocketAddress(address(fields[2]), port(fields[2])));
        }
    }

    private static int port(String field) {
        return Integer.parseInt(field.substring(field.indexOf(':') + 1), 16);
    }

    /** Four bytes, or four times four, each four as the number that they are in this machine's memory. */
    private static InetAddress address(String field) {
        byte[] bytes = new byte[field.indexOf(':') / 2];
        boolean littleEndian = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        for (int i = 0; i < bytes.length; i++) {
            bytes[littleEndian ? i ^ 3 : i] = (byte) Integer.parseInt(field.substring(i * 2, i * 2 + 2), 16);
        }
        try {
            // Makes an IPv4 address of one that is written as IPv6.
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new UncheckedIOException(e);
        }
    }
}
