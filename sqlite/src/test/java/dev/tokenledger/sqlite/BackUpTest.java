package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.LedgerComparison;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a ledger that is in use. */
class BackUpTest {

    private static final int BATCH = 10;

    @TempDir
    private Path folder;

    private Path file;
    private Path copy;

    @BeforeEach
    void name() {
        file = folder.resolve("usage.db");
        copy = folder.resolve("copies").resolve("it's the copy.db");
        folder.resolve("copies").toFile().mkdir();
    }

    private static SqliteLedger open(Path file) {
        return SqliteLedger.open(file, Samples.prices());
    }

    private static List<UsageRecord> batch(int number) {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < BATCH; i++) {
            records.add(Samples.everyField("r-" + number + "-" + i).build());
        }
        return records;
    }

    @Test
    void copy_isALedgerOfItsOwn() throws IOException {
        try (SqliteLedger ledger = open(file)) {
            ledger.appendAll(batch(1));
            ledger.reverse(RecordId.of("r-1-3"), "wrong");
            ledger.backUpTo(copy);
            try (Stream<Path> files = Files.list(copy.getParent())) {
                assertThat(files).containsExactly(copy);
            }
            try (Ledger copied = open(copy)) {
                LedgerComparison.assertSame(ledger, copied);
                assertThat(copied.verify().clean()).isTrue();
                copied.appendAll(batch(2));
            }
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(BATCH - 1);
            ledger.appendAll(batch(3));
        }
        try (Ledger copied = open(copy)) {
            assertThat(copied.summary(TimeWindow.all()).totalRecords()).isEqualTo(2 * BATCH - 1);
            assertThat(copied.find(RecordId.of("r-3-0"))).isEmpty();
        }
    }

    @Test
    void copyWhileOthersWrite_isOfOneMoment() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        CountDownLatch begun = new CountDownLatch(5);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try (SqliteLedger ledger = open(file)) {
            Future<Integer> writing = thread.submit(() -> {
                int batches = 0;
                while (!enough.get()) {
                    ledger.appendAll(batch(batches++));
                    begun.countDown();
                }
                return batches;
            });
            begun.await();
            for (int i = 0; i < 3; i++) {
                ledger.backUpTo(folder.resolve("copy-" + i));
            }
            enough.set(true);
            int batches = writing.get();
            long before = 4 * BATCH;
            for (int i = 0; i < 3; i++) {
                try (Ledger copied = open(folder.resolve("copy-" + i))) {
                    long records = copied.summary(TimeWindow.all()).totalRecords();
                    assertThat(records % BATCH).isZero();
                    assertThat(records).isGreaterThan(before).isLessThanOrEqualTo((long) batches * BATCH);
                    assertThat(copied.verify().clean()).isTrue();
                    before = records - 1;
                }
            }
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void readOnlyLedger_isCopiedToo() {
        try (Ledger ledger = open(file)) {
            ledger.appendAll(batch(1));
        }
        try (SqliteLedger ledger =
                SqliteLedger.builder().prices(PriceBook.empty()).readOnly(true).open(file)) {
            ledger.backUpTo(copy);
        }
        try (Ledger copied = open(copy)) {
            assertThat(copied.summary(TimeWindow.all()).totalRecords()).isEqualTo(BATCH);
        }
    }

    @Test
    void whatIsThere_isNotOverwritten() throws IOException {
        Files.writeString(copy, "mine");
        try (SqliteLedger ledger = open(file)) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ledger.backUpTo(copy))
                    .withMessage("cannot back up to %s: it is there already; name another file", copy);
            assertThatIllegalArgumentException().isThrownBy(() -> ledger.backUpTo(file));
        }
        assertThat(copy).hasContent("mine");
    }

    @Test
    void copyThatCannotBeWritten_isToldOf_andTheLedgerGoesOn() {
        Path nowhere = folder.resolve("missing").resolve("copy.db");
        try (SqliteLedger ledger = open(file)) {
            assertThatThrownBy(() -> ledger.backUpTo(nowhere))
                    .isInstanceOf(LedgerException.class)
                    .hasMessageContaining("cannot back up to " + nowhere);
            ledger.appendAll(batch(1));
            ledger.backUpTo(copy);
            assertThat(copy).isNotEmptyFile();
        }
    }

    @Test
    void closedLedger_isNotCopied() {
        SqliteLedger ledger = open(file);
        ledger.close();
        assertThatThrownBy(() -> ledger.backUpTo(copy)).isInstanceOf(IllegalStateException.class);
        assertThat(copy).doesNotExist();
    }
}
