package dev.tokenledger.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.tokenledger.text.Texts.Bound;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {

    @Test
    void checked_takesBlanksAway_andLeavesTheRest() {
        assertThat(Texts.checked("role", " \u2003İı ğ \uD83D\uDCB8\t\n", Bound.TEXT))
                .isEqualTo("İı ğ \uD83D\uDCB8");
        assertThat(Texts.checked("role", "  ", Bound.TEXT)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void checked_boundsTheLengthWithoutTheBlanksAround(Bound bound) {
        String longest = "x".repeat(bound.characters());
        assertThat(Texts.checked("role", "  " + longest + "  ", bound)).isEqualTo(longest);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Texts.checked("role", longest + "y", bound))
                .withMessage("role: at most " + bound.characters() + " characters, found " + (bound.characters() + 1)
                        + " (starting \"" + "x".repeat(32) + "…\")");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\u0000b", "a\nb", "a\u001bb", "a\u007fb"})
    void checked_refusesControlCharacters_andSaysWhere(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Texts.checked("role", text, Bound.TEXT))
                .withMessageMatching("role: control character U\\+00[0-9A-F]{2} at position 1 is not allowed");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\uD83D", "a\uDCB8", "a\uDCB8\uD83D", "a\uD83Db", "a\uD83D\uD83D\uDCB8"})
    void checked_refusesHalfASurrogatePair(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Texts.checked("role", text, Bound.TEXT))
                .withMessage("role: unpaired surrogate at position 1 is not text");
    }

    @Test
    void checked_namesTheFieldThatIsNull() {
        assertThatNullPointerException()
                .isThrownBy(() -> Texts.checked("role", null, Bound.TEXT))
                .withMessage("role");
    }

    @Test
    void cut_marksWhatItCut_andLeavesPairsWhole() {
        assertThat(Texts.cut("abc", 3)).isEqualTo("abc");
        assertThat(Texts.cut("abcd", 3)).isEqualTo("abc…");
        assertThat(Texts.cut("ab\uD83D\uDCB8", 3)).isEqualTo("ab…");
        assertThat(Texts.cut("ab\uD83D\uDCB8c", 4)).isEqualTo("ab\uD83D\uDCB8…");
    }
}
