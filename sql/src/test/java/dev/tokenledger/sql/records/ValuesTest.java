package dev.tokenledger.sql.records;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValuesTest {

    @Test
    void canonicalUuid_takesSixteenBytes_andComesBackAsItWas() {
        String uuid = "018f2f6e-7a5b-7c3d-9e1f-0123456789ab";
        assertThat(Values.id(uuid))
                .isInstanceOfSatisfying(byte[].class, bytes -> assertThat(bytes).hasSize(16));
        assertThat(Values.idText(Values.id(uuid))).isEqualTo(uuid);
    }

    @Test
    void anyOtherText_staysAsItIs() {
        for (String text : new String[] {
            "",
            "r1",
            "018F2F6E-7A5B-7C3D-9E1F-0123456789AB",
            "018f2f6e-7a5b-7c3d-9e1f-0123456789ag",
            "018f2f6e07a5b-7c3d-9e1f-0123456789ab",
            "018f2f6e-7a5b-7c3d-9e1f-0123456789a"
        }) {
            assertThat(Values.id(text)).isEqualTo(text);
            assertThat(Values.idText(text)).isEqualTo(text);
        }
    }

    @Test
    void instants_keepTheirMicroseconds_alsoFarFromNow() {
        for (String text : new String[] {"1970-01-01T00:00:00.000001Z", "9999-12-31T00:00:00Z"}) {
            assertThat(Values.instant(Values.micros(Instant.parse(text)))).isEqualTo(Instant.parse(text));
        }
    }

    @Test
    void maps_surviveAsJson_whateverTheTextsHold() {
        Map<String, String> map = Map.of("team", "a \"b\" \\ c", "user", "{\u00e9:,}", "z", "");
        assertThat(Values.map(Values.json(map))).isEqualTo(map);
        assertThat(Values.json(Map.of())).isNull();
        assertThat(Values.map(null)).isEmpty();
    }

    @Test
    void textThatIsNoJson_isRefused() {
        for (String text : new String[] {"", "{", "{}x", "{\"a\":1}", "{\"a\":\"b\"", "[\"a\"]"}) {
            assertThatIllegalArgumentException().isThrownBy(() -> Values.map(text));
        }
    }
}
