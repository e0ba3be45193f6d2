package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.Ledger;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the documents say is so: their examples run, their links lead somewhere, the tests they name are there. */
class DocumentsTest {

    private static final Path ROOT = Path.of("").toAbsolutePath().getParent();
    private static final Pattern TEST =
            Pattern.compile("`([A-Z][A-Za-z0-9]+(?:Test|Contract|Rules))(?:\\.([a-z][A-Za-z0-9_]*))?`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)(?:#[^)]*)?\\)");

    @Test
    void embeddingExample_runsAsTheReadmeShowsIt(@TempDir Path folder) throws IOException {
        // The lines between the markers stand in README.md, letter for letter but for the indentation and the path.
        Path usage = folder.resolve("usage.db");
        // readme:start
        try (Ledger ledger = SqliteLedger.open(usage, PriceBook.bundled())) {
            ledger.append(UsageRecord.builder()
                    .model("claude-sonnet-5")
                    .inputTokens(1_200)
                    .cacheReadInputTokens(48_000)
                    .outputTokens(640)
                    .attribute("team", "search")
                    .build());
            Summary total = ledger.summary(TimeWindow.all());
            System.out.println(total.totalCost() + " USD, " + total.unpricedRecords() + " calls without a price");
            // readme:end
            assertThat(total.totalCost()).hasToString("0.0184");
        }
        String source = read(ROOT.resolve("cli/src/test/java/dev/tokenledger/cli/DocumentsTest.java"));
        String shown = source.substring(source.indexOf("// readme:start\n") + 16, source.indexOf("// readme:end\n"))
                .indent(-8)
                .strip()
                .replace("open(usage, ", "open(Path.of(\"usage.db\"), ");
        assertThat(read(ROOT.resolve("README.md"))).contains(shown);
    }

    @Test
    void priceExample_isAPriceFile() throws IOException {
        String readme = read(ROOT.resolve("README.md"));
        int from = readme.indexOf("```yaml\n") + "```yaml\n".length();
        String yaml = readme.substring(from, readme.indexOf("```", from));
        assertThat(PriceFile.parse("README.md", yaml.getBytes(StandardCharsets.UTF_8))
                        .entries())
                .hasSize(2);
        assertThat(PriceFile.read(ROOT.resolve("examples/prices.yaml")).entries())
                .hasSize(2);
    }

    @Test
    void budgetExample_isABudgetFile() throws IOException {
        String document = read(ROOT.resolve("docs/server.md"));
        int from = document.indexOf("```yaml\nbudgets:") + "```yaml\n".length();
        String yaml = document.substring(from, document.indexOf("```", from));
        assertThat(BudgetFile.parse("server.md", yaml.getBytes(StandardCharsets.UTF_8)))
                .hasSize(2);
        assertThat(new BudgetFile(ROOT.resolve("examples/budgets.yaml")).read()).hasSize(3);
    }

