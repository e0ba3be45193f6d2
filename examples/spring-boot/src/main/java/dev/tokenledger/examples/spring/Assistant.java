package dev.tokenledger.examples.spring;

import dev.tokenledger.Ledger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.TimeWindow;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.springframework.ai.chat.client.ChatClient;
import org.springframework.ai.chat.memory.ChatMemory;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Asks a model for two teams, once in a whole and once as a stream, and prints what each team's calls cost. */
@SpringBootApplication(proxyBeanMethods = false)
class Assistant {

    Assistant() {}

    /** The ledger's file is the first argument. */
    public static void main(String[] arguments) throws IOException {
        run(Path.of(arguments[0]), System.out);
    }

    static void run(Path ledger, PrintStream out) throws IOException {
        try (FakeModel model = new FakeModel();
                ConfigurableApplicationContext program = new SpringApplicationBuilder(Assistant.class)
                        .web(WebApplicationType.NONE)
                        .properties(Map.of(
                                "tokenledger.ledger", ledger.toString(),
                                "spring.ai.anthropic.base-url", model.address()))
                        .run()) {
            long before =
                    program.getBean(Ledger.class).summary(TimeWindow.all()).totalRecords();
            ChatClient client = program.getBean(ChatClient.Builder.class).build();
            out.println(request(client, "search").call().content());
            out.println(String.join(
                    "",
                    request(client, "support").stream().content().collectList().block(Duration.ofMinutes(1))));
            Ledger recorded = program.getBean(Ledger.class);
            // For the example alone, which ends here: a stream is recorded a moment after its reader has all of it.
            Instant patience = Instant.now().plusSeconds(60);
            while (recorded.summary(TimeWindow.all()).totalRecords() < before + 2
                    && Instant.now().isBefore(patience)) {
                LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
            }
            for (GroupedSummary team : recorded.summaryBy(Dimension.parse("attribute.team"), TimeWindow.all())) {
                out.println(team.key() + ": " + team.summary().totalRecords() + " calls, "
                        + team.summary().totalCacheReadInputTokens() + " tokens from the cache, "
                        + team.summary().totalCost() + " USD");
            }
        }
    }

    private static ChatClient.ChatClientRequestSpec request(ChatClient client, String team) {
        return client.prompt("How will the weather be?")
                .advisors(advisors -> advisors.param(ChatMemory.CONVERSATION_ID, "example-" + team)
                        .param("tokenledger.team", team));
    }
}
