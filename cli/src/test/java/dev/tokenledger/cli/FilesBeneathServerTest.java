package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.usage.RecordId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * While eight clients store, something happens to the server's files. Nothing is answered as stored from then on that is not,
 * and what was answered before is in the file that the server names, or in its own.
 */
@Tag("once")
class FilesBeneathServerTest {

    private static final int CLIENTS = 8;
    private static final int BEFORE = 200;
    private static final int REFUSALS = 40;
    private static final long PATIENCE_SECONDS = 120;
    private static final Pattern SAVED = Pattern.compile("saved to (\\S+) ");

    @TempDir
    private Path folder;

    private Path home;
    private Path file;

    /** What happens. */
    enum Mischief {
        FILE_REMOVED(false) {
            @Override
            void happen(Path file) throws IOException {
                Files.delete(file);
            }
        },
        LOG_REMOVED(false) {
            @Override
            void happen(Path file) throws IOException {
                Files.delete(wal(file));
            }
        },
        INDEX_REMOVED(false) {
            @Override
            void happen(Path file) throws IOException {
                Files.delete(shm(file));
            }
        },
        FILE_MOVED(false) {
            @Override
            void happen(Path file) throws IOException {
                Files.move(file, file.resolveSibling("moved.db"));
            }
        },
        LOG_MOVED(false) {
            @Override
            void happen(Path file) throws IOException {
                Files.move(wal(file), file.resolveSibling("moved.db-wal"));
            }
        },
        FILE_REPLACED(false) {
            @Override
            void happen(Path file) throws IOException {
                Path copy = Files.copy(file, file.resolveSibling("copy.db"));
                Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        },
        LOG_REPLACED(false) {
            @Override
            void happen(Path file) throws IOException {
                Path copy = Files.copy(wal(file), file.resolveSibling("copy.db-wal"));
                Files.move(copy, wal(file), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
        },
        FOLDER_MOVED(false) {
            @Override
            void happen(Path file) throws IOException {
                Files.move(file.getParent(), file.getParent().resolveSibling("away"));
            }
        },
        FOLDER_REMOVED(false) {
            @Override
            void happen(Path file) throws IOException {
                try (Stream<Path> all = Files.walk(file.getParent())) {
                    for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                        Files.deleteIfExists(path);
                    }
                }
            }
        },
        FILE_CUT(true) {
            @Override
            void happen(Path file) throws IOException {
                cut(file);
            }
        },
        LOG_CUT(true) {
            @Override
            void happen(Path file) throws IOException {
                cut(wal(file));
            }
        },
        FILE_OVERWRITTEN(true) {
            @Override
            void happen(Path file) throws IOException {
                byte[] old = Files.readAllBytes(file.resolveSibling("older.db"));
                cut(file);
                Files.write(file, old, StandardOpenOption.WRITE);
            }
        };

        /** Whether it destroys what only that file held. */
        final boolean destroys;

        Mischief(boolean destroys) {
            this.destroys = destroys;
        }

        abstract void happen(Path file) throws IOException;

        private static Path wal(Path file) {
            return Path.of(file + "-wal");
        }

        private static Path shm(Path file) {
            return Path.of(file + "-shm");
        }

        private static void cut(Path path) throws IOException {
            try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                channel.truncate(0);
            }
        }
    }

    @BeforeEach
    void makeFolder() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        file = home.resolve("ledger.db");
    }

    @ParameterizedTest
    @EnumSource(Mischief.class)
    void nothingIsAcknowledgedThatIsLost(Mischief mischief) throws Exception {
        TestProgram program = new TestProgram(folder).variable("TOKENLEDGER_LEDGER", file.toString());
        program.succeed("record", "--id", "first", "--model", "m");
        program.succeed("backup", home.resolve("older.db").toString());
        try (ServerChild server = new ServerChild(file, folder)) {
            Clients clients = new Clients(server.address());
            clients.awaitAnswers(BEFORE);
            mischief.happen(file);
            clients.awaitRefusals(REFUSALS);
            clients.stop();

            assertThat(clients.statuses)
                    .as(() -> "answers beside 200; the server says: " + server.messages())
                    .containsOnly(503);
            assertThat(status(server.address(), "/readyz")).isEqualTo(503);
            assertThat(status(server.address(), "/healthz")).isEqualTo(200);
            String all = String.join("\n", server.messages());
            audit(clients.answered, all, mischief);
        }
    }

