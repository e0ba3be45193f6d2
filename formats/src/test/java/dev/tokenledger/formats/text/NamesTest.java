package dev.tokenledger.formats.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamesTest {

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "inputTokens,input_tokens",
                "INPUT-TOKENS,input_tokens",
                "imput_tokens,input_tokens",
                "input_token,input_tokens",
                "modle,model",
                "rol,role",
                "prompt,-",
                "x,-",
                "'',-"
            })
    void nearest_isWhatWasProbablyMeant(String name, String meant) {
        assertThat(Names.nearest(name, List.of("id", "model", "role", "input_tokens", "output_tokens")))
                .isEqualTo(java.util.Optional.ofNullable(meant));
    }
}