    @Test
    void everyTestThatIsNamed_isThere() throws IOException {
        Map<String, String> sources = testSources();
        TreeSet<String> missing = new TreeSet<>();
        int named = 0;
        for (Path document : documents()) {
            Matcher test = TEST.matcher(read(document));
            while (test.find()) {
                named++;
                String source = sources.get(test.group(1));
                if (source == null || (test.group(2) != null && !source.contains("void " + test.group(2) + "("))) {
                    missing.add(ROOT.relativize(document) + ": " + test.group());
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(50);
    }

    /** Classes, packages, files: what the table of places to change names in code is in the sources. */
    @Test
    void everyPlaceOfTheMap_isThere() throws IOException {
        String map = read(ROOT.resolve("docs/architecture.md"));
        List<String> rows = map.substring(map.indexOf("## Where would I change"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.startsWith("| to …"))
                .toList();
        assertThat(rows).hasSizeGreaterThanOrEqualTo(12);
        Set<String> classes = new HashSet<>();
        Set<String> packages = new HashSet<>();
        for (Path source : sources()) {
            String name = String.valueOf(source.getFileName()).replace(".java", "");
            String folder = String.valueOf(source.getParent()).replace('\\', '/');
            String owner = folder.substring(folder.indexOf("/java/") + 6).replace('/', '.');
            classes.add(name);
            classes.add(owner + "." + name);
            packages.add(owner);
        }
        TreeSet<String> missing = new TreeSet<>();
        int named = 0;
        for (String row : rows) {
            Matcher place = Pattern.compile("`([^`]+)`").matcher(row);
            while (place.find()) {
                named++;
                if (!isPlace(place.group(1), classes, packages)) {
                    missing.add(place.group(1));
                }
            }
        }
        assertThat(missing).isEmpty();
        assertThat(named).isGreaterThan(40);
    }

    private static boolean isPlace(String text, Set<String> classes, Set<String> packages) {
        String file = text.replaceAll("<[a-z]+>", "anthropic");
        return packages.contains("dev.tokenledger." + text)
                || classes.contains(text)
                || classes.contains("dev.tokenledger." + text)
                // A method of a class.
                || (text.matches("[A-Z][A-Za-z]+\\.[a-z][A-Za-z]+") && classes.contains(text.replaceAll("\\..*", "")))
                || Files.exists(ROOT.resolve(file))
                || Files.exists(ROOT.resolve("docs").resolve(file))
                || Files.exists(ROOT.resolve("core/src/main/java").resolve(file))
                || Files.exists(ROOT.resolve("server/src/main/resources/dev/tokenledger/server/api")
                        .resolve(file));
    }

    /** The Java sources of all modules that are not tests. */
    private static List<Path> sources() throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(".java")
                            && file.toString().replace('\\', '/').contains("/src/main/java/dev/"))
                    .toList();
        }
    }

    @Test
    void everyRowOfTheMapping_namesATest() throws IOException {
        List<String> rows = read(ROOT.resolve("docs/mapping.md"))
                .lines()
                .filter(line -> line.startsWith("| ") && !line.endsWith("by |"))
                .toList();
        assertThat(rows)
                .hasSizeGreaterThan(80)
                .allMatch(row -> TEST.matcher(row).find());
    }

    @Test
    void everyPromiseOfTheReadme_isInTheMapping() throws IOException {
        List<String> promises = Pattern.compile("(?m)^[1-9]\\. \\*\\*([A-Z][a-z-]+)")
                .matcher(read(ROOT.resolve("README.md")))
                .results()
                .map(promise -> promise.group(1))
                .toList();
        String mapping = read(ROOT.resolve("docs/mapping.md"));
        assertThat(promises)
                .hasSize(6)
                .allSatisfy(promise -> assertThat(mapping).contains("| **" + promise + "** |"));
    }

    @Test
    void everyLinkBetweenDocuments_leadsToAFile() throws IOException {
        for (Path document : documents()) {
            List<String> targets = LINK.matcher(read(document))
                    .results()
                    .map(result -> group(result))
                    .toList();
            assertThat(targets)
                    .allSatisfy(target -> assertThat(document.resolveSibling(target))
                            .as("%s links to %s", document, target)
                            .exists());
        }
    }

    private static String group(MatchResult result) {
        return result.group(1);
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> root = Files.list(ROOT);
                Stream<Path> docs = Files.list(ROOT.resolve("docs"))) {
            return Stream.concat(root, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    /** The folders that have sources: those of the root, and of the folders that hold several. */
    private static List<Path> modules() throws IOException {
        List<Path> modules = new ArrayList<>();
        for (String parent : List.of("", "integrations", "examples")) {
            try (Stream<Path> folders = Files.list(ROOT.resolve(parent))) {
                folders.filter(folder -> Files.isDirectory(folder.resolve("src")))
                        .forEach(modules::add);
            }
        }
        return modules;
    }

    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new HashMap<>();
        for (Path module : modules()) {
            try (Stream<Path> files = Files.walk(module.resolve("src"))) {
                files.filter(file -> file.toString().endsWith(".java"))
                        .forEach(file ->
                                sources.put(file.getFileName().toString().replace(".java", ""), read(file)));
            }
        }
        return sources;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
