package dev.tokenledger.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.AppendResult;
import dev.tokenledger.LedgerException;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.postgres.testing.PostgresServer;
import dev.tokenledger.postgres.testing.PostgresServer.Version;
import dev.tokenledger.postgres.testing.SmallDisk;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The server's disk fills up. As the superuser, who mounts a small one. */
@Tag("mounts")
class FullDiskTest {

    private static final int MEBIBYTES = 160;
    private static final int RECORDS = 200;
    private static final int MAX_BATCHES = 2_000;
    private static final String RETRY = "retry with the same ids";

    private final Set<RecordId> acknowledged = new LinkedHashSet<>();
    private int batches;

    @ParameterizedTest
    @EnumSource
    void fullDataDisk_isNamed_andWrittenToOnceThereIsRoom(Version version) {
        try (SmallDisk disk = new SmallDisk(MEBIBYTES);
                SmallDisk log = new SmallDisk(4 * MEBIBYTES);
                PostgresServer server = PostgresServer.start(
                        version, Optional.of(disk.folder()), Optional.of(log.folder()), "max_wal_size = 256MB");
                PostgresLedger ledger = open(server)) {
            write(ledger);
            disk.fill(1 << 20);
            LedgerException failure = writeUntilItFails(ledger);
            assertThat(failure)
                    .isInstanceOf(LedgerFullException.class)
                    .hasMessageContaining("nothing was stored")
                    .hasMessageContaining(RETRY);
            checkAcknowledged(ledger);
            disk.empty();
            write(ledger);
            checkAcknowledged(ledger);
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    /** Without room for its log the server stops itself; what it acknowledged is in the log. */
    @Test
    void fullLogDisk_losesNothingAcknowledged() {
        try (SmallDisk log = new SmallDisk(MEBIBYTES);
                PostgresServer server = PostgresServer.start(
                        Version.NEWEST, Optional.empty(), Optional.of(log.folder()), "max_wal_size = 1GB");
                PostgresLedger ledger = open(server)) {
            write(ledger);
            log.fill(1 << 20);
            assertThat(writeUntilItFails(ledger)).hasMessageContaining(RETRY);
            log.empty();
            server.kill();
            server.restart();
            checkAcknowledged(ledger);
            write(ledger);
            checkAcknowledged(ledger);
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    private static PostgresLedger open(PostgresServer server) {
        return PostgresLedger.builder()
                .prices(Samples.prices())
                .onWarning(warning -> {})
                .open(server.dataSource());
    }

    private LedgerException writeUntilItFails(PostgresLedger ledger) {
        for (int i = 0; i < MAX_BATCHES; i++) {
            try {
                write(ledger);
            } catch (LedgerException e) {
                return e;
            }
        }
        throw new AssertionError("the disk did not fill up");
    }

    /** Writes a batch, whose ids are the same again after a failure. */
    private void write(PostgresLedger ledger) {
        List<UsageRecord> records = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            records.add(Samples.builder("b" + batches + "-" + i)
                    .sessionId("session " + batches)
                    .build());
        }
        for (AppendResult result : ledger.appendAll(records)) {
            assertThat(result).isInstanceOfAny(AppendResult.Appended.class, AppendResult.Duplicate.class);
        }
        records.forEach(record -> acknowledged.add(record.id()));
        batches++;
    }

    private void checkAcknowledged(PostgresLedger ledger) {
        assertThat(ledger.summary(TimeWindow.all()).totalRecords())
                .isGreaterThanOrEqualTo(acknowledged.size())
                .isLessThanOrEqualTo(acknowledged.size() + RECORDS);
        int every = Math.max(1, acknowledged.size() / 500);
        int i = 0;
        for (RecordId id : acknowledged) {
            if (i++ % every == 0) {
                assertThat(ledger.find(id)).as("acknowledged %s", id).isPresent();
            }
        }
    }
}
