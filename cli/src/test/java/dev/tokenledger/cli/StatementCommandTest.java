package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.TestProgram.Result;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatementCommandTest {

    /** Names that a file system, a spreadsheet or a browser takes for something else. */
    private static final List<String> TEAMS = List.of(
            "search",
            "Search",
            "SEARCH",
            "../../etc/passwd",
            "a/b",
            "<script>alert(1)</script>",
            "=cmd()",
            "con",
            "index",
            "none",
            "München & Söhne",
            "x".repeat(300),
            "x".repeat(299) + "y",
            "..",
            "a\"b'c",
            "search-0123456789ab");

    @TempDir
    Path folder;

    private TestProgram program;
    private Path out;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
        out = program.path("out");
        int cost = 1;
        for (String team : TEAMS) {
            record(team, "m-1", cost++ + ".000000000001");
        }
        record("search", "<m>", "0.5");
        program.succeed("record", "--model", "m-1", "--timestamp", "2026-10-07T10:00:00Z", "--cost-usd", "0.25");
        program.succeed("record", "--model", "later", "--timestamp", "2026-11-01T00:00:00Z", "--cost-usd", "9");
    }

    private void record(String team, String model, String cost) {
        program.succeed(
                "record",
                "--model",
                model,
                "--timestamp",
                "2026-10-07T10:00:00Z",
                "--cost-usd",
                cost,
                "--input-tokens",
                "7",
                "--attribute",
                "team=" + team);
    }

    private String make(String... options) {
        List<String> words = new ArrayList<>(List.of("statement", "--by", "attribute.team", "--out", out.toString()));
        words.addAll(List.of(options));
        Result result = program.run(words.toArray(new String[0]));
        assertThat(result.code()).as(result.err()).isZero();
        return result.err();
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(out)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void eachValue_hasItsFiles_underANameOfItsOwn() throws IOException {
        make("--period", "last_month");

        assertThat(names())
                .hasSize(2 * (TEAMS.size() + 1) + 3)
                .contains("search.csv", "search.html", "none.csv", "index.html");
        assertThat(names()).allMatch(name -> name.matches("[a-z0-9_][a-z0-9_-]{0,59}\\.(csv|html|json)"));
        assertThat(names().stream().map(name -> name.toLowerCase(Locale.ROOT)).distinct())
                .hasSize(names().size());
        try (Stream<Path> beside = Files.list(folder)) {
            assertThat(beside).noneMatch(file -> file.toString().endsWith("-part"));
        }
    }

    @Test
    void index_hasTheLedgersTotal_andStatementsAddUpToIt() throws IOException {
        assertThat(make("--period", "last_month")).contains("17 statements in " + out + ", together $136.750000000016");

        String summary = program.succeed(
                "summary", "--period", "last_month", "--by", "attribute.team", "--order", "key", "--format", "json");
        assertThat(summary).contains("\"total_cost_usd\":136.750000000016,");
        String total = summary.substring(summary.indexOf("\"summary\":"), summary.indexOf(",\"group_by\""));
        assertThat(Files.readString(out.resolve("index.json"))).contains(total);
        assertThat(Files.readString(out.resolve("index.html")))
                .contains("<td>Total</td>")
                .contains("<td>$136.750000000016</td></tr></tfoot>");
        BigDecimal sum = BigDecimal.ZERO;
        for (String name : names()) {
            if (name.endsWith(".csv") && !name.equals("index.csv")) {
                List<String> lines = Files.readAllLines(out.resolve(name));
                int column = List.of(lines.get(0).split(",")).indexOf("total_cost_usd");
                for (String line : lines.subList(1, lines.size())) {
                    // Texts in quotes have no commas here.
                    sum = sum.add(new BigDecimal(line.split(",")[column]));
                }
            }
        }
        assertThat(sum).isEqualByComparingTo("136.750000000016");
    }

    @Test
    void pages_holdNobodysMarkup() throws IOException {
        make();

        for (String name : names()) {
            if (name.endsWith(".html")) {
                assertThat(Files.readString(out.resolve(name)))
                        .doesNotContain("<script")
                        .doesNotContain("<m>");
            }
        }
        assertThat(Files.readString(out.resolve("index.html"))).contains("&lt;script&gt;alert(1)&lt;/script&gt;</a>");
        assertThat(Files.readString(out.resolve("search.html"))).contains("<td>&lt;m&gt;</td>");
    }

    @Test
    void callsWithoutAPrice_makeALowerBound() throws IOException {
        program.succeed(
                "record",
                "--model",
                "nobodys",
                "--timestamp",
                "2026-10-08T10:00:00Z",
                "--input-tokens",
                "5",
                "--attribute",
                "team=search");

        assertThat(make()).contains("together at least $");
        assertThat(Files.readString(out.resolve("search.html")))
                .contains("≥ $")
                .contains("The cost is a lower bound: 1 call has no whole price.");
    }

    @Test
    void folderThatIsThere_isLeftAsItIs() throws IOException {
        Files.createDirectory(out);
        make();
        List<String> before = names();
        Files.writeString(out.resolve("search.html"), "mine");

        Result again = program.run("statement", "--by", "model", "--out", out.toString());
        assertThat(again.code()).isEqualTo(1);
        assertThat(again.err()).contains("it is there and not empty; nothing was changed");
        assertThat(names()).isEqualTo(before);
        assertThat(Files.readString(out.resolve("search.html"))).isEqualTo("mine");
    }

    @Test
    void modelsThemselves_canHaveStatements() throws IOException {
        assertThat(program.run("statement", "--by", "model", "--out", out.toString())
                        .code())
                .isZero();
        assertThat(names()).contains("m-1.csv", "later.html");
        assertThat(program.run("statement", "--out", out.toString()).code()).isEqualTo(2);
        assertThat(program.run("statement", "--by", "model").code()).isEqualTo(2);
    }
}
