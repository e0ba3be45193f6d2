package dev.tokenledger.cli;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import dev.tokenledger.Batch;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.module.ModuleDescriptor;
import java.net.URI;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Which package may know which. It stands here because only the program sees every module. */
class ArchitectureTest {

    private static final String[] CORE = {
        "dev.tokenledger",
        "dev.tokenledger.text",
        "dev.tokenledger.money",
        "dev.tokenledger.model",
        "dev.tokenledger.usage",
        "dev.tokenledger.pricing",
        "dev.tokenledger.summary",
        "dev.tokenledger.backend"
    };

    private static final String[] SHARED_BY_PARTS = {
        "dev.tokenledger.server.http", "dev.tokenledger.server.ingest", "dev.tokenledger.server.keys"
    };

    private static JavaClasses all;

    @BeforeAll
    static void read() {
        all = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("dev.tokenledger");
    }

    @Test
    void everyModule_isSeen() {
        assertThat(all.contain("dev.tokenledger.Ledger")).isTrue();
        assertThat(all.contain("dev.tokenledger.sql.rollups.Cells")).isTrue();
        assertThat(all.contain("dev.tokenledger.sqlite.SqliteLedger")).isTrue();
        assertThat(all.contain("dev.tokenledger.clickhouse.ClickHouseExporter")).isTrue();
        assertThat(all.contain("dev.tokenledger.formats.text.Documents")).isTrue();
        assertThat(all.contain("dev.tokenledger.payloads.ResponseReader")).isTrue();
        assertThat(all.contain("dev.tokenledger.recorder.Recorder")).isTrue();
        assertThat(all.contain("dev.tokenledger.alerts.BudgetAlerts")).isTrue();
        assertThat(all.contain("dev.tokenledger.capture.Capture")).isTrue();
        assertThat(all.contain("dev.tokenledger.langchain4j.LangChain4jRecording"))
                .isTrue();
        assertThat(all.contain("dev.tokenledger.kafka.KafkaImport")).isTrue();
        assertThat(all.contain("dev.tokenledger.imports.Importer")).isTrue();
        assertThat(all.contain("dev.tokenledger.server.TokenledgerServer")).isTrue();
        assertThat(all.contain("dev.tokenledger.opentelemetry.LedgerSpanExporter"))
                .isTrue();
        assertThat(all.contain("dev.tokenledger.spring.TokenledgerAutoConfiguration"))
                .isTrue();
        assertThat(all.contain("dev.tokenledger.cli.Main")).isTrue();
    }

    /** text ← money, model ← usage ← pricing ← summary ← root: each knows itself, those before it, and nothing else of ours. */
    @Test
    void core_dependenciesRunOneWay() {
        onlyKnows("dev.tokenledger.text").check(all);
        onlyKnows("dev.tokenledger.money", "text").check(all);
        onlyKnows("dev.tokenledger.model", "text").check(all);
        onlyKnows("dev.tokenledger.usage", "text", "money", "model").check(all);
        onlyKnows("dev.tokenledger.pricing", "text", "money", "model", "usage").check(all);
        onlyKnows("dev.tokenledger.summary", "text", "money", "model", "usage", "pricing")
                .check(all);
        String[] below = {"text", "money", "model", "usage", "pricing", "summary", "backend"};
        onlyKnows("dev.tokenledger", below).check(all);
    }

    /** What ledgers decide alike is about entries and batches; of those only what needs it knows it in turn. */
    @Test
    void backend_isKnownToTheLedgerInMemoryTheSumOfLedgersAndBatchesAlone() {
        onlyKnowsCoreAnd("dev.tokenledger.backend").check(all);
        noClasses()
                .that()
                .resideInAnyPackage(CORE)
                .and()
                .resideOutsideOfPackage("dev.tokenledger.backend")
                .and(DescribedPredicate.not(belongToAnyOf(Batch.class)))
                .and(DescribedPredicate.not(nameMatching("dev\\.tokenledger\\.(List|Federated)Ledger(\\$.*)?")))
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tokenledger.backend")
                .check(all);
    }

