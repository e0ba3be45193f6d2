package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class TerminalTest {

    @Test
    void of_noTerminal_isPlainAndAsWideAsNeeded() {
        Terminal pipe = Terminal.of(false, false, Map.of("LANG", "en_US.UTF-8", "COLUMNS", "40"));

        assertThat(pipe).isEqualTo(new Terminal(false, false, false, false, 40));
        assertThat(pipe.width()).isEqualTo(Terminal.UNLIMITED);
        assertThat(pipe.atLeast()).isEqualTo("≥ ");
    }

    @Test
    void of_terminalWithoutUtf8_showsAscii() {
        Terminal old = Terminal.of(true, true, Map.of("LANG", "en_US.ISO-8859-1"));

        assertThat(old.unicode()).isFalse();
        assertThat(old.atLeast()).isEqualTo(">= ");
    }

    @Test
    void of_firstLocaleVariableThatIsSetDecides() {
        assertThat(Terminal.of(true, true, Map.of("LC_ALL", "C", "LANG", "C.UTF-8"))
                        .unicode())
                .isFalse();
        assertThat(Terminal.of(true, true, Map.of("LC_ALL", "", "LC_CTYPE", "de_DE.utf8", "LANG", "C"))
                        .unicode())
                .isTrue();
    }

    @Test
    void of_noColourAndDumbTerminals_areRespected() {
        assertThat(Terminal.of(true, true, Map.of("TERM", "xterm")).colour()).isTrue();
        assertThat(Terminal.of(true, true, Map.of("TERM", "xterm", "NO_COLOR", "1"))
                        .colour())
                .isFalse();
        assertThat(Terminal.of(true, true, Map.of("TERM", "xterm", "NO_COLOR", ""))
                        .colour())
                .isTrue();
        assertThat(Terminal.of(true, true, Map.of("TERM", "dumb")).colour()).isFalse();
        assertThat(Terminal.of(true, true, Map.of("TERM", "dumb")).err())
                .as("a line cannot be drawn over there")
                .isFalse();
    }

    @Test
    void of_width_isColumnsWithinReason() {
        assertThat(Terminal.of(true, true, Map.of("COLUMNS", "132")).width()).isEqualTo(132);
        assertThat(Terminal.of(true, true, Map.of("COLUMNS", "0")).width()).isEqualTo(20);
        assertThat(Terminal.of(true, true, Map.of("COLUMNS", "many")).width()).isEqualTo(80);
        assertThat(Terminal.of(true, true, Map.of()).width()).isEqualTo(80);
    }
}
