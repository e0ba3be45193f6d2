package dev.tokenledger.cli;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.KeyFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;

/** Every command, and the examples that its help prints. */
final class HelpExamples {

    private static final String LIST = """
            {"house-model":{"litellm_provider":"house","mode":"chat","input_cost_per_token":1e-06,"output_cost_per_token":2e-06}}
            """;

    private static final String RATES = "Date,USD,\n2026-09-30,1.1,\n";

    private HelpExamples() {}

    /** Every command, by the words that call it. */
    static Stream<List<String>> commands() {
        List<List<String>> found = new ArrayList<>();
        CommandLine all = Commands.complete(new RootCommand(), Terminal.of(false, false, Map.of()));
        all.getSubcommands().forEach((name, command) -> {
            found.add(List.of(name));
            command.getSubcommands().keySet().forEach(sub -> found.add(List.of(name, sub)));
        });
        return found.stream();
    }

    /** What a ledger must hold for the examples to find something. */
    static void prepare(TestProgram program) {
        program.succeed(
                "import", "ndjson", Path.of("..", "examples", "october.ndjson").toString());
        program.succeed("record", "--id", "call-1", "--model", "claude-sonnet-4-5");
        for (String other : List.of("eu.db", "us.db")) {
            program.succeed("--ledger", program.path(other).toString(), "record", "--model", "claude-sonnet-4-5");
        }
    }

    /** The examples of a command, as they are printed; those that need a shell, for a pipe or a second line, are left out. */
    static List<String> of(TestProgram program, List<String> words) {
        String help = program.succeed(
                Stream.concat(words.stream(), Stream.of("--help")).toArray(String[]::new));
        return Pattern.compile("(?m)^  tokenledger ([^|<>\\\\\n]+)$")
                .matcher(help.substring(help.indexOf("\nExamples:\n")))
                .results()
                .map(example -> example.group(1))
                .toList();
    }

    /** The arguments of an example, with names of files that are there. */
    static String[] arguments(TestProgram program, String example) {
        List<String> arguments = new ArrayList<>();
        Matcher word = Pattern.compile("\"([^\"]*)\"|(\\S+)").matcher(example);
        while (word.find()) {
            arguments.add(word.group(1) != null ? word.group(1) : word.group(2));
        }
        arguments.replaceAll(text -> text.replaceFirst("^examples/", "../examples/")
                // The id of the key that the example before it made.
                .replaceFirst("^0123abcd$", keyId(program.path(".config/tokenledger/keys.yaml")))
                .replaceFirst("^eurofxref-hist\\.csv$", program.file("eurofxref-hist.csv", RATES))
                .replaceFirst("^list\\.json$", program.file("list.json", LIST))
                .replaceFirst(
                        "^prices-new\\.yaml$", program.path("prices-new.yaml").toString())
                .replaceFirst(
                        "^(statements-october|by-provider)$",
                        program.path("statements").toString() + "-$1")
                .replaceFirst("^eu\\.db$", program.path("eu.db").toString())
                .replaceFirst("^us\\.db$", program.path("us.db").toString())
                .replaceFirst("^copy\\.db$", program.path("copy.db").toString())
                .replaceFirst("^backup\\.db$", program.path("ledger.db").toString()));
        return arguments.toArray(String[]::new);
    }

    /** Whether what a command needs is elsewhere; each of these has a test of its own. */
    static boolean needsMore(List<String> words) {
        return words.equals(List.of("prices", "update"))
                || words.equals(List.of("budget", "test-channel"))
                || words.equals(List.of("copy"))
                || words.equals(List.of("reconcile"));
    }

    /** The first key's id, once there is one. */
    private static String keyId(Path file) {
        return new KeyFile(file)
                .read().all().stream().map(ApiKey::id).findFirst().orElse("none");
    }
}
