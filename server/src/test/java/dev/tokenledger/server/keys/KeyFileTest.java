package dev.tokenledger.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyFileTest {

    @TempDir
    private Path folder;

    private Path path;
    private KeyFile file;
    private final ApiKey.Created reader =
            ApiKey.create("reader", Set.of(Scope.READ), Instant.parse("2026-11-22T12:00:00Z"));

    @BeforeEach
    void prepare() {
        path = folder.resolve("config").resolve("keys.yaml");
        file = new KeyFile(path);
    }

    private void replace(ApiKeys keys) {
        file.update(present -> keys);
    }

    @Test
    void absentFile_hasNoKeys() {
        assertThat(file.read().all()).isEmpty();
    }

    /** Nobody knows whether there are keys in what cannot be looked at. */
    @Test
    void fileThatCannotBeLookedAt_isNotTakenForOneWithoutKeys() throws IOException {
        Path noFolder = Files.createFile(folder.resolve("no-folder"));
        Path within = noFolder.resolve("keys.yaml");

        assertThatThrownBy(() -> new KeyFile(within).read())
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("cannot read " + within);
    }

    @Test
    void keys_areReadAsWritten() throws IOException {
        ApiKey.Created admin = ApiKey.create("A. B/c@d_e-1 é", Set.of(Scope.ADMIN, Scope.INGEST), Instant.EPOCH);
        replace(ApiKeys.of(List.of(reader.key(), admin.key())));
        assertThat(file.read().all()).containsExactly(reader.key(), admin.key());
        assertThat(file.read().find(reader.secret())).contains(reader.key());
        assertThat(file.read().find("tl_other")).isEmpty();
        assertThat(Files.readString(path)).doesNotContain(reader.secret()).doesNotContain(admin.secret());
        replace(ApiKeys.none());
        assertThat(file.read().all()).isEmpty();
        try (var files = Files.list(path.getParent())) {
            assertThat(files).containsExactlyInAnyOrder(path, path.resolveSibling("keys.yaml.lock"));
        }
    }

    @Test
    void admin_mayDoEverything() {
        assertThat(reader.key().allows(Scope.READ)).isTrue();
        assertThat(reader.key().allows(Scope.INGEST)).isFalse();
        ApiKey admin = ApiKey.create("a", Set.of(Scope.ADMIN), Instant.EPOCH).key();
        assertThat(Scope.values()).allMatch(admin::allows);
    }

    @Test
    void secret_isNotShownByAccident() {
        assertThat(reader.toString()).doesNotContain(reader.secret());
    }

    @Test
    void brokenFile_isNamedWithItsLine() throws IOException {
        Files.createDirectories(path.getParent());
        for (String broken : List.of(
                "",
                "keys: 1",
                "keys:\n  - x",
                "keys: []\nother: 1",
                "keys:\n  - id: &a b",
                "keys:\n  - {id: \"12345678\"}")) {
            Files.writeString(path, broken);
            assertThatThrownBy(file::read)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("(?s).*keys.yaml:[0-9]+: .*");
        }
    }

    private static String yaml(ApiKey key) {
        return "keys:\n  - {id: \"" + key.id() + "\", name: \"" + key.name() + "\", scopes: [read], created: \""
                + key.created() + "\", sha256: \"" + key.sha256() + "\"}\n";
    }

    @Test
    void keysOfOneId_areNamedWithTheLineOfTheSecond() throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, yaml(reader.key()) + yaml(reader.key()).substring("keys:\n".length()));
        assertThatThrownBy(file::read)
                .hasMessageEndingWith(
                        "keys.yaml:3: a second key with the id " + reader.key().id());
    }

    /** As after a moment without free file descriptors: nothing that a look can see has changed since. */
    @Test
    void watchedFile_thatCouldNotBeRead_isReadAgain() throws IOException {
        replace(ApiKeys.of(List.of(reader.key())));
        FileTime time = FileTime.fromMillis(1_000);
        String revoked = "keys: []\n# ";
        AtomicLong nanos = new AtomicLong();
        List<String> failures = new ArrayList<>();
        Supplier<ApiKeys> watched = file.watched(nanos::get, failure -> failures.add(failure.getMessage()));

        Files.writeString(path, "-".repeat(revoked.length()));
        Files.setLastModifiedTime(path, time);
        for (int second = 0; second < 3; second++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            assertThat(watched.get().all()).hasSize(1);
        }
        assertThat(failures).as("told once").hasSize(1);

        // In place, so that even the file's identity stays.
        Files.writeString(path, revoked);
        Files.setLastModifiedTime(path, time);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(watched.get().all()).isEmpty();

        Files.writeString(path, "-".repeat(revoked.length()));
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(watched.get().all()).isEmpty();
        assertThat(failures).as("told again").hasSize(2);
    }

    @Test
    void watchedFile_isLookedAtAgainAfterASecond() throws IOException {
        replace(ApiKeys.of(List.of(reader.key())));
        AtomicLong nanos = new AtomicLong();
        List<String> failures = new ArrayList<>();
        Supplier<ApiKeys> watched = file.watched(nanos::get, failure -> failures.add(failure.getMessage()));
        assertThat(watched.get().all()).hasSize(1);

        replace(ApiKeys.none());
        Files.setLastModifiedTime(path, FileTime.fromMillis(1_000));
        assertThat(watched.get().all()).hasSize(1);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(watched.get().all()).isEmpty();

        Files.writeString(path, "nonsense");
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(watched.get().all()).isEmpty();
        assertThat(failures).hasSize(1);
    }

    /** A file system that keeps whole seconds says no more of two changes within one. */
    @Test
    void watchedFile_replacedTwiceAtOneTime_isReadTwice() throws IOException {
        replace(ApiKeys.of(List.of(reader.key())));
        FileTime time = FileTime.fromMillis(1_000);
        Files.setLastModifiedTime(path, time);
        AtomicLong nanos = new AtomicLong();
        Supplier<ApiKeys> watched = file.watched(nanos::get, failure -> {});
        assertThat(watched.get().all()).hasSize(1);

        replace(ApiKeys.none());
        Files.setLastModifiedTime(path, time);
        nanos.addAndGet(Duration.ofSeconds(1).toNanos());
        assertThat(watched.get().all()).isEmpty();
    }

    @Test
    void changesAtTheSameTime_areAllMade() throws Exception {
        int count = 8;
        List<ApiKey> created = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            created.add(
                    ApiKey.create("key " + i, Set.of(Scope.READ), Instant.EPOCH).key());
        }
        atTheSameTime(
                created,
                key -> file.update(present -> {
                    List<ApiKey> keys = new ArrayList<>(present.all());
                    keys.add(key);
                    return ApiKeys.of(keys);
                }));
        assertThat(file.read().all()).containsExactlyInAnyOrderElementsOf(created);

        atTheSameTime(
                created.subList(0, 6),
                key -> file.update(present -> ApiKeys.of(present.all().stream()
                        .filter(other -> !other.equals(key))
                        .toList())));
        assertThat(file.read().all()).containsExactlyInAnyOrderElementsOf(created.subList(6, count));
    }

    private static void atTheSameTime(List<ApiKey> keys, Consumer<ApiKey> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(keys.size());
        try {
            List<Callable<Void>> tasks = new ArrayList<>();
            for (ApiKey key : keys) {
                tasks.add(() -> {
                    work.accept(key);
                    return null;
                });
            }
            for (Future<Void> done : threads.invokeAll(tasks)) {
                done.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void changeOfABrokenFile_leavesItAsItIs() throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, "keys: 1");
        assertThatThrownBy(() -> replace(ApiKeys.none()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("keys.yaml:1: ");
        assertThat(path).hasContent("keys: 1");
    }
}
