package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.formats.text.Utf8;
import dev.tokenledger.imports.agents.JsonScanner.BrokenException;
import dev.tokenledger.imports.agents.JsonScanner.Token;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

class JsonScannerTest {

    private static final int DOCUMENTS = 20_000;
    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        " ",
        "\t",
        "0",
        "1",
        "12",
        "-",
        ".5",
        "e3",
        "E-2",
        "true",
        "false",
        "null",
        "\"a\"",
        "\"usage\":",
        "\"\\u00e9\"",
        "\"\\n\\\\\"",
        "\"über→😀\"",
        "\"\\ud83d\\ude00\"",
        "{}",
        "[]",
        "\u0001",
        "x"
    };

    private final JsonScanner json = new JsonScanner();

    /** Whatever Jackson's parser makes of a document, the scanner makes of it too. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void documentsAndBrokenOnes_readAsJacksonReadsThem(long seed) {
        Random random = new Random(seed);
        int whole = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] document = document(random);
            List<String> expected = byJackson(document);
            assertThat(byScanner(document))
                    .as(() -> "seed " + seed + ": " + new String(document, StandardCharsets.UTF_8))
                    .isEqualTo(isUtf8(document) ? expected : List.of("broken"));
            whole += expected.equals(List.of("broken")) ? 0 : 1;
        }
        assertThat(whole).isBetween(DOCUMENTS / 10, DOCUMENTS * 9 / 10);
    }

    /** Names and texts are the same whatever stood in their place in the rows before. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void membersOfRowAfterRow_areThoseThatJacksonReads(long seed) {
        Random random = new Random(seed);
        Memo memo = new Memo();
        int texts = 0;
        for (int i = 0; i < DOCUMENTS; i++) {
            byte[] row = row(random);
            List<String> members = membersByScanner(row, memo);
            assertThat(members)
                    .as(() -> "seed " + seed + ": " + new String(row, StandardCharsets.UTF_8))
                    .isEqualTo(isUtf8(row) ? membersByJackson(row) : List.of("broken"));
            texts += members.contains("text über→😀") ? 1 : 0;
        }
        assertThat(texts).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "{", "[", "{\"a\"", "{\"a\":", "[1", "\"a", "tru", "-", "1.", "1e", "\"\\u12"})
    void everythingThatIsCutShort_isBrokenOrNothing(String text) {
        byte[] document = text.getBytes(StandardCharsets.UTF_8);
        assertThat(byScanner(document)).isEqualTo(text.isBlank() ? List.of() : List.of("broken"));
    }

    @Test
    void depth_isBounded() {
        byte[] deepest = ("[".repeat(1_000) + "]".repeat(1_000)).getBytes(StandardCharsets.UTF_8);
        assertThat(byScanner(deepest)).hasSize(2_000);
        assertThat(byScanner("[".repeat(1_001).getBytes(StandardCharsets.UTF_8)))
                .containsExactly("broken");
    }

    @Test
    void skip_passesOverWhatIsInside_andBreaksWhereItDoes() {
        start("{\"a\":{\"b\":[1,{\"c\":\"}\"}]},\"d\":7} 8");
        assertThat(json.next()).isEqualTo(Token.OBJECT);
        assertThat(json.next()).isEqualTo(Token.NAME);
        assertThat(json.next()).isEqualTo(Token.OBJECT);
        json.skip();
        assertThat(json.next()).isEqualTo(Token.NAME);
        assertThat(json.text()).isEqualTo("d");
        json.leave(0);
        assertThat(json.next()).isEqualTo(Token.INTEGER);
        assertThat(json.integer()).isEqualTo(8);
        assertThat(json.next()).isEqualTo(Token.END);

        start("[[1,2}]");
        json.next();
        json.next();
        assertThatThrownBy(json::skip)
                .isInstanceOfSatisfying(
                        BrokenException.class, e -> assertThat(e.column()).isEqualTo(6));
    }

    private void start(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        json.start(bytes, 0, bytes.length);
    }

    /** A document, mostly with something changed in it. */
    private static byte[] document(Random random) {
        StringBuilder text = new StringBuilder();
        value(random, text, 0);
        for (int changes = random.nextInt(3); changes > 0; changes--) {
            int at = random.nextInt(text.length() + 1);
            if (random.nextBoolean()) {
                text.insert(at, PIECES[random.nextInt(PIECES.length)]);
            } else {
                text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(2)));
            }
        }
        byte[] document = text.toString().getBytes(StandardCharsets.UTF_8);
        if (document.length > 0 && random.nextInt(8) == 0) {
            document[random.nextInt(document.length)] = (byte) random.nextInt(256);
        }
        return document;
    }

    /** An object of few names, with or without blanks, now and then with something changed in it. */
    private static byte[] row(Random random) {
        StringBuilder text = new StringBuilder("{");
        String[] names = {"type", "typ", "type\\u0041", "über", "sessionId", "x".repeat(65)};
        for (int members = random.nextInt(6); members > 0; members--) {
            String name = names[random.nextInt(names.length)];
            text.append('"').append(name).append(random.nextInt(8) == 0 ? "\" :" : "\":");
            if (random.nextBoolean()) {
                text.append(random.nextBoolean() ? "\"a\"" : PIECES[22 + random.nextInt(4)]);
            } else {
                value(random, text, 2);
            }
            text.append(members == 1 ? "" : ",");
        }
        text.append('}');
        if (random.nextInt(4) == 0) {
            text.insert(random.nextInt(text.length() + 1), PIECES[random.nextInt(PIECES.length)]);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static void value(Random random, StringBuilder text, int depth) {
        int kind = random.nextInt(depth > 3 ? 3 : 6);
        int members = random.nextInt(4);
        switch (kind) {
            case 0 -> text.append(random.nextInt(100_000) - 50_000);
            case 1 -> text.append(random.nextInt(100)).append(".25e").append(random.nextInt(9));
            case 2 -> text.append(PIECES[17 + random.nextInt(3)]);
            case 3 -> text.append(PIECES[22 + random.nextInt(4)]);
            case 4 -> {
                text.append('[');
                for (int i = 0; i < members; i++) {
                    text.append(i == 0 ? "" : ", ");
                    value(random, text, depth + 1);
                }
                text.append(']');
            }
            default -> {
                text.append('{');
                for (int i = 0; i < members; i++) {
                    text.append(i == 0 ? "\"" : ",\"").append((char) ('a' + i)).append("\" :");
                    value(random, text, depth + 1);
                }
                text.append('}');
            }
        }
    }

    private List<String> byScanner(byte[] document) {
        List<String> tokens = new ArrayList<>();
        try {
            json.start(document, 0, document.length);
            int open = 0;
            for (Token token = json.next(); token != Token.END; token = json.next()) {
                open += switch (token) {
                    case OBJECT, ARRAY -> 1;
                    case END_OBJECT, END_ARRAY -> -1;
                    default -> 0;
                };
                tokens.add(
                        switch (token) {
                            case NAME -> "name " + json.text();
                            case TEXT -> "text " + json.text();
                            case INTEGER -> "integer " + json.integer();
                            case FRACTION -> "fraction " + json.text();
                            default -> token.name();
                        });
            }
            return open == 0 ? tokens : List.of("open");
        } catch (BrokenException e) {
            return List.of("broken");
        }
    }

    private List<String> membersByScanner(byte[] document, Memo memo) {
        List<String> members = new ArrayList<>();
        try {
            json.start(document, 0, document.length);
            for (Token token = json.next(); token != Token.END; token = json.next()) {
                if (token != Token.OBJECT) {
                    json.skip();
                    continue;
                }
                for (String name = json.member(); name != null; name = json.member()) {
                    String text = json.text(memo);
                    members.add(name);
                    members.add(json.token() == Token.TEXT ? "text " + text : "other" + text);
                }
            }
            return members;
        } catch (BrokenException e) {
            return List.of("broken");
        }
    }

    private static List<String> membersByJackson(byte[] document) {
        List<String> members = new ArrayList<>();
        try (JsonParser parser = Fields.parser(document, 0, document.length)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token != JsonToken.START_OBJECT) {
                    parser.skipChildren();
                    continue;
                }
                while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                    members.add(parser.currentName());
                    boolean text = parser.nextToken() == JsonToken.VALUE_STRING;
                    members.add(text ? "text " + parser.getString() : "other");
                    parser.skipChildren();
                }
            }
            return members;
        } catch (JacksonException e) {
            return List.of("broken");
        }
    }

    private static List<String> byJackson(byte[] document) {
        List<String> tokens = new ArrayList<>();
        try (JsonParser parser = Fields.parser(document, 0, document.length)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                tokens.add(
                        switch (token) {
                            case PROPERTY_NAME -> "name " + parser.currentName();
                            case VALUE_STRING -> "text " + parser.getString();
                            case VALUE_NUMBER_INT -> "integer " + parser.getLongValue();
                            case VALUE_NUMBER_FLOAT -> "fraction " + parser.getString();
                            case START_OBJECT -> "OBJECT";
                            case START_ARRAY -> "ARRAY";
                            case VALUE_TRUE -> "TRUE";
                            case VALUE_FALSE -> "FALSE";
                            case VALUE_NULL -> "NULL";
                            default -> token.name();
                        });
            }
            return tokens;
        } catch (JacksonException e) {
            return List.of("broken");
        }
    }

    private static boolean isUtf8(byte[] document) {
        try {
            Utf8.decode(document, 0, document.length);
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }
}
