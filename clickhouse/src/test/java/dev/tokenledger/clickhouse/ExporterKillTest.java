package dev.tokenledger.clickhouse;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.testkit.Samples;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Exporters that are killed by {@code kill -9}, again and again, while a writer goes on. */
@Tag("clickhouse")
class ExporterKillTest {

    private static final int KILLS = 8;
    private static final int BATCHES = 6;
    private static final int BATCH = 20;
    private static final long SEED = 3;

    @Test
    void exporterKilledAgainAndAgain_leavesAnExactCopy() throws Exception {
        SplittableRandom random = new SplittableRandom(SEED);
        try (CopiedLedger copied = CopiedLedger.shared();
                PostgresLedger ledger = copied.open()) {
            int written = 0;
            for (int kill = 0; kill < KILLS; kill++) {
                Process child = start(copied);
                try {
                    // From what it says first on it is at work; how far it comes is anybody's guess.
                    written = write(ledger, written, 1);
                    if (kill % 2 == 0) {
                        BufferedReader said = new BufferedReader(
                                new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8));
                        assertThat(said.readLine()).isNotNull();
                    }
                    written = write(ledger, written, 1 + random.nextInt(BATCHES));
                } finally {
                    child.destroyForcibly();
                }
                copied.assertExactIfBegun();
                assertThat(child.waitFor(1, TimeUnit.MINUTES)).isTrue();
                copied.assertExactIfBegun();
            }
            try (ClickHouseExporter last = copied.exporter(100)) {
                KilledExporterTest.awaitLock(() -> copied.drain(last));
            }
            copied.assertExact();
            assertThat(copied.promise().entries()).isEqualTo(written);
        }
    }

    private static int write(PostgresLedger ledger, int from, int batches) {
        int at = from;
        for (int batch = 0; batch < batches; batch++) {
            ledger.appendAll(IntStream.range(at, at + BATCH)
                    .mapToObj(number -> Samples.record("r" + number))
                    .toList());
            at += BATCH;
        }
        return at;
    }

    private static Process start(CopiedLedger copied) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        ExporterChild.class.getName(),
                        Integer.toString(copied.postgres.port()),
                        copied.schema,
                        copied.address.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }
}
