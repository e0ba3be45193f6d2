package dev.tokenledger.summary;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tokenledger.usage.UsageRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DimensionTest {

    @Test
    void everyDimension_isReadByItsName_andHasAValue() {
        UsageRecord record = UsageRecord.builder().model("m").build();
        for (Dimension dimension : Dimension.all()) {
            assertThat(Dimension.parse("\t" + dimension.name() + " ")).isEqualTo(dimension);
            assertThat(dimension.attributeKey()).isEmpty();
            assertThat(dimension.valueOf(record, "priced")).isNotNull();
            assertThat(dimension).hasToString(dimension.name());
        }
        assertThat(Dimension.all()).hasSize(12);
        assertThat(Dimension.parse(" deployment ")).isEqualTo(Dimension.MODEL);
    }

    @Test
    void attribute_isADimensionOfItsValues() {
        Dimension team = Dimension.parse(" attribute.team ");
        assertThat(team).isEqualTo(Dimension.attribute("team"));
        assertThat(team.attributeKey()).contains("team");
        assertThat(Dimension.attribute("a.b").attributeKey()).contains("a.b");
        UsageRecord record =
                UsageRecord.builder().model("m").attribute("team", "blue").build();
        assertThat(team.valueOf(record, "")).isEqualTo("blue");
        assertThat(Dimension.attribute("Team").valueOf(record, "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "colour", "MODEL", "Model", "models", "attribute.", "attribute", "session_id"})
    void anotherName_isRefused_andTheNamesAreListed(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dimension.parse(name))
                .withMessage("unknown dimension \"" + name.strip() + "\"; expected one of deployment, model, "
                        + "upstream_model, provider, resource, role, task, session, conversation, source, "
                        + "pricing_status, outcome, service_tier, attribute.<key>");
    }

    @Test
    void longNames_areCutInTheMessage() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Dimension.parse("x".repeat(63) + "\uD83D\uDCB8" + "x".repeat(99)))
                .withMessageStartingWith("unknown dimension \"" + "x".repeat(63) + "…\"");
    }

    @Test
    void dimensionNobodyKnows_cannotBeMade() {
        assertThatIllegalArgumentException().isThrownBy(() -> new Dimension("colour"));
        assertThatIllegalArgumentException().isThrownBy(() -> Dimension.attribute(""));
        assertThatIllegalArgumentException().isThrownBy(() -> Dimension.attribute("k".repeat(129)));
        assertThatIllegalArgumentException().isThrownBy(() -> Dimension.attribute("a\u0000b"));
        assertThat(new Dimension("role")).isEqualTo(Dimension.ROLE);
    }
}
