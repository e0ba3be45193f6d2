package dev.tokenledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.RecordQuery.Cursor;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordQueryTest {

    @Test
    void cursor_isReadBack() {
        Random random = new Random(1);
        for (int i = 0; i < 1_000; i++) {
            Cursor cursor = new Cursor(random.nextLong() >>> random.nextInt(1, 63), random.nextLong() >>> 1);
            assertThat(Cursor.parse(cursor.toString())).isEqualTo(cursor);
        }
        assertThat(Cursor.parse(new Cursor(0, 1).toString())).isEqualTo(new Cursor(0, 1));
        assertThat(Cursor.parse(new Cursor(Long.MAX_VALUE, Long.MAX_VALUE).toString()))
                .isEqualTo(new Cursor(Long.MAX_VALUE, Long.MAX_VALUE));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-", "1", "1-", "-1", "--", "a b-1", "1-2-3", "1-zzzzzzzzzzzzzz", "ü-1", "1_000-1"})
    void textThatIsNoCursor_isRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Cursor.parse(text))
                .withMessage("cursor: not one that this ledger gave");
    }

    @Test
    void query_hasBounds() {
        RecordQuery query = RecordQuery.over(TimeWindow.all()).build();
        assertThat(query.limit()).isEqualTo(100);
        assertThat(query.history()).isFalse();
        assertThat(query.after()).isEmpty();
        for (int limit : new int[] {0, -1, RecordQuery.MAX_LIMIT + 1}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> RecordQuery.over(TimeWindow.all()).limit(limit))
                    .withMessage("limit: expected 1 to 10000, found " + limit);
        }
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordQuery.over(TimeWindow.all())
                        .where(Dimension.ROLE, "a")
                        .where(Dimension.ROLE, "b"))
                .withMessage("dimension role is filtered twice");
    }
}
