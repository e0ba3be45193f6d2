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
        TokenCounts counts = TokenCounts.builder()
                .input(most)
                .output(most)
                .cacheCreation(most)
                .cacheCreation1h(most)
                .cacheRead(most)
                .reasoning(most)
                .imageInput(most)
                .build();
        assertThat(counts.totalInput()).isEqualTo(3 * most);
        assertThat(counts.cacheCreationUnattributed()).isZero();
    }

    @Test
    void parts_doNotExceedTheirWhole() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenCounts.builder()
                        .cacheCreation(9)
                        .cacheCreation5m(5)
                        .cacheCreation1h(5)
                        .build())
                .withMessage("cache_creation_5m_input_tokens + cache_creation_1h_input_tokens = 10 exceed "
                        + "cache_creation_input_tokens = 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenCounts.builder()
                        .input(9)
                        .audioInput(5)
                        .imageInput(5)
                        .build())
                .withMessage("audio_input_tokens + image_input_tokens = 10 exceed input_tokens = 9");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TokenCounts.builder()
                        .output(9)
                        .reasoning(4)
                        .audioOutput(3)
                        .imageOutput(3)
                        .build())
                .withMessage("reasoning_tokens + audio_output_tokens + image_output_tokens = 10 exceed "
                        + "output_tokens = 9");
        TokenCounts exact = TokenCounts.builder()
                .input(10)
                .output(10)
                .cacheCreation(10)
                .cacheCreation5m(5)
                .cacheCreation1h(5)
                .cacheRead(1)
                .reasoning(4)
                .audioInput(5)
                .imageInput(5)
                .audioOutput(3)
                .imageOutput(3)
                .build();
        assertThat(exact.totalInput()).isEqualTo(21);
    }

    @Test
    void unattributedWrites_areTheShortfall() {
        assertThat(TokenCounts.builder()
                        .cacheCreation(10)
                        .cacheCreation5m(3)
                        .cacheCreation1h(4)
                        .build()
                        .cacheCreationUnattributed())
                .isEqualTo(3);
        assertThat(TokenCounts.NONE.totalInput()).isZero();
    }

    private static TokenCounts of(long... c) {
        return TokenCounts.builder()
                .input(c[0])
                .output(c[1])
                .cacheCreation(c[2])
                .cacheCreation5m(c[3])
                .cacheCreation1h(c[4])
                .cacheRead(c[5])
                .reasoning(c[6])
                .audioInput(c[7])
                .imageInput(c[8])
                .audioOutput(c[9])
                .imageOutput(c[10])
                .build();
    }
}
