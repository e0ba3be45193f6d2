package dev.tokenledger.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenCountsTest {

    private static final List<String> FIELDS = List.of(
            "input_tokens",
            "output_tokens",
            "cache_creation_input_tokens",
            "cache_creation_5m_input_tokens",
            "cache_creation_1h_input_tokens",
            "cache_read_input_tokens",
            "reasoning_tokens",
            "audio_input_tokens",
            "image_input_tokens",
            "audio_output_tokens",
            "image_output_tokens");

    @ParameterizedTest
    @ValueSource(longs = {-1, Long.MIN_VALUE, TokenCounts.LIMIT + 1, Long.MAX_VALUE})
    void everyCount_isBounded_andItsFieldNamed(long count) {
        for (int i = 0; i < FIELDS.size(); i++) {
            long[] counts = new long[FIELDS.size()];
            counts[i] = count;
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> of(counts))
                    .withMessage(FIELDS.get(i) + ": expected 0 to 1000000000000, found " + count);
        }
    }

    @Test
    void limit_isAllowedInEveryClass() {
        long most = TokenCounts.LIMIT;
        TokenCounts counts = new TokenCounts(most, most, most, 0, most, most, most, 0, most, 0, 0);
        assertThat(counts.totalInput()).isEqualTo(3 * most);
        assertThat(counts.cacheCreationUnattributed()).isZero();
    }

    @Test
    void parts_doNotExceedTheirWhole() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCounts(0, 0, 9, 5, 5, 0, 0, 0, 0, 0, 0))
                .withMessage("cache_creation_5m_input_tokens + cache_creation_1h_input_tokens = 10 exceed "
                        + "cache_creation_input_tokens = 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCounts(9, 0, 0, 0, 0, 0, 0, 5, 5, 0, 0))
                .withMessage("audio_input_tokens + image_input_tokens = 10 exceed input_tokens = 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TokenCounts(0, 9, 0, 0, 0, 0, 4, 0, 0, 3, 3))
                .withMessage("reasoning_tokens + audio_output_tokens + image_output_tokens = 10 exceed "
                        + "output_tokens = 9");
        TokenCounts exact = new TokenCounts(10, 10, 10, 5, 5, 1, 4, 5, 5, 3, 3);
        assertThat(exact.totalInput()).isEqualTo(21);
    }

    @Test
    void unattributedWrites_areTheShortfall() {
        assertThat(new TokenCounts(0, 0, 10, 3, 4, 0, 0, 0, 0, 0, 0).cacheCreationUnattributed())
                .isEqualTo(3);
        assertThat(TokenCounts.NONE.totalInput()).isZero();
    }

    private static TokenCounts of(long... c) {
        return new TokenCounts(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7], c[8], c[9], c[10]);
    }
}
