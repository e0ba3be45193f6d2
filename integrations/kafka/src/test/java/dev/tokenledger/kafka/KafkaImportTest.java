package dev.tokenledger.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KafkaImportTest {

    /** A port where nobody listens, on this machine. */
    private static final Map<String, Object> SETTINGS = Map.of("bootstrap.servers", "127.0.0.1:9", "group.id", "g");

    private final Ledger ledger = InMemoryLedger.open(PriceBook.empty());
    private final List<String> problems = new ArrayList<>();

    private KafkaImport.Builder builder() {
        return KafkaImport.into(ledger).problems(problems::add);
    }

    @ParameterizedTest
    @ValueSource(strings = {"enable.auto.commit", "auto.offset.reset", "key.deserializer", "value.deserializer"})
    void settingThatTheImportHasToMake_isRefused(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().kafka(Map.of(name, "x")))
                .withMessageStartingWith(name + ": ");
    }

    @Test
    void whatIsMissingOrWrong_isNamed() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().kafka(SETTINGS).open())
                .withMessageStartingWith("topics: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        builder().topics("calls").kafka(Map.of("group.id", "g")).open())
                .withMessageStartingWith("bootstrap.servers: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .topics("calls")
                        .kafka(Map.of("bootstrap.servers", "127.0.0.1:9"))
                        .open())
                .withMessageStartingWith("group.id: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .topics("calls")
                        .kafka(SETTINGS)
                        .kafka(Map.of("session.timeout.ms", "soon"))
                        .open())
                .withMessageContaining("session.timeout.ms");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder()
                        .topics("calls", "bad")
                        .deadLetterTopic("bad")
                        .kafka(SETTINGS)
                        .open())
                .withMessageStartingWith("deadLetterTopic: ");
        assertThatIllegalArgumentException().isThrownBy(() -> builder().batchRecords(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().batchRecords(50_001));
        assertThatIllegalArgumentException().isThrownBy(() -> builder().batchBytes(0));
    }

    @Test
    void importThatIsClosed_doesNotRun_andClosesAgain() {
        KafkaImport calls = builder().topics("calls").kafka(SETTINGS).open();
        calls.close();
        calls.close();
        assertThatIllegalStateException().isThrownBy(calls::run);
        assertThat(calls.statistics().messages()).isZero();
        assertThat(calls.statistics().lag()).isEmpty();
    }
}
