package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.UsageMessageSpec;

class HelpTest {

    @TempDir
    Path folder;

    private TestProgram program;

    @BeforeEach
    void setUp() {
        program = new TestProgram(folder);
    }

    @Test
    void overview_listsEveryCommandWithItsPurpose() {
        assertThat(program.succeed("--help")).isEqualTo("""
                        Keeps an exact, append-only ledger of LLM token usage and its cost.
                        Usage: tokenledger [--ledger FILE]... [--prices FILE]... COMMAND [OPTION]...

                        Options:
                              --ledger=FILE   The ledger, a file or postgresql://user@host/database; default:
                                                $TOKENLEDGER_LEDGER, else the one in your data folder. Given several times,
                                                as FILE or NAME=FILE: their sum, for commands that only read.
                              --prices=FILE   A price file laid over the bundled prices and your own; may be given several
                                                times, the last one goes first.
                              --debug         Show where a failure came from (a stack trace).
                          -h, --help          Show this help.
                              --version       Show the version.
                              --verbose       With --version: show those of the schema, SQLite, Java and the ledger too.

                        Commands:
                          record      Appends one record: one call of a model.
                          import      Imports records from files.
                          summary     Shows how many tokens were used and what they cost.
                          records     Lists the records themselves, newest call first.
                          cost        Prices usage without storing it: NDJSON in, NDJSON out.
                          explain     Shows how one record's cost came about.
                          whatif      Shows what calls would have cost otherwise.
                          reconcile   Compares the ledger with a provider's bill.
                          statement   Makes a folder of statements for charge-back.
                          prices      Shows, checks, compares, imports and updates prices.
                          budget      Says how much of your budgets is used up, and tells whom you name.
                          reverse     Takes a record out of all totals by an entry that negates it.
                          reprice     Prices records again: shows what would change, or keeps it.
                          close       Closes what happened before a date, or shows what is closed.
                          reopen      Opens what was closed again.
                          verify      Checks the totals that are kept beside the records.
                          rebuild     Computes the totals that are kept beside the records anew.
                          migrate     Brings a ledger of an older schema to this program's.
                          backup      Copies the ledger, which may be in use, as it stands at one moment.
                          restore     Puts a copy of a backup in the ledger's place.
                          recover     Saves what can be saved of a damaged ledger.
                          copy        Copies a ledger into another, of the same engine or another.
                          clickhouse  Feeds and checks a copy of a PostgreSQL ledger in ClickHouse.
                          serve       Serves the ledger over HTTP.
                          mcp         Answers an agent's questions over standard input and output.
                          keys        Makes, lists and revokes the keys that a server asks for.
                          completion  Prints a script that teaches bash or zsh to complete commands.
                          help        Shows the help of a command.

                        Examples:
                          tokenledger record --model claude-sonnet-4-5 --input-tokens 1200 --output-tokens 300
                          tokenledger import ndjson examples/october.ndjson
                          tokenledger summary --by model

                        Your data folder is $XDG_DATA_HOME/tokenledger (~/.local/share/tokenledger), with ledger.db.

                        Your own prices.yaml and budgets.yaml are in $XDG_CONFIG_HOME/tokenledger (~/.config/tokenledger).

                        'tokenledger COMMAND --help' tells more of a command. Results go to standard output, messages to
                        standard error; the exit code is 0, 1 (failed) or 2 (usage).
                        """);
    }

    @Test
    void summary_groupsItsOptions() {
        assertThat(program.succeed("summary", "--help")).isEqualTo("""
                        Shows how many tokens were used and what they cost.
                        Usage: tokenledger summary [OPTION]...

                        Options:
                              --by=DIM[,DIM]...   Group by these dimensions.
                              --every=BUCKET      A row for every quarter_hour, hour, day, week (from Monday) or month.
                              --order=ORDER       cost (the default), tokens, records, or key.
                              --limit=N           Show the first N groups; the others make one row. Default: all.
                              --format=FORMAT     table (the default), json or csv.
                              --as-of=TIME        What the ledger told at this date or time: what was recorded, reversed or
                                                    repriced later is left out. Reads each record.
                              --partial=SECONDS   Of several ledgers: answer without those that fail or take longer than
                                                    this, and say which.

                        Which calls, by when they happened:
                              --period=PERIOD     today, yesterday, week (from Monday), month, last_month, or all (the
                                                    default).
                              --from=TIME         From this date or time on, such as 2026-11-01 or 2026-11-01T09:30:00Z.
                              --to=TIME           Up to, but not including, this date or time.
                              --zone=ZONE         The time zone of days and times, such as Europe/Berlin; default: the
                                                    system's.

                        Which calls, by what is known of them:
                              --where=DIM=VALUE   Only calls with this value, such as role=delegate; an empty one means
                                                    calls without any. May be given several times: all must hold.

                        In another currency:
                              --currency=CODE     Show costs in this currency too, such as EUR: each day's by that day's
                                                    rate.
                              --rates=FILE        The exchange rates: the European Central Bank's eurofxref-hist.csv, or a
                                                    CSV with the columns date, currency and per_usd (units for one US
                                                    dollar).

                        With every command:
                              --ledger=FILE       The ledger, a file or postgresql://user@host/database; default:
                                                    $TOKENLEDGER_LEDGER, else the one in your data folder. Given several
                                                    times, as FILE or NAME=FILE: their sum, for commands that only read.
                              --prices=FILE       A price file laid over the bundled prices and your own; may be given
                                                    several times, the last one goes first.
                              --debug             Show where a failure came from (a stack trace).
                          -h, --help              Show this help.

                        Examples:
                          tokenledger summary --period month
                          tokenledger summary --by model
                          tokenledger summary --by provider,role --from 2026-10-01 --to 2026-11-01
                          tokenledger summary --every day --period week --zone Europe/Berlin
                          tokenledger summary --by session --where role=interactive --limit 10
                          tokenledger summary --by attribute.project --format csv
                          tokenledger summary --every month --currency EUR --rates eurofxref-hist.csv
                          tokenledger --ledger eu.db --ledger us.db summary --by model

                        Dimensions: model, upstream_model, provider, resource, role, task, session, conversation, source,
                        pricing_status, outcome, service_tier, and attribute.<key> for any attribute.

                        Tables shorten figures; JSON and CSV have every digit. A cost after "≥" leaves out calls that could
                        not be priced.
                        """);
    }

