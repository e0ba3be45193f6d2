package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server is killed with -9 while clients store records, again and again on one ledger. Each client sends a batch that was
 * not answered once more to the next server, as clients should. In the end every record that was answered is there, and none
 * twice.
 */
@Tag("once")
class ServerKillTest {

    private static final int CLIENTS = 4;
    private static final int RECORDS = 20;
    private static final int MAX_MILLIS = 1_500;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Pattern RESULT = Pattern.compile("\"result\":\"([a-z]+)\"");

    @TempDir
    private Path folder;

    @Test
    void kill_losesNothingAnsweredAndDoublesNothing() throws InterruptedException {
        killRepeatedly(4);
    }

    @Tag("long")
    @Test
    void kill_losesNothingAnsweredAndDoublesNothing_manyTimes() throws InterruptedException {
        killRepeatedly(100);
    }

    private void killRepeatedly(int times) throws InterruptedException {
        long seed = Long.getLong("tokenledger.seed", System.nanoTime());
        System.out.println("seed " + seed + ", another with -Dtokenledger.seed=…");
        Random random = new Random(seed);
        Path file = folder.resolve("ledger.db");
        Semaphore answers = new Semaphore(0);
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new Client(i, answers));
        }
        for (int run = 1; run <= times; run++) {
            boolean beforeItAnswers = run % 3 == 0;
            answers.drainPermits();
            try (ServerChild server = new ServerChild(file, folder)) {
                List<Thread> threads = start(clients, server.address());
                if (!beforeItAnswers) {
                    assertThat(answers.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                            .as("an answer")
                            .isTrue();
                }
                pause(random.nextInt(MAX_MILLIS * 1_000));
                server.kill();
                join(threads);
            }
        }
        try (ServerChild server = new ServerChild(file, folder)) {
            clients.forEach(client -> client.finish(server.address()));
            server.stop();
        }
        assertThat(Path.of(file + "-wal"))
                .as("a server that is told to end closes its ledger")
                .doesNotExist();
        try (Ledger ledger = new SqliteLedgerOpener(InstantSource.system()).openReadOnly(file, warning -> {})) {
            audit(ledger, clients, CLIENTS + times - times / 3);
        }
    }

    /** Two processes on one database under load: the clients of the one that is killed go on with the other. */
    @Test
    void killOfOneOfTwoServersOnADatabase_losesNothingAnsweredAndDoublesNothing() throws InterruptedException {
        long seed = Long.getLong("tokenledger.seed", System.nanoTime());
        System.out.println("seed " + seed + ", another with -Dtokenledger.seed=…");
        Random random = new Random(seed);
        PostgresServer database = PostgresServer.shared(PostgresServer.Version.NEWEST);
        String schema = database.newSchemaName();
        String ledgerAddress = database.address() + "?schema=" + schema;
        Semaphore answers = new Semaphore(0);
        List<Client> moving = new ArrayList<>();
        List<Client> staying = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            moving.add(new Client(i, answers));
            staying.add(new Client(CLIENTS + i, answers));
        }
        try {
            try (ServerChild remaining = new ServerChild(ledgerAddress, folder)) {
                List<Thread> threads;
                try (ServerChild killed = new ServerChild(ledgerAddress, folder)) {
                    threads = start(staying, remaining.address());
                    List<Thread> cut = start(moving, killed.address());
                    for (Client client : moving) {
                        assertThat(client.first.tryAcquire(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                                .as("an answer")
                                .isTrue();
                    }
                    pause(random.nextInt(MAX_MILLIS * 1_000));
                    killed.kill();
                    join(cut);
                }
                moving.forEach(client -> client.finish(remaining.address()));
                remaining.kill();
                join(threads);
            }
            List<Client> all = new ArrayList<>(moving);
            all.addAll(staying);
            try (ServerChild last = new ServerChild(ledgerAddress, folder)) {
                all.forEach(client -> client.finish(last.address()));
                last.stop();
            }
            try (Ledger ledger =
                    PostgresLedger.builder().schema(schema).readOnly(true).open(database.dataSource())) {
                // One answer each before the kill, one of the other server, one of the last.
                audit(ledger, all, 3 * CLIENTS + CLIENTS);
            }
        } finally {
            database.dropSchema(schema);
        }
    }

    private static void audit(Ledger ledger, List<Client> clients, int leastBatches) {
        long answered = clients.stream()
                .mapToLong(client -> client.answered * (long) RECORDS)
                .sum();
        int repeated = clients.stream().mapToInt(client -> client.repeated).sum();
        Set<RecordId> stored = stored(ledger);
        for (Client client : clients) {
            assertThat(client.wrong).isEmpty();
            for (int batch = 0; batch < client.answered; batch++) {
                for (int record = 0; record < RECORDS; record++) {
                    RecordId id = RecordId.of(client.id(batch, record));
                    assertThat(stored.contains(id)).as("%s was answered", id).isTrue();
                }
            }
        }
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(answered);
        assertThat(ledger.verify().differences()).isEmpty();
        System.out.println(answered + " records; " + repeated + " were stored before their answer was lost");
        // A harness that kills too early would show nothing: each server that was waited for had answered.
        assertThat(answered).isGreaterThanOrEqualTo(leastBatches * (long) RECORDS);
    }

    private static Set<RecordId> stored(Ledger ledger) {
        Set<RecordId> ids = new HashSet<>();
        RecordQuery.Builder query = RecordQuery.over(TimeWindow.all()).limit(RecordQuery.MAX_LIMIT);
        Optional<RecordQuery.Cursor> next;
        do {
            RecordPage page = ledger.records(query.build());
            page.entries().forEach(entry -> ids.add(entry.id()));
            next = page.next();
            next.ifPresent(query::after);
        } while (next.isPresent());
        return ids;
    }

    private static List<Thread> start(List<Client> clients, URI address) {
        List<Thread> threads = new ArrayList<>();
        for (Client client : clients) {
            Thread thread = new Thread(() -> client.storeUntilItDies(address), "client " + client.number);
            thread.start();
            threads.add(thread);
        }
        return threads;
    }

    private static void join(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** The moment of the kill is the experiment, not a wait for something to happen. */
    private static void pause(int micros) {
        long until = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(micros);
        while (System.nanoTime() < until) {
            LockSupport.parkNanos(until - System.nanoTime());
        }
    }

    /** Sends one batch after the other; goes on to the next when the one before was answered. Used by one thread at a time. */
    private static final class Client {

        private final int number;
        private final HttpClient http =
                HttpClient.newBuilder().connectTimeout(PATIENCE).build();
        private final Semaphore answers;
        private final Semaphore first = new Semaphore(0);
        private int answered;
        private int repeated;
        private final List<String> wrong = new ArrayList<>();

        /** A client that gives a permit for each answer. */
        Client(int number, Semaphore answers) {
            this.number = number;
            this.answers = answers;
        }

        String id(int batch, int record) {
            return "c" + number + "-" + batch + "-" + record;
        }

        void storeUntilItDies(URI address) {
            try {
                while (true) {
                    store(address);
                }
            } catch (IOException e) {
                // It was killed; whether it stored the batch is not known.
            }
        }

        /** Sends what was not answered before. */
        void finish(URI address) {
            try {
                store(address);
            } catch (IOException e) {
                wrong.add("the last server did not answer: " + e);
            }
        }

        private void store(URI address) throws IOException {
            StringBuilder body = new StringBuilder();
            for (int record = 0; record < RECORDS; record++) {
                body.append("{\"id\":\"")
                        .append(id(answered, record))
                        .append("\",\"model\":\"m")
                        .append(record % 3)
                        .append("\",\"timestamp\":\"2026-11-0")
                        .append(1 + record % 9)
                        .append("T00:00:00Z\",")
                        .append("\"input_tokens\":")
                        .append(answered)
                        .append("}\n");
            }
            HttpResponse<String> answer = send(HttpRequest.newBuilder(address.resolve("/v1/records"))
                    .header("Content-Type", "application/x-ndjson")
                    .timeout(PATIENCE)
                    .POST(BodyPublishers.ofString(body.toString()))
                    .build());
            List<String> results = RESULT.matcher(answer.body())
                    .results()
                    .map(match -> match.group(1))
                    .toList();
            if (answer.statusCode() != 200 || results.size() != RECORDS) {
                wrong.add(answer.statusCode() + " " + answer.body());
                throw new IOException("not answered as it should be");
            }
            for (String result : results) {
                if (result.equals("duplicate")) {
                    repeated++;
                } else if (!result.equals("appended")) {
                    wrong.add(result);
                }
            }
            answered++;
            answers.release();
            first.release();
        }

        private HttpResponse<String> send(HttpRequest request) throws IOException {
            try {
                return http.send(request, BodyHandlers.ofString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException(e);
            }
        }
    }

    @Test
    void serverThatFailsToStopAsItShould_endsAllTheSame() {
        Path file = folder.resolve("ledger.db");
        try (ServerChild server = new ServerChild(FailingServer.class, file, folder)) {
            server.stop();
        }
        assertThat(Path.of(file + "-wal")).doesNotExist();
    }

    @Test
    void backupWhileItServes_isALedgerOfItsOwn() throws IOException {
        Path file = folder.resolve("ledger.db");
        Path copy = folder.resolve("copy.db");
        Client client = new Client(0, new Semaphore(0));
        try (ServerChild server = new ServerChild(file, folder)) {
            client.finish(server.address());
            Thread storing = new Thread(() -> client.storeUntilItDies(server.address()), "client");
            storing.start();
            TestProgram.Result result = new TestProgram(folder).run("backup", copy.toString());
            assertThat(result.code()).as(result.err()).isZero();
            server.kill();
            join(List.of(storing));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        assertThat(client.wrong).isEmpty();
        try (Ledger ledger = new SqliteLedgerOpener(InstantSource.system()).openReadOnly(copy, warning -> {})) {
            assertThat(ledger.find(RecordId.of(client.id(0, 0)))).isPresent();
            // Batches are in it whole or not at all.
            assertThat(ledger.summary(TimeWindow.all()).totalRecords() % RECORDS)
                    .isZero();
            assertThat(ledger.verify().differences()).isEmpty();
        }
        assertThat(Files.exists(Path.of(copy + "-wal"))).isFalse();
    }
}
