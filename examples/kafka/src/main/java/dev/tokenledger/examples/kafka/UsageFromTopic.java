package dev.tokenledger.examples.kafka;

import dev.tokenledger.Ledger;
import dev.tokenledger.kafka.KafkaImport;
import dev.tokenledger.kafka.KafkaImportStatistics;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.TimeWindow;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Brings the calls of a topic into a ledger, and prints what they cost. */
final class UsageFromTopic {

    private UsageFromTopic() {}

    /** The ledger's file, a broker's address and a topic; without these two, a broker of its own with the calls of a month. */
    public static void main(String[] arguments) throws Exception {
        Path file = Path.of(arguments[0]);
        if (arguments.length > 1) {
            follow(file, arguments[1], arguments[2], System.out);
        } else {
            month(file, Path.of("examples/october.ndjson"), System.out);
        }
    }

    /** This is all that a program needs. Several processes of it share the topic. */
    private static KafkaImport open(Ledger ledger, String address, String topic, PrintStream out) {
        return KafkaImport.into(ledger)
                .kafka(Map.of("bootstrap.servers", address, "group.id", "usage-ledger"))
                .topics(topic)
                .problems(out::println)
                .open();
    }

    private static void follow(Path file, String address, String topic, PrintStream out) {
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.bundled());
                KafkaImport calls = open(ledger, address, topic, out)) {
            Runtime.getRuntime().addShutdownHook(new Thread(calls::close));
            calls.run();
            print(ledger, calls.statistics(), out);
        }
    }

    /** The calls of a file on a broker of its own, and from there in the ledger. */
    static void month(Path file, Path october, PrintStream out) throws Exception {
        List<String> lines = Files.readAllLines(october);
        try (OwnBroker broker = new OwnBroker();
                Ledger ledger = SqliteLedger.open(file, PriceBook.bundled());
                KafkaImport calls = open(ledger, broker.address(), "llm-calls", out)) {
            broker.send("llm-calls", lines);
            Thread end = new Thread(() -> closeBehind(lines.size(), calls));
            end.setDaemon(true);
            end.start();
            calls.run();
            print(ledger, calls.statistics(), out);
        }
    }

    private static void closeBehind(long messages, KafkaImport calls) {
        try {
            while (calls.statistics().messages() < messages) {
                Thread.sleep(50);
            }
            calls.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void print(Ledger ledger, KafkaImportStatistics done, PrintStream out) {
        out.println(done.messages() + " messages: " + done.stored() + " calls stored, " + done.duplicates()
                + " known already");
        for (GroupedSummary model : ledger.summaryBy(Dimension.MODEL, TimeWindow.all())) {
            out.println(model.key() + ": " + model.summary().totalRecords() + " calls, "
                    + model.summary().totalCost() + " USD");
        }
    }
}
