package dev.tokenledger.server.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Batch;
import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.formats.query.ParameterException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    void attributesAndLimits_areReadAsWritten() {
        ReadLimit limit = new ReadLimit(Map.of(
                Dimension.attribute("team"), "sea\"rch: [x] #1 \\ 'é' \uD83D\uDCB8", Dimension.MODEL, "a/b: c, {d}"));
        ApiKey.Created team = ApiKey.create(
                "team",
                Set.of(Scope.INGEST, Scope.READ),
                Instant.EPOCH,
                Map.of("team", "null", "environment", "yes", "n", "12", "x.y-z_1", "- a\u00a0b \uE000 ~"),
                limit);
        replace(ApiKeys.of(List.of(team.key(), reader.key())));
        assertThat(file.read().all()).containsExactly(team.key(), reader.key());
        assertThat(file.read().all().get(0).limit().values()).isEqualTo(limit.values());
        assertThat(team.key().stamp().attributes())
                .containsEntry(Stamp.KEY_NAME, "team")
                .hasSize(5);
    }

    /** What people write by hand, and what is no key that could do what it says. */
    @Test
    void attributesAndLimits_areCheckedInTheFile() throws IOException {
        String key = yaml(reader.key()).replace("}", ", %s}");
        Files.createDirectories(path.getParent());
        Files.writeString(path, key.formatted("attributes: {team: search}, limit: {attribute.team: search}"));
        assertThat(file.read().all().get(0).attributes()).isEqualTo(Map.of("team", "search"));
        assertThat(file.read().all().get(0).limit().values()).isEqualTo(Map.of(Dimension.attribute("team"), "search"));
        for (String broken : List.of(
                "limits: {}",
                "limit: search",
                "limit: {team: search}",
                "limit: {attribute.team: ''}",
                "limit: {attribute.team: [a]}",
                "limit: {attribute.team: 1}",
                "limit: {model: a, deployment: b}",
                "limit: {pricing_status: priced}",
                "attributes: {1x: a}",
                "attributes: {tokenledger.key: a}",
                "attributes: {team: \"a\\nb\"}",
                "attributes: {a: x, b: x, c: x, d: x, e: x, f: x, g: x, h: x, i: x}")) {
            Files.writeString(path, key.formatted(broken));
            assertThatThrownBy(file::read)
                    .as(broken)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageMatching("(?s).*keys.yaml:2: .*");
        }
        Files.writeString(path, key.formatted("limit: {model: a}").replace("[read]", "[read, admin]"));
        assertThatThrownBy(file::read).hasMessageContaining("limit: a key of the scope admin does everything");
    }

    @Test
    void limitedLedger_isForReadingAlone_andRefusesMoreFiltersThanThereCanBe() {
        Ledger whole = InMemoryLedger.open(PriceBook.empty());
        ReadLimit limit = new ReadLimit(Map.of(Dimension.attribute("team"), "search", Dimension.MODEL, "m"));
        Ledger limited = limit.over(whole);
        for (Callable<?> write : List.<Callable<?>>of(
                () -> limited.append(UsageRecord.builder().model("m").build()),
                () -> limited.reverse(RecordId.of("a"), ""),
                () -> limited.replace(
                        RecordId.of("a"), UsageRecord.builder().model("m").build(), ""),
                () -> limited.readerState("x"),
                () -> limited.readerStates(""),
                () -> limited.compareAndSetReaderState("x", "", Map.of("x", "1")),
                () -> limited.writeIf(
                        "x", "", Batch.builder().readerState("x", "1").build()),
                () -> limited.markPeriod(Optional.empty(), ZoneOffset.UTC, "x"),
                limited::verify)) {
            assertThatThrownBy(write::call).isInstanceOf(UnsupportedOperationException.class);
        }
        assertThatThrownBy(limited::rebuild).isInstanceOf(UnsupportedOperationException.class);
        limited.close();
        assertThat(whole.summary(TimeWindow.all()).totalRecords()).isZero();
        SummaryQuery.Builder query = SummaryQuery.over(TimeWindow.all()).where(Dimension.MODEL, "m");
        for (int i = 0; i < 6; i++) {
            query.where(Dimension.attribute("a" + i), "x");
        }
        assertThat(limited.summaries(query.build())).hasSize(1);
        query.where(Dimension.ROLE, "x");
        assertThatThrownBy(() -> limited.summaries(query.build()))
                .isInstanceOf(ParameterException.class)
                .hasMessage("this key is limited to values of 2 dimensions, which leaves 6 for others");
        assertThat(ReadLimit.NONE.over(whole)).isSameAs(whole);
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
