package dev.tokenledger.examples.langchain4j;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.invocation.InvocationParameters;
import dev.langchain4j.memory.chat.MessageWindowChatMemory;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.MemoryId;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.UserMessage;
import dev.tokenledger.Ledger;
import dev.tokenledger.langchain4j.LangChain4jRecording;
import dev.tokenledger.langchain4j.RecordingHttpClient;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.Recorder;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Serves two guests by a streamed assistant with a tool, and prints what each guest's calls cost. */
final class Concierge {

    private Concierge() {}

    /** An assistant, as LangChain4j's programs declare them. */
    interface Assistant {
        TokenStream answer(@MemoryId String guest, @UserMessage String question, InvocationParameters parameters);
    }

    /** What the model can have done. */
    static final class Tools {

        @Tool("Books a table")
        String book(@P("persons") int persons) {
            return "a table for " + persons + " at eight";
        }
    }

    /** The ledger's file is the first argument. */
    public static void main(String[] arguments) throws Exception {
        run(Path.of(arguments[0]), System.out);
    }

    static void run(Path file, PrintStream out) throws Exception {
        try (FakeModel server = new FakeModel();
                Ledger ledger = SqliteLedger.open(file, PriceBook.bundled())) {
            try (Recorder recorder = Recorder.builder(ledger, spool(file)).build()) {
                serve(server, recorder, out);
                if (!recorder.flush(Duration.ofMinutes(1))) {
                    throw new IOException("cannot write to " + file + "; the calls are in " + spool(file));
                }
            }
            for (GroupedSummary guest : ledger.summaryBy(Dimension.parse("attribute.guest"), TimeWindow.all())) {
                out.println(guest.key() + ": " + guest.summary().totalRecords() + " calls, "
                        + guest.summary().totalCacheReadInputTokens() + " tokens from the cache, "
                        + guest.summary().totalCost() + " USD");
            }
        }
    }

    private static Path spool(Path file) {
        return Path.of(file + ".spool");
    }

    private static void serve(FakeModel server, Recorder recorder, PrintStream out) throws Exception {
        // These three are what a program adds: the recording, its hooks in the model, its listeners in the service.
        LangChain4jRecording recording = LangChain4jRecording.to(recorder).build();
        StreamingChatModel model = OpenAiStreamingChatModel.builder()
                .baseUrl(server.address())
                .apiKey("none")
                .modelName("gpt-4.1-mini")
                .httpClientBuilder(RecordingHttpClient.builder(recording))
                .listeners(List.of(recording.chatListener()))
                .build();
        Assistant assistant = AiServices.builder(Assistant.class)
                .streamingChatModel(model)
                .tools(new Tools())
                .chatMemoryProvider(guest -> MessageWindowChatMemory.withMaxMessages(20))
                .registerListeners(recording.serviceListeners())
                .build();
        for (String guest : List.of("Amara", "Bente")) {
            CompletableFuture<ChatResponse> answer = new CompletableFuture<>();
            assistant
                    .answer(guest, "A table for four, please.", InvocationParameters.from("guest", guest))
                    .onPartialResponse(text -> {})
                    .onCompleteResponse(answer::complete)
                    .onError(answer::completeExceptionally)
                    .start();
            out.println(
                    guest + ": " + answer.get(1, TimeUnit.MINUTES).aiMessage().text());
        }
    }
}
