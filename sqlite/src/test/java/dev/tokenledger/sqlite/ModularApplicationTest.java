package dev.tokenledger.sqlite;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.module.FindException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleDescriptor.Requires;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an application gets that is a module itself: the ledger and core by one requirement, and nothing that is not for users. */
class ModularApplicationTest {

    private static final String MAIN = """
            package sample;

            import dev.tokenledger.Ledger;
            import dev.tokenledger.pricing.PriceBook;
            import dev.tokenledger.sqlite.SqliteLedger;
            import dev.tokenledger.summary.Summary;
            import dev.tokenledger.summary.TimeWindow;
            import dev.tokenledger.usage.UsageRecord;
            import java.nio.file.Path;

            public final class Main {
                private Main() {}

                public static void main(String[] arguments) {
                    try (Ledger ledger = SqliteLedger.open(Path.of(arguments[0]), PriceBook.bundled())) {
                        ledger.append(UsageRecord.builder()
                                .model("claude-sonnet-5")
                                .inputTokens(1_200)
                                .outputTokens(640)
                                .build());
                        Summary total = ledger.summary(TimeWindow.all());
                        System.out.println(total.totalRecords() + " " + Main.class.getModule().isNamed());
                    }
                }
            }
            """;

    @TempDir
    private Path folder;

    private Path classes;
    private String modulePath;

    @BeforeEach
    void compile() throws IOException {
        classes = folder.resolve("classes");
        modulePath = modulesOf("dev.tokenledger.sqlite").values().stream()
                .map(Path::toString)
                .collect(joining(File.pathSeparator));
        write("module-info.java", "module sample { requires dev.tokenledger.sqlite; }");
        write("sample/Main.java", MAIN);
        assertThat(javac("module-info.java", "sample/Main.java")).isEmpty();
    }

    @Test
    void moduleThatRequiresTheLedgerAlone_runs() throws Exception {
        assertThat(java("--module-path", modulePath + File.pathSeparator + classes, "-m", "sample/sample.Main"))
                .isEqualTo("1 true");
    }

    @Test
    void moduleThatRequiresTheLedgerAlone_isLinkedIntoAnImage() throws Exception {
        Path image = folder.resolve("image");
        assertThat(run(
                        "jlink",
                        "--module-path",
                        modulePath + File.pathSeparator + classes,
                        "--add-modules",
                        "sample",
                        "--output",
                        image.toString()))
                .isEmpty();
        assertThat(java(image, "-m", "sample/sample.Main")).isEqualTo("1 true");
    }

    @Test
    void applicationOnTheClassPath_seesNoDifference() throws Exception {
        assertThat(java("-cp", modulePath + File.pathSeparator + classes, "sample.Main"))
                .isEqualTo("1 false");
    }

    @Test
    void whatIsNotForUsers_isNotSeen() throws IOException {
        write("module-info.java", "module sample { requires dev.tokenledger.sqlite; requires dev.tokenledger.sql; }");
        write("sample/Main.java", "package sample; class Main { dev.tokenledger.sql.records.AttributeSet none; }");
        assertThat(javac("module-info.java", "sample/Main.java"))
                .contains("package dev.tokenledger.sql.records is not visible");
    }

    /** Where the modules are that this one needs at run time, itself included. Other modules of the class path are left out. */
    private static Map<String, Path> modulesOf(String root) {
        Map<String, ModuleReference> all = new HashMap<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            try {
                ModuleFinder.of(Path.of(entry))
                        .findAll()
                        .forEach(found -> all.putIfAbsent(found.descriptor().name(), found));
            } catch (FindException e) {
                // No module can be made of it, such as a folder of test classes.
            }
        }
        Map<String, Path> needed = new LinkedHashMap<>();
        Deque<String> open = new ArrayDeque<>(List.of(root));
        while (!open.isEmpty()) {
            String name = open.remove();
            ModuleReference module = all.get(name);
            if (module != null && !needed.containsKey(name)) {
                ModuleDescriptor descriptor = module.descriptor();
                assertThat(descriptor.isAutomatic()).as(name).isFalse();
                needed.put(name, Path.of(module.location().orElseThrow()));
                descriptor.requires().stream()
                        .filter(requires -> !requires.modifiers().contains(Requires.Modifier.STATIC))
                        .map(Requires::name)
                        .forEach(open::add);
            }
        }
        assertThat(needed).containsKeys(root, "dev.tokenledger", "org.xerial.sqlitejdbc");
        return needed;
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve("source").resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    /** What the compiler says; nothing if all is well. */
    private String javac(String... names) {
        List<String> arguments =
                new ArrayList<>(List.of("--release", "17", "--module-path", modulePath, "-d", classes.toString()));
        for (String name : names) {
            arguments.add(folder.resolve("source").resolve(name).toString());
        }
        return run("javac", arguments.toArray(String[]::new));
    }

    private static String run(String tool, String... arguments) {
        StringWriter said = new StringWriter();
        PrintWriter writer = new PrintWriter(said);
        int code = ToolProvider.findFirst(tool).orElseThrow().run(writer, writer, arguments);
        return code == 0 ? "" : "exit code " + code + ": " + said;
    }

    private String java(String... arguments) throws IOException, InterruptedException {
        return java(Path.of(System.getProperty("java.home")), arguments);
    }

    /** What the program prints, given a ledger's file. */
    private String java(Path home, String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/java").toString()));
        command.addAll(List.of(arguments));
        command.add(folder.resolve("usage.db").toString());
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isZero();
        return out.strip();
    }
}
