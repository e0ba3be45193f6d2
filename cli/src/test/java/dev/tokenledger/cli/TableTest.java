package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.cli.Table.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TableTest {

    private static final Map<String, String> UTF8 = Map.of("LANG", "C.UTF-8", "NO_COLOR", "1");

    @Test
    void write_alignsFiguresRightAndNamesLeft() {
        assertThat(written(Terminal.of(false, false, Map.of())))
                .isEqualTo("""
                        model                        calls  bar
                        ---------------------------------------
                        claude-sonnet-4-5-20250929  12,345  ####
                        東京                             1  #
                        ---------------------------------------
                        total                       12,346
                        """.replace("---------------------------------------", "-".repeat(40)));
    }

    @Test
    void write_onANarrowTerminal_cutsNamesThenLeavesOutPicturesThenCutsMore() {
        Terminal narrow = Terminal.of(true, false, with("COLUMNS", "22"));

        assertThat(written(narrow)).isEqualTo("""
                        model            calls
                        ──────────────────────
                        claude-sonnet…  12,345
                        東京                 1
                        ──────────────────────
                        total           12,346
                        """);
    }

    @Test
    void write_neverCutsFigures() {
        Terminal tiny = Terminal.of(true, false, with("COLUMNS", "5"));

        assertThat(written(tiny)).contains("12,345").contains("12,346");
    }

    @Test
    void write_withColours_marksHeadingAndTotalOnly() {
        Terminal colours = Terminal.of(true, false, Map.of("LANG", "C.UTF-8", "COLUMNS", "80"));

        assertThat(written(colours).lines().filter(line -> line.contains("\u001b")))
                .hasSize(2)
                .allMatch(line -> line.startsWith("\u001b[1m") && line.endsWith("\u001b[0m"));
    }

    @Test
    void row_thatHoldsTerminalCommands_isMadeHarmless() {
        Table table = new Table(List.of(new Column("a", Kind.NAME)));
        table.row(List.of("\u001b]0;evil\u0007"));

        assertThat(text(table, Terminal.of(false, false, Map.of()))).isEqualTo("a\n---------\n?]0;evil?\n");
    }

    private static Map<String, String> with(String name, String value) {
        Map<String, String> variables = new java.util.HashMap<>(UTF8);
        variables.put(name, value);
        return variables;
    }

    private static String written(Terminal terminal) {
        Table table = new Table(List.of(
                new Column("model", Kind.NAME), new Column("calls", Kind.FIGURE), new Column("bar", Kind.PICTURE)));
        table.row(List.of("claude-sonnet-4-5-20250929", "12,345", "####"));
        table.row(List.of("東京", "1", "#"));
        table.rule();
        table.strongRow(List.of("total", "12,346", ""));
        return text(table, terminal);
    }

    private static String text(Table table, Terminal terminal) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Output out = new Output(bytes);
        table.write(out, terminal);
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
