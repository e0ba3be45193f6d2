package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerUnavailableException;
import dev.tokenledger.formats.budgets.Budget;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.usage.RecordId;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A program that is killed while LangChain4j calls, with its ledger there and with its ledger away. */
@Tag("once")
class KilledProgramTest extends RecordingFixture {

    private static final int CALLS = 40;

    /** Calls models as fast as it can, in a whole and streamed, and prints the id of each answer that it has. */
    static final class Child {
        public static void main(String[] args) throws Exception {
            Path database = Path.of(args[1]);
            Recorder recorder = Recorder.builder(
                            () -> {
                                if (!Files.exists(database)) {
                                    throw new LedgerUnavailableException("away for the test", null);
                                }
                                return SqliteLedger.open(database, PriceBook.bundled());
                            },
                            Path.of(args[2]))
                    .pauses(Duration.ofMillis(1), Duration.ofMillis(20))
                    .maxDelay(Duration.ofMinutes(1))
                    .problems(problem -> {})
                    .build();
            LangChain4jRecording recording = LangChain4jRecording.to(recorder).build();
            ChatModel model = OpenAiChatModel.builder()
                    .baseUrl(args[0] + "/v1")
                    .apiKey("k")
                    .modelName("gpt-4.1")
                    .listeners(List.of(recording.chatListener()))
                    .build();
            StreamingChatModel streaming = OpenAiStreamingChatModel.builder()
                    .baseUrl(args[0] + "/v1")
                    .apiKey("k")
                    .modelName("gpt-4.1")
                    .httpClientBuilder(RecordingHttpClient.builder(recording))
                    .listeners(List.of(recording.chatListener()))
                    .build();
            while (true) {
                System.out.println(model.chat(request()).id());
                System.out.println(stream(streaming).get(1, TimeUnit.MINUTES).id());
            }
        }
    }

    /** The recorder acknowledges a call before its caller has the answer, so that every answer that was printed counts. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void killedProgram_losesNoCallThatWasAnswered(boolean away) throws Exception {
        Path database = folder.resolve("usage.db");
        Path spool = folder.resolve("spool-of-child");
        if (!away) {
            SqliteLedger.open(database, PriceBook.bundled()).close();
        }
        Set<String> answered = new HashSet<>();
        Process child = new ProcessBuilder(
                        ProcessHandle.current().info().command().orElseThrow(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName(),
                        base(),
                        database.toString(),
                        spool.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (var lines = child.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("chatcmpl-fake")) {
                    answered.add(line);
                }
                if (answered.size() == CALLS) {
                    child.toHandle().destroyForcibly();
                }
            }
        } finally {
            child.destroyForcibly().waitFor();
        }
        assertThat(answered).hasSizeGreaterThanOrEqualTo(CALLS);
        try (Ledger stored = SqliteLedger.open(database, PriceBook.bundled());
                Recorder next = Recorder.builder(stored, spool).build()) {
            assertThat(next.flush(Duration.ofMinutes(1))).isTrue();
            assertThat(answered)
                    .allMatch(id -> stored.find(RecordId.of("openai:" + id)).isPresent());
            assertThat(stored.verify().clean()).isTrue();
        }
    }

    /** A budget's room that a killed program had reserved is there until it expires, and its spooled record ends it. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void reservationOfACallThatIsSpooled_endsWithTheReplay(boolean stream) throws Exception {
        Path file = folder.resolve("guarded.db");
        Path spool = folder.resolve("spool-of-guarded");
        Budget all = new Budget("all", Map.of(), Budget.Period.MONTH, Usd.parse("10"), Optional.empty());
        try (Ledger stored = SqliteLedger.open(file, PriceBook.bundled())) {
            try (Recorder first = Recorder.builder(
                            () -> {
                                throw new LedgerUnavailableException("away for the test", null);
                            },
                            spool)
                    .problems(problems::add)
                    .pauses(Duration.ofMillis(1), Duration.ofMillis(20))
                    .closeTimeout(Duration.ofMinutes(1))
                    .build()) {
                CallGuard guard = CallGuard.builder(BudgetGuard.of(stored, all), first)
                        .maxDelay(Duration.ofMinutes(1))
                        .build();
                LangChain4jRecording own = LangChain4jRecording.to(first).build();
                if (stream) {
                    stream(own.guarded(Provider.OPENAI.streaming(own, true, true, "gpt-4.1"), guard))
                            .get(30, TimeUnit.SECONDS);
                } else {
                    own.guarded(Provider.OPENAI.chat(own, false, true, "gpt-4.1"), guard)
                            .chat(request());
                }
            }
            assertThat(stored.readerStates("budget-guard/open/")).hasSize(1);
            try (Recorder next = Recorder.builder(stored, spool).build()) {
                assertThat(next.flush(Duration.ofMinutes(1))).isTrue();
            }
            assertThat(stored.readerStates("budget-guard/open/")).isEmpty();
            assertThat(recordsOf(stored)).hasSize(1);
        }
    }
}
