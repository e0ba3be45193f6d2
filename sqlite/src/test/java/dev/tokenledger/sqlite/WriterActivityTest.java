package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.usage.UsageRecord;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriterActivityTest {

    @TempDir
    private Path folder;

    @Test
    void writing_showsAndRestDoesNot() {
        Path file = folder.resolve("ledger.db");
        WriterActivity activity = WriterActivity.at(file);
        String before = activity.get();
        assertThat(activity.get()).isEqualTo(before);

        try (SqliteLedger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            String opened = activity.get();
            assertThat(opened).isNotEqualTo(before);
            ledger.append(UsageRecord.builder().model("m").build());
            assertThat(activity.get()).isNotEqualTo(opened);
        }
        assertThat(activity.get()).isEqualTo(activity.get());
    }
}
