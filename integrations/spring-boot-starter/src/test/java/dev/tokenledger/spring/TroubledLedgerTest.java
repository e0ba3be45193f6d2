package dev.tokenledger.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.usage.RecordId;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.model.ChatResponse;
import org.springframework.ai.openai.OpenAiChatModel;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** A Spring Boot program that is killed, or whose ledger is away or full, while Spring AI calls. */
class TroubledLedgerTest {

    private static final int CALLS = 30;
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private FakeProviders providers;

    /** A program that has nothing of ours but the dependency. */
    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Program {}

    /** Calls a model as fast as it can, and prints the id of each answer that it has. */
    static final class Child {

        private Child() {}

        public static void main(String[] args) {
            try (ConfigurableApplicationContext program =
                    builder(args[0], Path.of(args[1]), Path.of(args[2])).run()) {
                while (true) {
                    System.out.println("answer " + call(program));
                }
            }
        }
    }

    private static SpringApplicationBuilder builder(String address, Path ledger, Path spool) {
        return new SpringApplicationBuilder(Program.class)
                .web(WebApplicationType.NONE)
                .bannerMode(org.springframework.boot.Banner.Mode.OFF)
                .properties(
                        "logging.level.root=off",
                        "tokenledger.ledger=" + ledger,
                        "tokenledger.spool=" + spool,
                        "tokenledger.max-delay=1m",
                        "spring.ai.openai.api-key=k",
                        "spring.ai.openai.base-url=" + address,
                        "spring.ai.openai.max-retries=0",
                        "spring.ai.openai.chat.options.model=gpt-4.1",
                        "spring.ai.openai.chat.model=gpt-4.1",
                        "spring.ai.anthropic.api-key=k",
                        "spring.ai.retry.max-attempts=1");
    }

    private static String call(ConfigurableApplicationContext program) {
        ChatResponse answer = ChatClient.create(program.getBean(OpenAiChatModel.class))
                .prompt("How are you?")
                .call()
                .chatResponse();
        assertThat(answer).isNotNull();
        return answer.getMetadata().getId();
    }

    @BeforeEach
    void start() throws IOException {
        providers = new FakeProviders();
    }

    @AfterEach
    void stop() {
        providers.close();
    }

    /** The recorder acknowledges a call before its caller has the answer, so that every answer that was printed counts. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void killedProgram_losesNoCallThatWasAnswered(boolean away) throws Exception {
        Path place = folder.resolve("place");
        Path spool = folder.resolve("spool");
        if (away) {
            Files.writeString(place, "not a folder");
        } else {
            Files.createDirectory(place);
        }
        Set<String> answered = new HashSet<>();
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        providers.address(),
                        place.resolve("usage.db").toString(),
                        spool.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("answer chatcmpl")) {
                    answered.add(line.substring("answer ".length()));
                }
                if (answered.size() == CALLS) {
                    child.toHandle().destroyForcibly();
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThat(answered).hasSizeGreaterThanOrEqualTo(CALLS);
        if (away) {
            Files.delete(place);
            Files.createDirectory(place);
        }
        try (Ledger stored = SqliteLedger.open(place.resolve("usage.db"), PriceBook.bundled());
                Recorder next = Recorder.builder(stored, spool).build()) {
            assertThat(next.flush(PATIENCE)).isTrue();
            assertThat(answered)
                    .allMatch(id -> stored.find(RecordId.of("openai:" + id)).isPresent());
            assertThat(stored.verify().clean()).isTrue();
        }
    }

    @Test
    void fullLedger_failsNoCall_andHasThemAllOnceThereIsRoom() throws Exception {
        Ledger memory = InMemoryLedger.open(PriceBook.bundled());
        AtomicBoolean full = new AtomicBoolean(true);
        Ledger ledger = fullable(memory, full);
        List<String> answered = new ArrayList<>();
        try (ConfigurableApplicationContext program = builder(
                        providers.address(), folder.resolve("unused.db"), folder.resolve("spool"))
                .initializers(context -> ((org.springframework.context.support.GenericApplicationContext) context)
                        .registerBean(Ledger.class, () -> ledger))
                .run()) {
            for (int i = 0; i < CALLS; i++) {
                answered.add(call(program));
            }
            Recorder recorder = program.getBean(Recorder.class);
            assertThat(recorder.statistics().dropped()).isZero();
            assertThat(memory.summary(TimeWindow.all()).totalRecords()).isZero();
            full.set(false);
            assertThat(recorder.flush(PATIENCE)).isTrue();
            // Before the program ends, which closes a ledger that is a bean.
            assertThat(answered)
                    .doesNotHaveDuplicates()
                    .allMatch(id -> memory.find(RecordId.of("openai:" + id)).isPresent());
            assertThat(memory.summary(TimeWindow.all()).totalRecords()).isEqualTo(CALLS);
        }
        assertThat(folder.resolve("unused.db")).doesNotExist();
    }

    /** A ledger that takes nothing while there is no room. */
    private static Ledger fullable(Ledger ledger, AtomicBoolean full) {
        return (Ledger) Proxy.newProxyInstance(
                Ledger.class.getClassLoader(), new Class<?>[] {Ledger.class}, (self, method, arguments) -> {
                    if (full.get()
                            && (method.getName().equals("write")
                                    || method.getName().startsWith("append"))) {
                        throw new LedgerFullException("no room left, for the test", null);
                    }
                    try {
                        return method.invoke(ledger, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
