package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlacesTest {

    @Test
    void ledger_optionGoesBeforeVariableBeforeFolder() {
        Map<String, String> all = Map.of("HOME", "/h", "XDG_DATA_HOME", "/d", "TOKENLEDGER_LEDGER", "/v/l.db");

        assertThat(file(all, "here.db")).isEqualTo(Path.of("here.db"));
        assertThat(file(all, "")).isEqualTo(Path.of("/v/l.db"));
        assertThat(file(Map.of("HOME", "/h", "XDG_DATA_HOME", "/d"), ""))
                .isEqualTo(Path.of("/d/tokenledger/ledger.db"));
        assertThat(file(Map.of("HOME", "/h"), "")).isEqualTo(Path.of("/h/.local/share/tokenledger/ledger.db"));
    }

    @Test
    void folders_thatAreRelativeOrEmpty_areIgnored() {
        Map<String, String> odd = Map.of("HOME", "/h", "XDG_DATA_HOME", "data", "XDG_CONFIG_HOME", "");

        assertThat(file(odd, "")).isEqualTo(Path.of("/h/.local/share/tokenledger/ledger.db"));
        assertThat(places(odd).userPrices()).isEqualTo(Path.of("/h/.config/tokenledger/prices.yaml"));
        assertThat(places(Map.of("HOME", "/h", "XDG_CONFIG_HOME", "/c")).userPrices())
                .isEqualTo(Path.of("/c/tokenledger/prices.yaml"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "mysql://user:secret@host/db",
                "jdbc:postgresql://user:secret@host/db",
                "clickhouse://user:secret@host",
                "http://user:secret@host:8080"
            })
    void ledger_ofAnotherEngine_isRefusedWithoutRepeatingASecret(String url) {
        assertThatThrownBy(() -> file(Map.of("HOME", "/h"), url))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("this build has no engine for")
                .hasMessageNotContaining("secret");
    }

    @Test
    void ledger_fileNamesWithColons_areFiles() {
        assertThat(file(Map.of(), "odd:name.db")).isEqualTo(Path.of("odd:name.db"));
    }

    private static Path file(Map<String, String> variables, String option) {
        return places(variables).ledger(option, warning -> {}).file().orElseThrow();
    }

    private static Places places(Map<String, String> variables) {
        return new Places(new Environment(
                InputStream.nullInputStream(),
                OutputStream.nullOutputStream(),
                OutputStream.nullOutputStream(),
                variables,
                InstantSource.fixed(TestProgram.NOW),
                () -> ZoneOffset.UTC,
                Terminal.of(false, false, variables),
                new SqliteLedgerOpener(InstantSource.fixed(TestProgram.NOW)),
                TestProgram::startAndStop));
    }
}
