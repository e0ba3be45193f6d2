package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DisplayTest {

    @Test
    void safe_replacesWhatSteersATerminal() {
        assertThat(Display.safe("a\u001b[31mb\u009b1mc\u202ed\u0000e\u200bf", false))
                .isEqualTo("a?[31mb?1mc?d?e?f");
    }

    @Test
    void safe_keepsLinesWhereTheyAreAllowed() {
        assertThat(Display.safe("a\nb\tc\r", true)).isEqualTo("a\nb\tc?");
        assertThat(Display.safe("é\nb", false)).isEqualTo("é?b");
    }

    @Test
    void safe_keepsLettersOfAnyScript() {
        assertThat(Display.safe("Grüße 東京 🚀 İı", false)).isEqualTo("Grüße 東京 🚀 İı");
        assertThat(Display.safe("half \ud83d", false)).isEqualTo("half ?");
    }

    @Test
    void width_countsColumnsNotCharacters() {
        assertThat(Display.width("abc")).isEqualTo(3);
        assertThat(Display.width("東京")).isEqualTo(4);
        assertThat(Display.width("e\u0301")).isEqualTo(1);
        assertThat(Display.width("🚀")).isEqualTo(2);
    }

    @Test
    void cut_marksWhatWasCut() {
        assertThat(Display.cut("abcdef", 6, true)).isEqualTo("abcdef");
        assertThat(Display.cut("abcdefg", 6, true)).isEqualTo("abcde…");
        assertThat(Display.cut("abcdefg", 6, false)).isEqualTo("abcd..");
        assertThat(Display.cut("東京都庁舎", 6, true)).isEqualTo("東京…");
    }
}
