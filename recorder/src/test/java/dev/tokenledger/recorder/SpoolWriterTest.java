package dev.tokenledger.recorder;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolWriterTest {

    @TempDir
    private Path folder;

    /** The forwarder reads what was written before those who wait for it are known; it wakes for them no second time. */
    @Test
    void recordThatWasCarriedOnBeforeItsCallerWaits_isCommitted() throws IOException {
        Spool spool = Spool.open(folder, 1 << 20);
        SpoolWriter writer = new SpoolWriter(spool, new Counters(problem -> {}, InstantSource.system()), () -> {});
        Offered offered =
                new Offered(new Outgoing(UsageRecord.builder().model("m").build(), ""), Acknowledgement.COMMITTED);
        writer.forwardedTo(1 << 20);
        assertThat(writer.offer(offered)).isTrue();
        writer.close();
        writer.run();
        assertThat(offered.await(Duration.ZERO)).isEqualTo(Receipt.COMMITTED);
        spool.close();
    }
}
