package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The recipe of the server's document, again and again: a server is killed while it stores, and the ledger restored from the
 * last backup. What was answered before the backup is there, what came after it is in the file that was set aside, and
 * both are whole.
 */
@Tag("once")
class CrashAndRestoreTest {

    private static final int MAX_RECORDS = 40;

    @TempDir
    private Path folder;

    private Path file;
    private final HttpClient http = HttpClient.newHttpClient();
    private int number;

    @Test
    void restoreAfterACrash_bringsWhatWasBackedUp() throws Exception {
        crashAndRestore(4);
    }

    @Tag("long")
    @Test
    void restoreAfterACrash_bringsWhatWasBackedUp_manyTimes() throws Exception {
        crashAndRestore(200);
    }

    private void crashAndRestore(int rounds) throws Exception {
        long seed = Long.getLong("tokenledger.seed", System.nanoTime());
        System.out.println("seed " + seed + ", another with -Dtokenledger.seed=…");
        Random random = new Random(seed);
        file = folder.resolve("ledger.db");
        TestProgram program = new TestProgram(folder);
        List<RecordId> kept = new ArrayList<>();
        for (int round = 1; round <= rounds; round++) {
            Path backup = folder.resolve("backup-" + round + ".db");
            List<RecordId> after = new ArrayList<>();
            try (ServerChild server = new ServerChild(file, folder)) {
                store(server.address(), random.nextInt(MAX_RECORDS), kept);
                program.succeed("backup", backup.toString());
                store(server.address(), 1 + random.nextInt(MAX_RECORDS), after);
                server.kill();
            }
            String out = program.succeed("restore", backup.toString());

            Path aside = Path.of(out.lines()
                    .filter(line -> line.startsWith("set aside: "))
                    .findFirst()
                    .orElseThrow()
                    .substring("set aside: ".length()));
            String where = "round " + round + ", seed " + seed;
            audit(file, kept, List.of(), where);
            try (Ledger ledger = open(file)) {
                assertThat(after)
                        .as(where)
                        .noneSatisfy(id -> assertThat(ledger.find(id)).isPresent());
            }
            audit(aside, kept, after, where);
            forget(aside, backup);
        }
    }

    private static void audit(Path ledgerFile, List<RecordId> first, List<RecordId> then, String where) {
        try (Ledger ledger = open(ledgerFile)) {
            for (RecordId id : Stream.concat(first.stream(), then.stream()).toList()) {
                assertThat(ledger.find(id)).as("%s: %s was answered", where, id).isPresent();
            }
            assertThat(ledger.verify().differences()).as(where).isEmpty();
            assertThat(ledger.verify().entries()).as(where).isEqualTo(first.size() + then.size());
        }
    }

    private static Ledger open(Path ledgerFile) {
        return new SqliteLedgerOpener(InstantSource.system()).openReadOnly(ledgerFile, warning -> {});
    }

    private static void forget(Path... files) throws IOException {
        for (Path each : files) {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(Path.of(each + suffix));
            }
        }
    }

    private void store(URI address, int records, List<RecordId> answered) throws Exception {
        for (int i = 0; i < records; i++) {
            String id = "r" + ++number;
            HttpResponse<String> answer = http.send(
                    HttpRequest.newBuilder(address.resolve("/v1/records"))
                            .header("Content-Type", "application/json")
                            .POST(BodyPublishers.ofString("{\"id\":\"" + id
                                    + "\",\"model\":\"m\",\"input_tokens\":3,\"timestamp\":\"2026-11-01T00:00:00Z\"}"))
                            .build(),
                    BodyHandlers.ofString());
            assertThat(answer.body()).contains("appended");
            answered.add(RecordId.of(id));
        }
    }
}
