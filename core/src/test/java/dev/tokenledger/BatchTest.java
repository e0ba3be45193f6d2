package dev.tokenledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.tokenledger.backend.Revision;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BatchTest {

    private static final UsageRecord RECORD = UsageRecord.builder().model("m").build();

    @Test
    void key_isTrimmedAndBounded() {
        assertThat(new Batch.Step.Revise(" k ", RECORD, Merge.LATEST).key()).isEqualTo("k");
        String longest = "k".repeat(Revision.MAX_KEY_LENGTH);
        assertThat(new Batch.Step.Revise(longest, RECORD, Merge.LATEST).key()).isEqualTo(longest);
        // Room for the number of any revision that there can ever be.
        assertThat(Revision.id(longest, Integer.MAX_VALUE).value()).endsWith("~2147483647");
        for (String key : new String[] {"", "  ", longest + "k", "a\nb"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Batch.builder().revise(key, RECORD, Merge.LATEST))
                    .withMessageStartingWith("key: ");
        }
    }

    @Test
    void revisions_areNamedAfterTheirKey() {
        assertThat(Revision.id("k", 1)).isEqualTo(RecordId.of("k"));
        assertThat(Revision.id("k", 2)).isEqualTo(RecordId.of("k~2"));
        assertThat(Revision.id("k", 10)).isEqualTo(RecordId.of("k~10"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "a\u0000b", "half \uD83D"})
    void readersKey_thatIsNoText_isRefused(String key) {
        assertThatIllegalArgumentException().isThrownBy(() -> Batch.builder().readerState(key, "1"));
    }

    @Test
    void readersState_isBoundedText() {
        assertThat(Batch.builder()
                        .readerState("k".repeat(4_096), "s".repeat(65_536))
                        .readerState("a", "1")
                        .readerState("a", "2\n\t{}")
                        .build()
                        .readerStates())
                .hasSize(2)
                .containsEntry("a", "2\n\t{}");
        for (String state : new String[] {"s".repeat(65_537), "a\u0000", "\uDCB8"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Batch.builder().readerState("k", state));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> Batch.builder().readerState("k".repeat(4_097), ""));
    }

    @Test
    void steps_areBounded() {
        Batch.Builder batch = Batch.builder();
        for (int i = 0; i < Batch.MAX_STEPS; i++) {
            batch.append(RECORD);
        }
        assertThat(batch.build().steps().size()).isEqualTo(Batch.MAX_STEPS);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> batch.append(RECORD))
                .withMessageContaining("at most 100000 steps");
        assertThat(batch.build().steps()).hasSize(Batch.MAX_STEPS);
        assertThatNullPointerException().isThrownBy(() -> Batch.builder().append(null));
        assertThatNullPointerException().isThrownBy(() -> Batch.builder().revise("k", RECORD, null));
    }
}