    @Test
    void help_isTheSameHoweverItIsAsked() {
        String asked = program.succeed("prices", "list", "--help");

        assertThat(program.succeed("help", "prices", "list")).isEqualTo(asked);
        assertThat(program.succeed("prices", "list", "-h")).isEqualTo(asked);
        assertThat(program.succeed("help")).isEqualTo(program.succeed("--help"));
    }

    static Stream<List<String>> commands() {
        return HelpExamples.commands();
    }

    @ParameterizedTest
    @MethodSource("commands")
    void everyCommand_hasAOneLinePurposeAndExamples(List<String> words) {
        List<String> arguments = new ArrayList<>(words);
        arguments.add("--help");

        String help = program.succeed(arguments.toArray(new String[0]));

        assertThat(help.lines().findFirst().orElseThrow()).matches("[A-Z].{10,78}\\.");
        assertThat(help.lines().skip(1).findFirst().orElseThrow())
                .startsWith("Usage: tokenledger " + String.join(" ", words));
        assertThat(help)
                .contains("\nExamples:\n  ")
                .contains("With every command:")
                .contains("--ledger=FILE");
        assertThat(help.lines()).allMatch(line -> line.length() <= 110);
    }

    /** Where the source breaks a line by itself, what picocli breaks off it stands alone on the next one. */
    @ParameterizedTest
    @MethodSource("commands")
    void proseBreaks_onlyWhereTheNextWordHasNoRoom(List<String> words) {
        for (int width : new int[] {100, 60}) {
            TestProgram narrow = program.terminal(width);
            List<String> lines = narrow.succeed(
                            Stream.concat(words.stream(), Stream.of("--help")).toArray(String[]::new))
                    .lines()
                    .dropWhile(line -> !line.startsWith("Usage:"))
                    .skip(1)
                    .toList();
            for (int i = 1; i < lines.size(); i++) {
                String before = lines.get(i - 1);
                String line = lines.get(i);
                if (isProse(before) && isProse(line)) {
                    String next = line.split(" ", 2)[0];
                    assertThat(before.length() + 1 + next.length())
                            .as("%s%n%s", before, line)
                            .isGreaterThanOrEqualTo(width);
                }
            }
        }
    }

    private static boolean isProse(String line) {
        boolean synopsis = line.endsWith("[OPTION]...");
        return !line.isEmpty() && !line.startsWith(" ") && !synopsis;
    }

    @ParameterizedTest
    @MethodSource("commands")
    void examplesAndLists_fitTheirLine(List<String> words) {
        CommandLine command = Commands.complete(new RootCommand(), Terminal.of(false, false, java.util.Map.of()));
        for (String word : words) {
            command = command.getSubcommands().get(word);
        }
        UsageMessageSpec usage = command.getCommandSpec().usageMessage();
        assertThat(Stream.of(usage.description(), usage.footer())
                        .flatMap(Stream::of)
                        .filter(line -> line.startsWith(" ")))
                .allMatch(line -> line.length() <= usage.width());
    }

    /** Those that need a shell are left out, and those of commands that need more. */
    @Test
    void examples_runAsTheyArePrinted() {
        HelpExamples.prepare(program);
        List<String> ran = new ArrayList<>();
        HelpExamples.commands()
                .filter(words -> !HelpExamples.needsMore(words))
                .forEach(words -> HelpExamples.of(program, words).forEach(example -> {
                    program.succeed(HelpExamples.arguments(program, example));
                    ran.add(example);
                }));

        assertThat(ran).hasSizeGreaterThan(25);
    }

    @Test
    void narrowTerminal_wrapsHelp() {
        String help = program.terminal(60).succeed("record", "--help");

        assertThat(help.lines().filter(line -> line.startsWith(" ".repeat(8)))).allMatch(line -> line.length() <= 60);
    }

    @Test
    void completion_namesEveryCommandAndOption() {
        String script = program.succeed("completion", "zsh");

        assertThat(script)
                .startsWith("#!/usr/bin/env bash\n")
                .contains("complete")
                .contains("'--cache-read-input-tokens'");
        assertThat(script).contains("today").contains("quarter_hour").contains("upstream_model");
        assertThat(Commands.NAMES).allMatch(script::contains);
        assertThat(program.succeed("completion")).isEqualTo(script);
    }
}
