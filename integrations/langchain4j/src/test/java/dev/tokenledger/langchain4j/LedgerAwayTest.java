package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** A ledger that is away while LangChain4j calls. */
class LedgerAwayTest extends RecordingFixture {

    @Test
    void ledgerThatIsAway_failsNoCall_andHasThemAllWhenItIsBack() throws Exception {
        AtomicBoolean away = new AtomicBoolean(true);
        Path file = folder.resolve("usage.db");
        Path spool = folder.resolve("spool-of-away");
        try (Recorder first = away(away, file, spool)) {
            LangChain4jRecording own = LangChain4jRecording.to(first).build();
            assertThat(Provider.OPENAI
                            .chat(own, false, true, Provider.OPENAI.requested)
                            .chat(request())
                            .aiMessage()
                            .text())
                    .isEqualTo("Good day");
            stream(Provider.ANTHROPIC.streaming(own, true, true, Provider.ANTHROPIC.requested))
                    .get(30, TimeUnit.SECONDS);
        }
        away.set(false);
        try (Recorder next = away(away, file, spool)) {
            assertThat(next.flush(Duration.ofMinutes(1))).isTrue();
        }
        try (Ledger stored = SqliteLedger.open(file, PriceBook.bundled())) {
            List<UsageRecord> records = new ArrayList<>(recordsOf(stored));
            records.sort(
                    java.util.Comparator.comparing(record -> record.identity().provider()));
            assertThat(records).hasSize(2);
            assertTrue(records.get(0), Provider.ANTHROPIC, true);
            assertTrue(records.get(1), Provider.OPENAI, true);
        }
    }

    private static Recorder away(AtomicBoolean away, Path file, Path spool) throws IOException {
        return Recorder.builder(
                        () -> {
                            if (away.get()) {
                                throw new LedgerBusyException("away for the test", new IOException("away"));
                            }
                            return SqliteLedger.open(file, PriceBook.bundled());
                        },
                        spool)
                .pauses(Duration.ofMillis(1), Duration.ofMillis(10))
                .build();
    }
}