    private static void audit(Queue<RecordId> answered, String messages, Mischief mischief) throws IOException {
        Matcher saved = SAVED.matcher(messages);
        if (!saved.find()) {
            // What was overwritten in place may show as damage before it shows as another file.
            assertThat(messages).as(mischief.name()).containsAnyOf("is lost", "the file is damaged");
            assertThat(mischief.destroys).as(messages).isTrue();
            return;
        }
        Path copy = Path.of(saved.group(1));
        try (Ledger ledger = new SqliteLedgerOpener(InstantSource.system()).openReadOnly(copy, warning -> {})) {
            List<RecordId> missing =
                    answered.stream().filter(id -> ledger.find(id).isEmpty()).toList();
            if (mischief.destroys) {
                assertThat(missing.isEmpty() || messages.contains("is lost"))
                        .as("%s of %s are not in %s: %s", missing.size(), answered.size(), copy, messages)
                        .isTrue();
            } else {
                assertThat(missing).as("answered and not in %s", copy).isEmpty();
                assertThat(ledger.verify().differences()).isEmpty();
            }
        } catch (LedgerException e) {
            assertThat(mischief.destroys).as(e.getMessage()).isTrue();
            assertThat(messages).contains("is lost");
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    @Tag("mounts")
    @Test
    void fullDisk_turnsReadiness_andEverythingGoesOnOnceThereIsRoom() throws Exception {
        try (ServerChild server = new ServerChild(Main.class, file, folder, inMount("size=1500k", home))) {
            Clients clients = new Clients(server.address());
            clients.awaitAnswers(50);
            clients.awaitRefusals(REFUSALS);
            assertThat(status(server.address(), "/readyz")).isEqualTo(503);

            enter(server.pid(), "mount", "-o", "remount,size=64m", home.toString());
            clients.answers.drainPermits();
            clients.awaitAnswers(BEFORE);
            clients.stop();

            assertThat(clients.statuses).containsOnly(503);
            assertThat(status(server.address(), "/readyz")).isEqualTo(200);
            Path copy = folder.resolve("copy.db");
            enter(server.pid(), "cp", file.toString(), copy.toString());
            enter(server.pid(), "cp", file + "-wal", copy + "-wal");
            assertHolds(copy, clients.answered);
        }
    }

    /** Another file system over the ledger's folder, with nothing in it, which may be written to or not. */
    @Tag("mounts")
    @ParameterizedTest
    @ValueSource(strings = {"size=64m", "ro"})
    void folderThatIsMountedOver_isNoticed(String options) throws Exception {
        try (ServerChild server = new ServerChild(Main.class, file, folder, inMount("size=64m", home))) {
            Clients clients = new Clients(server.address());
            clients.awaitAnswers(BEFORE);
            enter(server.pid(), "mount", "-t", "tmpfs", "-o", options, "tmpfs", home.toString());
            clients.awaitRefusals(REFUSALS);
            clients.stop();

            assertThat(clients.statuses).containsOnly(503);
            assertThat(status(server.address(), "/readyz")).isEqualTo(503);
            Matcher saved = SAVED.matcher(String.join("\n", server.messages()));
            assertThat(saved.find()).isTrue();
            Path copy = folder.resolve("copy.db");
            enter(server.pid(), "cp", saved.group(1), copy.toString());
            assertHolds(copy, clients.answered);
        }
    }

    /** Whether the files are still there cannot be told then, so nothing is acknowledged until it can be. */
    @Tag("mounts")
    @Test
    void folderThatMayNotBeEntered_stopsWritesUntilItMay() throws Exception {
        List<String> obedient = List.of("setpriv", "--bounding-set=-dac_override,-dac_read_search");
        try (ServerChild server = new ServerChild(Main.class, file, folder, obedient)) {
            Clients clients = new Clients(server.address());
            clients.awaitAnswers(BEFORE);
            run("chmod", "000", home.toString());
            clients.awaitRefusals(REFUSALS);
            assertThat(status(server.address(), "/readyz")).isEqualTo(503);
            run("chmod", "700", home.toString());
            clients.answers.drainPermits();
            clients.awaitAnswers(BEFORE);
            clients.stop();

            assertThat(clients.statuses).containsOnly(503);
            assertThat(status(server.address(), "/readyz")).isEqualTo(200);
            server.stop();
            assertHolds(file, clients.answered);
        }
    }

    private static void assertHolds(Path ledgerFile, Queue<RecordId> answered) {
        try (Ledger ledger = new SqliteLedgerOpener(InstantSource.system()).openReadOnly(ledgerFile, warning -> {})) {
            assertThat(answered).allSatisfy(id -> assertThat(ledger.find(id)).isPresent());
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    private static List<String> inMount(String options, Path folder) {
        return List.of(
                "unshare",
                "--mount",
                "--propagation",
                "private",
                "sh",
                "-c",
                "mount -t tmpfs -o " + options + " tmpfs '" + folder + "' && exec \"$@\"",
                "sh");
    }

    private static void enter(long pid, String... command) throws IOException, InterruptedException {
        List<String> entered = new ArrayList<>(List.of("nsenter", "--target", Long.toString(pid), "--mount"));
        entered.addAll(List.of(command));
        run(entered.toArray(new String[0]));
    }

    private static void run(String... command) throws IOException, InterruptedException {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }

    private static int status(URI server, String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(server.resolve(path))
                                .timeout(Duration.ofSeconds(PATIENCE_SECONDS))
                                .build(),
                        BodyHandlers.discarding())
                .statusCode();
    }

    /** Threads that post one record after the other until they are told to stop. */
    private static final class Clients {

        private final URI records;
        private final HttpClient http = HttpClient.newHttpClient();
        private final Queue<RecordId> answered = new ConcurrentLinkedQueue<>();
        private final Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
        private final Semaphore answers = new Semaphore(0);
        private final Semaphore refusals = new Semaphore(0);
        private final List<Thread> threads = new ArrayList<>();
        private volatile boolean stopped;

        Clients(URI server) {
            records = server.resolve("/v1/records");
            for (int i = 0; i < CLIENTS; i++) {
                int client = i;
                Thread thread = new Thread(() -> post(client), "client " + i);
                threads.add(thread);
                thread.start();
            }
        }

        private void post(int client) {
            try {
                for (int number = 0; !stopped; number++) {
                    String id = "c" + client + "-" + number;
                    HttpResponse<String> answer = http.send(
                            HttpRequest.newBuilder(records)
                                    .header("Content-Type", "application/json")
                                    .timeout(Duration.ofSeconds(PATIENCE_SECONDS))
                                    .POST(BodyPublishers.ofString("{\"id\":\"" + id
                                            + "\",\"model\":\"m\",\"input_tokens\":3,"
                                            + "\"timestamp\":\"2026-11-01T00:00:00Z\"}"))
                                    .build(),
                            BodyHandlers.ofString());
                    if (answer.statusCode() == 200 && answer.body().contains("appended")) {
                        answered.add(RecordId.of(id));
                        answers.release();
                    } else {
                        statuses.add(answer.statusCode());
                        refusals.release();
                    }
                }
            } catch (IOException e) {
                statuses.add(0);
                refusals.release(REFUSALS);
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void awaitAnswers(int count) throws InterruptedException {
            assertThat(answers.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("answers")
                    .isTrue();
        }

        void awaitRefusals(int count) throws InterruptedException {
            assertThat(refusals.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("refusals")
                    .isTrue();
        }

        void stop() throws InterruptedException {
            stopped = true;
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }
}
