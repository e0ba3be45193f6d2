package dev.tokenledger.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RecordIdTest {

    @Test
    void generated_isAUuidOfVersion7_withTheTimeInFront() {
        long before = System.currentTimeMillis();
        UUID uuid = UUID.fromString(RecordId.generate().value());
        long after = System.currentTimeMillis();
        assertThat(uuid.version()).isEqualTo(7);
        assertThat(uuid.variant()).isEqualTo(2);
        // Ids made a moment ago may have run ahead of the clock by the milliseconds they used up.
        assertThat(uuid.getMostSignificantBits() >>> 16).isBetween(before, after + 1_000);
    }

    @Test
    void idOfAResponse_namesTheProviderInItsOneForm() {
        assertThat(RecordId.ofResponse("OPEN_AI", " chatcmpl-1 ")).contains(RecordId.of("openai:chatcmpl-1"));
        assertThat(RecordId.ofResponse("GOOGLE_AI_GEMINI", "r")).isEqualTo(RecordId.ofResponse("google_genai", "r"));
        assertThat(RecordId.ofResponse("ollama", "chatcmpl-417")).isEmpty();
        assertThat(RecordId.ofResponse("ollama", "chatcmpl-0123456789ab")).isPresent();
        assertThat(RecordId.ofResponse("anthropic", " ")).isEmpty();
        assertThat(RecordId.ofResponse("", "msg_1")).isEmpty();
        assertThat(RecordId.ofResponse("unknown", "msg_1")).isEmpty();
        assertThat(RecordId.ofResponse("openai", "a\u0000b")).isEmpty();
    }

    @Test
    void idOfAResponse_canBeRevised_howeverLongItIs() {
        String longest = "x".repeat(RecordId.MAX_KEY - "openai:".length());

        assertThat(RecordId.ofResponse("openai", longest)).contains(RecordId.of("openai:" + longest));
        RecordId one = RecordId.ofResponse("openai", longest + "1").orElseThrow();
        RecordId other = RecordId.ofResponse("openai", longest + "2").orElseThrow();
        assertThat(one.value().length()).isLessThanOrEqualTo(RecordId.MAX_KEY);
        assertThat(one)
                .isNotEqualTo(other)
                .isEqualTo(RecordId.ofResponse("openai", longest + "1").orElseThrow());
    }

    @Test
    void generated_rises_alsoWithinAMillisecond() {
        String last = "";
        // Far more than the 4,096 that fit in a millisecond.
        for (int i = 0; i < 200_000; i++) {
            String next = RecordId.generate().value();
            assertThat(next.compareTo(last)).isPositive();
            last = next;
        }
        assertThat(UUID.fromString(last).version()).isEqualTo(7);
    }

    @Test
    void generated_isUniqueAmongManyThreads_andRisesInEach() throws Exception {
        int threads = 8;
        int perThread = 20_000;
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            List<Future<List<RecordId>>> futures = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                futures.add(executor.submit(() -> {
                    List<RecordId> ids = new ArrayList<>(perThread);
                    for (int i = 0; i < perThread; i++) {
                        ids.add(RecordId.generate());
                    }
                    return ids;
                }));
            }
            Set<RecordId> all = new HashSet<>();
            for (Future<List<RecordId>> future : futures) {
                assertThat(future.get()).isSorted();
                all.addAll(future.get());
            }
            assertThat(all).hasSize(threads * perThread);
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void stated_isTrimmedAndBounded() {
        assertThat(RecordId.of(" msg_01 ")).isEqualTo(RecordId.of("msg_01")).hasToString("msg_01");
        assertThat(RecordId.of("x".repeat(128)).value()).hasSize(128);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordId.of("x".repeat(129)))
                .withMessageStartingWith("id: at most 128 characters, found 129");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordId.of(" "))
                .withMessage("id: must not be blank; leave it out to have one generated");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RecordId.of("a\u0000"))
                .withMessageStartingWith("id: control character U+0000");
        assertThat(RecordId.of("a")).isLessThan(RecordId.of("b"));
    }
}
