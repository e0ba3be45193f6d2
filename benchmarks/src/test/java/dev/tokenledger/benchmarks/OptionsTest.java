package dev.tokenledger.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class OptionsTest {

    private static final Map<String, String> DEFAULTS = Map.of("records", "200_000", "dir", "target/bench");

    @Test
    void options_haveDefaultsAndTakeValues() {
        Options options = Options.parse(List.of("--records", "5_000_000"), DEFAULTS);
        assertThat(options.number("records")).isEqualTo(5_000_000);
        assertThat(options.path("dir")).hasToString("target/bench");
        assertThat(options).hasToString("--dir target/bench --records 5_000_000");
    }

    @Test
    void unknownOrIncompleteOptions_areRefusedWithTheListOfThem() {
        for (List<String> arguments : List.of(List.of("--rows", "5"), List.of("--records"), List.of("records", "5"))) {
            assertThatThrownBy(() -> Options.parse(arguments, DEFAULTS))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(arguments.get(0))
                    .hasMessageContaining("--records 200_000");
        }
    }

    @Test
    void numbers_areWholeAndNotNegative() {
        for (String text : List.of("-1", "1e6", "", "1.5", "1234567890123")) {
            assertThatThrownBy(() -> Options.parse(List.of("--records", text), DEFAULTS))
                    .hasMessage("--records is a whole number, found \"" + text + "\"");
        }
    }
}