    @Test
    void core_dependsOnNothingButTheJdk() {
        classes()
                .that()
                .resideInAnyPackage(CORE)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(CORE)
                        // Annotations that need not be there at run time.
                        .or(resideInAnyPackage("java..", "org.jspecify.annotations")))
                .check(all);
    }

    @Test
    void backends_knowNeitherEachOtherNorWhatReadsForThem() {
        onlyKnowsCoreAnd("dev.tokenledger.sqlite..", "dev.tokenledger.sql..").check(all);
        onlyKnowsCoreAnd("dev.tokenledger.postgres..", "dev.tokenledger.sql..").check(all);
    }

    /** A copy is fed from the ledger that it is a copy of, which knows nothing of where that is. */
    @Test
    void copy_knowsItsLedgerAndNoOtherBackend() {
        onlyKnowsCoreAnd("dev.tokenledger.clickhouse..", "dev.tokenledger.sql..", "dev.tokenledger.postgres..")
                .check(all);
    }

    /** What backends have in common knows none of them, and no driver: {@code java.sql} alone. */
    @Test
    void sql_knowsNoBackendAndNoDriver() {
        classes()
                .that()
                .resideInAPackage("dev.tokenledger.sql..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(CORE)
                        .or(resideInAnyPackage(
                                "dev.tokenledger.sql..", "java..", "javax.sql", "org.jspecify.annotations")))
                .check(all);
    }

    @Test
    void sql_isKnownByBackendsAlone() {
        noClasses()
                .that()
                .resideOutsideOfPackages(
                        "dev.tokenledger.sql..",
                        "dev.tokenledger.sqlite..",
                        "dev.tokenledger.postgres..",
                        "dev.tokenledger.clickhouse..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tokenledger.sql..")
                .check(all);
    }

    /** rollups ← records ← engine ← writing, questions ← root: each knows itself, those before it, and nothing else of ours. */
    @Test
    void sql_dependenciesRunOneWay() {
        String rollups = "dev.tokenledger.sql.rollups";
        String records = "dev.tokenledger.sql.records";
        String engine = "dev.tokenledger.sql.engine";
        onlyKnowsCoreAnd(rollups).check(all);
        onlyKnowsCoreAnd(records, rollups).check(all);
        onlyKnowsCoreAnd(engine, rollups, records).check(all);
        onlyKnowsCoreAnd("dev.tokenledger.sql.writing", rollups, records, engine)
                .check(all);
        onlyKnowsCoreAnd("dev.tokenledger.sql.questions", rollups, records, engine)
                .check(all);
        onlyKnowsCoreAnd("dev.tokenledger.sql..").check(all);
    }

    /** formats ← payloads ← imports: each knows core, those before it, and nothing else of ours. */
    @Test
    void readers_dependenciesRunOneWay() {
        onlyKnowsCoreAnd("dev.tokenledger.formats..").check(all);
        onlyKnowsCoreAnd("dev.tokenledger.payloads..", "dev.tokenledger.formats..")
                .check(all);
        onlyKnowsCoreAnd("dev.tokenledger.imports..", "dev.tokenledger.formats..", "dev.tokenledger.payloads..")
                .check(all);
    }

    /** A recorder carries records to a ledger of whatever engine. */
    @Test
    void recorder_knowsNeitherImportsNorABackend() {
        onlyKnowsCoreAnd("dev.tokenledger.recorder..", "dev.tokenledger.formats..", "dev.tokenledger.payloads..")
                .check(all);
    }

    /** What budgets reach is told from a ledger of whatever engine, with and without a server. */
    @Test
    void alerts_knowNeitherTheServerNorABackend() {
        onlyKnowsCoreAnd("dev.tokenledger.alerts..", "dev.tokenledger.formats..")
                .check(all);
    }

    /** The databases of other programs are for imports: whoever records a provider's answer needs no driver. */
    @Test
    void server_knowsNeitherImportsNorABackend() {
        onlyKnowsCoreAnd(
                        "dev.tokenledger.server..",
                        "dev.tokenledger.formats..",
                        "dev.tokenledger.payloads..",
                        "dev.tokenledger.alerts..")
                .check(all);
    }

    /** What a framework's users add brings a ledger along, and neither the server nor another framework's integration. */
    @Test
    void integrations_knowNeitherTheServerNorEachOther() {
        onlyKnowsCoreAnd(
                        "dev.tokenledger.opentelemetry..",
                        "dev.tokenledger.formats..",
                        "dev.tokenledger.payloads..",
                        "dev.tokenledger.sqlite..")
                .check(all);
        onlyKnowsCoreAnd(
                        "dev.tokenledger.spring..",
                        "dev.tokenledger.formats..",
                        "dev.tokenledger.payloads..",
                        "dev.tokenledger.recorder..",
                        "dev.tokenledger.capture..",
                        "dev.tokenledger.sqlite..",
                        "dev.tokenledger.postgres..")
                .check(all);
        onlyKnowsCoreAnd(
                        "dev.tokenledger.langchain4j..",
                        "dev.tokenledger.formats..",
                        "dev.tokenledger.payloads..",
                        "dev.tokenledger.recorder..",
                        "dev.tokenledger.capture..")
                .check(all);
        onlyKnowsCoreAnd(
                        "dev.tokenledger.capture..",
                        "dev.tokenledger.formats..",
                        "dev.tokenledger.payloads..",
                        "dev.tokenledger.recorder..")
                .check(all);
        onlyKnowsCoreAnd("dev.tokenledger.kafka..", "dev.tokenledger.formats..").check(all);
    }

    /** Parts know what they are made of and how records are stored, and nothing of each other. */
    @Test
    void partsOfTheServer_doNotKnowEachOther() {
        slices().matching("dev.tokenledger.server.(*)..")
                .should()
                .notDependOnEachOther()
                .ignoreDependency(DescribedPredicate.alwaysTrue(), resideInAnyPackage(SHARED_BY_PARTS))
                .check(all);
    }

    @Test
    void program_isKnownByNobody() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.tokenledger.cli..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tokenledger.cli..")
                .check(all);
    }

    @Test
    void backends_areNamedInOnePlaceOfTheProgram() {
        noClasses()
                .that()
                .resideInAPackage("dev.tokenledger.cli..")
                .and()
                .doNotHaveSimpleName("SqliteLedgerOpener")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tokenledger.sqlite..")
                .check(all);
        noClasses()
                .that()
                .resideInAPackage("dev.tokenledger.cli..")
                .and()
                .doNotHaveSimpleName("PostgresLedgerOpener")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("dev.tokenledger.postgres..")
                .check(all);
    }

    /** Where digits are Arabic a number would be written in those, in SQL too; in Turkey an I would get no dot. */
    @Test
    void nothing_dependsOnTheDefaultLocale() {
        noClasses()
                .should()
                .callMethod(String.class, "formatted", Object[].class)
                .orShould()
                .callMethod(String.class, "format", String.class, Object[].class)
                .orShould()
                .callMethod(String.class, "toLowerCase")
                .orShould()
                .callMethod(String.class, "toUpperCase")
                .orShould()
                .callMethod(PrintStream.class, "printf", String.class, Object[].class)
                .orShould()
                .callMethod(PrintWriter.class, "printf", String.class, Object[].class)
                .orShould()
                .callMethod(DateTimeFormatter.class, "ofPattern", String.class)
                .check(all);
    }

    /** On the class path nothing else keeps a module's internals its own. */
    @Test
    void modules_useOfEachOtherOnlyWhatIsExportedToThem() {
        Map<String, List<JavaClass>> roots = StreamSupport.stream(all.spliterator(), false)
                .filter(type -> type.getSource().isPresent())
                .collect(Collectors.groupingBy(ArchitectureTest::root));
        Map<String, ModuleDescriptor> modules = new HashMap<>();
        roots.forEach((root, types) -> modules.put(root, module(root, types)));
        assertThat(modules.values().stream().filter(module -> !module.isAutomatic()))
                .extracting(ModuleDescriptor::name)
                .contains("dev.tokenledger", "dev.tokenledger.sql", "dev.tokenledger.formats");
        List<String> violations = new ArrayList<>();
        for (JavaClass type : all) {
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                JavaClass target = dependency.getTargetClass().getBaseComponentType();
                if (target.getSource().isPresent() && target.getPackageName().startsWith("dev.tokenledger")) {
                    ModuleDescriptor from = modules.get(root(type));
                    ModuleDescriptor to = modules.get(root(target));
                    if (from != null && to != null && !from.equals(to) && !exports(to, target, from)) {
                        violations.add(from.name() + ": " + dependency.getDescription());
                    }
                }
            }
        }
        assertThat(violations).isEmpty();
    }

    private static boolean exports(ModuleDescriptor module, JavaClass type, ModuleDescriptor user) {
        return module.isAutomatic()
                || module.exports().stream()
                        .anyMatch(exported -> exported.source().equals(type.getPackageName())
                                && (!exported.isQualified()
                                        || exported.targets().contains(user.name())));
    }

    /** The folder or archive that a class comes from. */
    private static String root(JavaClass type) {
        String uri = type.getSource().orElseThrow().getUri().toString();
        return uri.substring(0, uri.length() - type.getName().length() - ".class".length());
    }

    /** What a module states, or for one without a descriptor, its name: the package that all of its others are in. */
    private static ModuleDescriptor module(String root, List<JavaClass> types) {
        try (InputStream descriptor =
                URI.create(root + "module-info.class").toURL().openStream()) {
            return ModuleDescriptor.read(descriptor);
        } catch (FileNotFoundException e) {
            String name = types.stream()
                    .map(JavaClass::getPackageName)
                    .min(Comparator.comparingInt(String::length))
                    .orElseThrow();
            return ModuleDescriptor.newAutomaticModule(name).build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static ArchRule onlyKnows(String own, String... others) {
        DescribedPredicate<JavaClass> allowed = resideInAnyPackage(own);
        for (String other : others) {
            allowed = allowed.or(resideInAPackage("dev.tokenledger." + other));
        }
        return noClasses()
                .that()
                .resideInAPackage(own)
                .should()
                .dependOnClassesThat(resideInAPackage("dev.tokenledger..").and(DescribedPredicate.not(allowed)));
    }

    private static ArchRule onlyKnowsCoreAnd(String own, String... others) {
        return noClasses()
                .that()
                .resideInAPackage(own)
                .should()
                .dependOnClassesThat(resideInAPackage("dev.tokenledger..")
                        .and(DescribedPredicate.not(resideInAnyPackage(CORE)))
                        .and(DescribedPredicate.not(resideInAPackage(own)))
                        .and(DescribedPredicate.not(resideInAnyPackage(others))));
    }
}
