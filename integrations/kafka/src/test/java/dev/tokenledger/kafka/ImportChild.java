package dev.tokenledger.kafka;

import dev.tokenledger.Ledger;
import dev.tokenledger.postgres.PostgresAddress;
import dev.tokenledger.postgres.PostgresLedger;
import dev.tokenledger.sqlite.SqliteLedger;
import dev.tokenledger.testkit.Samples;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A process that imports a topic, and may be told to end at once, as if killed, before or after one of its commits. */
final class ImportChild {

    private ImportChild() {}

    /**
     * One that is to be started.
     *
     * @param place a file, or the address of a schema
     * @param end how many messages there are in all; once the ledger has them it prints "done" and ends
     * @param halt at which step it ends: twice the number of the commit, less one if it is to end before it; 0 for none
     */
    static ProcessBuilder process(String broker, String topic, String group, String place, long end, int halt) {
        List<String> command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-Xmx128m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Dslf4j.internal.verbosity=ERROR"));
        if (Runtime.version().feature() >= 24) {
            command.add("--enable-native-access=ALL-UNNAMED");
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), ImportChild.class.getName()));
        command.addAll(List.of(broker, topic, group, place, Long.toString(end), Integer.toString(halt)));
        return new ProcessBuilder(command).redirectErrorStream(true);
    }

    static Ledger open(String place) {
        if (!PostgresAddress.isAddress(place)) {
            return SqliteLedger.open(Path.of(place), Samples.prices());
        }
        PostgresAddress address = PostgresAddress.parse(place, Map.of(), warning -> {});
        PostgresLedger.Builder builder =
                PostgresLedger.builder().prices(Samples.prices()).onWarning(warning -> {});
        address.schema().ifPresent(builder::schema);
        return builder.open(address.dataSource());
    }

    /** How many messages of a topic are dealt with. */
    static long read(Ledger ledger, String topic) {
        return ledger.readerStates(Partition.PREFIX + topic + ":").entrySet().stream()
                .mapToLong(state ->
                        Position.parse(state.getKey(), state.getValue()).offset())
                .sum();
    }

    static Map<String, Object> settings(String broker, String group) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", broker);
        settings.put("group.id", group);
        settings.put("session.timeout.ms", 1_000);
        settings.put("heartbeat.interval.ms", 200);
        return settings;
    }

    /** Does something before each write on a condition, and something after it. */
    static Ledger around(Ledger ledger, Runnable before, Runnable after) {
        return (Ledger) Proxy.newProxyInstance(
                Ledger.class.getClassLoader(), new Class<?>[] {Ledger.class}, (proxy, method, arguments) -> {
                    boolean write = method.getName().equals("writeIf");
                    if (write) {
                        before.run();
                    }
                    Object result;
                    try {
                        result = method.invoke(ledger, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                    if (write) {
                        after.run();
                    }
                    return result;
                });
    }

    /** The arguments are those of {@link #process}. */
    public static void main(String[] arguments) {
        String topic = arguments[1];
        long end = Long.parseLong(arguments[4]);
        int halt = Integer.parseInt(arguments[5]);
        int[] steps = new int[1];
        Ledger ledger = open(arguments[3]);
        Runnable step = () -> {
            steps[0]++;
            if (steps[0] == halt) {
                Runtime.getRuntime().halt(9);
            }
        };
        Runnable whenDone = () -> {
            if (read(ledger, topic) == end) {
                System.out.println("done");
                Runtime.getRuntime().halt(0);
            }
        };
        whenDone.run();
        try (KafkaImport calls = KafkaImport.into(around(ledger, step, () -> {
                    step.run();
                    whenDone.run();
                }))
                .kafka(settings(arguments[0], arguments[2]))
                .topics(List.of(topic))
                .batchRecords(40)
                .problems(System.out::println)
                .open()) {
            calls.run();
        }
    }
}
