package dev.tokenledger.formats.budgets;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.DocumentException.Mistake;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BudgetFileTest {

    private static final Budget ALL =
            new Budget("All", Map.of(), Budget.Period.DAY, Usd.parse("0.000000000001"), Optional.empty());

    @TempDir
    private Path folder;

    @Test
    void yaml_isReadAsDocumented() {
        assertThat(parse("""
                        budgets:
                          - name: Search team
                            where: { attribute.team: search, deployment: " claude-opus-4-1 ", role: "" }
                            period: month                       # or day
                            usd: 500
                            zone: Europe/Berlin                 # optional
                          - { name: All, period: day, usd: "0.000000000001" }
                        """))
                .containsExactly(
                        new Budget(
                                "Search team",
                                Map.of(
                                        Dimension.attribute("team"),
                                        "search",
                                        Dimension.MODEL,
                                        "claude-opus-4-1",
                                        Dimension.ROLE,
                                        ""),
                                Budget.Period.MONTH,
                                Usd.parse("500"),
                                Optional.of(ZoneId.of("Europe/Berlin"))),
                        ALL);
    }

    @Test
    void json_hasTheSameKeys() {
        byte[] json = "{\"budgets\":[{\"name\":\"All\",\"where\":{},\"period\":\"day\",\"usd\":1e-12}]}"
                .getBytes(StandardCharsets.UTF_8);
        assertThat(BudgetFile.parse("b.json", json)).containsExactly(ALL);
    }

    @Test
    void emptyList_hasNoBudgets() {
        assertThat(parse("budgets: []\n")).isEmpty();
    }

    @Test
    void mistakes_areListedTogetherWithLineAndPath() {
        DocumentException e = refused("""
                budgets:
                  - name: a
                    periode: day
                    usd: cheap
                  - name: b
                    period: week
                    usd: 0
                  - name: b
                    period: day
                    usd: -1
                  - name: c
                    period: day
                    usd: 0.0000000000001
                    zone: Mars/Phobos
                  - name: d
                    where: { colour: red, attribute.: x, model: m, deployment: m, role: 7 }
                    period: day
                    usd: 1
                  - name: e
                    where:
                    period: day
                    usd: 1e13
                  - name: ""
                    period: day
                    usd: 1
                  - period: day
                    usd: 1
                  - twelve
                """);

        assertThat(e.mistakes())
                .extracting(Mistake::line, Mistake::path, Mistake::problem)
                .containsExactly(
                        tuple(3, "budgets[0].periode", "unknown key; did you mean period?"),
                        tuple(4, "budgets[0].usd", "expected a decimal number such as 0.25, found \"cheap\""),
                        tuple(6, "budgets[1].period", "unknown period \"week\"; expected one of day, month"),
                        tuple(10, "budgets[2].usd", "expected more than 0 and at most 1000000000000, found -1"),
                        tuple(
                                13,
                                "budgets[3].usd",
                                "an amount has at most 12 digits after the decimal point: 0.0000000000001"),
                        tuple(
                                14,
                                "budgets[3].zone",
                                "unknown zone \"Mars/Phobos\"; expected a name such as Europe/Berlin, UTC, or an offset"
                                        + " such as +05:45"),
                        tuple(
                                16,
                                "budgets[4].where.colour",
                                "unknown dimension \"colour\"; expected one of deployment, model, upstream_model,"
                                        + " provider, resource, role, task, session, conversation, source,"
                                        + " pricing_status, outcome, service_tier, attribute.<key>"),
                        tuple(
                                16,
                                "budgets[4].where.attribute.",
                                "unknown dimension \"attribute.\"; expected one of deployment, model, upstream_model,"
                                        + " provider, resource, role, task, session, conversation, source,"
                                        + " pricing_status, outcome, service_tier, attribute.<key>"),
                        tuple(16, "budgets[4].where.deployment", "the dimension model is a duplicate"),
                        tuple(16, "budgets[4].where.role", "expected text, found the number 7; put it in quotes"),
                        tuple(20, "budgets[5].where", "expected names with values, found nothing"),
                        tuple(23, "budgets[6].name", "must not be blank"),
                        tuple(26, "budgets[7]", "expected a name, a period (day or month) and usd, the limit"),
                        tuple(
                                28,
                                "budgets[8]",
                                "expected a mapping with name, where, period, usd, zone, enforcement, thresholds, notify, found text"));
        assertThat(e)
                .hasMessageStartingWith("budgets.yaml:3:5: budgets[0].periode: unknown key; did you mean period?\n");
    }

    @Test
    void limit_isMoreThanNothing() {
        assertThat(refused("budgets: [{ name: a, period: day, usd: 0 }]"))
                .hasMessage(
                        "budgets.yaml:1:35: budgets[0].usd: expected more than 0 and at most 1000000000000, found 0");
        assertThat(refused("budgets: [{ name: a, period: day, usd: 1000000000000.01 }]"))
                .hasMessageContaining("at most 1000000000000, found 1000000000000.01");
        assertThat(parse("budgets: [{ name: a, period: day, usd: 1000000000000 }]"))
                .hasSize(1);
    }

    @Test
    void names_tellBudgetsApart() {
        DocumentException e = refused("""
                budgets:
                  - { name: Search, period: day, usd: 1 }
                  - { name: search, period: day, usd: 1 }
                  - { period: month, usd: 1, name: " Search " }
                """);

        assertThat(e.mistakes())
                .extracting(Mistake::line, Mistake::path, Mistake::problem)
                .containsExactly(tuple(
                        4, "budgets[2].name", "is the name of the budget in line 2 too; names tell budgets apart"));
    }

    @Test
    void budgetsAndTheirFilters_areBounded() {
        StringBuilder many = new StringBuilder("budgets:\n");
        for (int i = 0; i < BudgetFile.MAX_BUDGETS; i++) {
            many.append("  - { name: b").append(i).append(", period: day, usd: 1 }\n");
        }
        assertThat(parse(many.toString())).hasSize(100);
        assertThat(refused(many + "  - { name: more, period: day, usd: 1 }\n"))
                .hasMessage("budgets.yaml:1:1: budgets: at most 100 budgets, found 101");
        assertThat(refused("budgets: [{ name: a, period: day, usd: 1, where: { attribute.a: x, attribute.b: x,"
                        + " attribute.c: x, attribute.d: x, attribute.e: x, attribute.f: x, attribute.g: x,"
                        + " attribute.h: x, attribute.i: x } }]"))
                .hasMessage("budgets.yaml:1:43: budgets[0].where: at most 8 dimensions");
    }

    @Test
    void otherDocuments_areRefused() {
        assertThat(refused("{}\n")).hasMessage("budgets.yaml:1:1: expected budgets: and a list");
        assertThat(refused("[]\n"))
                .hasMessage("budgets.yaml:1:1: expected a mapping with budgets, notify, found a list");
        assertThat(refused("budgets:\n")).hasMessage("budgets.yaml:1:1: budgets: expected a list, found nothing");
        assertThat(refused("prices: []\n"))
                .hasMessage("budgets.yaml:1:1: prices: unknown key; expected one of budgets, notify");
        assertThat(refused("budgets: [\n"))
                .hasMessageStartingWith("budgets.yaml:")
                .hasMessageContaining("not valid YAML");
    }

    @Test
    void file_isReadAsItIsNow() throws IOException {
        Path path = folder.resolve("budgets.yaml");
        BudgetFile file = new BudgetFile(path);
        assertThatThrownBy(file::read)
                .isInstanceOf(DocumentException.class)
                .hasMessage("cannot read the budget file " + path + ": there is no such file");

        Files.writeString(path, "budgets: [{ name: a, period: day, usd: 1 }]");
        FileTime written = Files.getLastModifiedTime(path);
        List<Budget> first = file.read();
        assertThat(first).extracting(Budget::name).containsExactly("a");
        assertThat(file.read()).as("taken apart once").isSameAs(first);

        // As long as before and at the same time: it is the content that counts.
        Files.writeString(path, "budgets: [{ name: b, period: day, usd: 1 }]");
        Files.setLastModifiedTime(path, written);
        assertThat(file.read()).extracting(Budget::name).containsExactly("b");

        Files.writeString(path, "budgets: [{ name: b, period: day, usd: 1");
        assertThatThrownBy(file::read).hasMessageContaining("budgets.yaml:1:");
        assertThatThrownBy(file::read).as("not forgotten").hasMessageContaining("budgets.yaml:1:");

        Files.writeString(path, "budgets: [{ name: b, period: day, usd: 1 }]");
        assertThat(file.read()).extracting(Budget::name).containsExactly("b");
    }

    private static List<Budget> parse(String yaml) {
        return BudgetFile.parse("budgets.yaml", yaml.getBytes(StandardCharsets.UTF_8));
    }

    private static DocumentException refused(String yaml) {
        DocumentException e = catchThrowableOfType(DocumentException.class, () -> parse(yaml));
        assertThat(e).as("accepted: %s", yaml).isNotNull();
        return e;
    }
}
