package dev.tokenledger.postgres;

import dev.tokenledger.postgres.testing.FaultProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;

/** Tells the story in a process of its own, and prints what each chapter says as soon as it is acknowledged. */
final class StoryChild {

    private StoryChild() {}

    public static void main(String[] arguments) throws Exception {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {Integer.parseInt(arguments[0])});
        source.setDatabaseName("postgres");
        source.setUser("postgres");
        source.setSslMode("disable");
        source.setGssEncMode("disable");
        try (PostgresLedger ledger = Story.open(source, arguments[1])) {
            for (int chapter = 0; chapter < Story.length(); chapter++) {
                System.out.println(Story.tell(ledger, chapter));
                System.out.flush();
            }
        }
    }

    /** Starts one; what it writes to standard error is this process's. */
    static Process start(FaultProxy proxy, String schema) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-XX:-UsePerfData"));
        for (String property : List.of("user.timezone", "user.language", "user.extensions")) {
            String value = System.getProperty(property);
            if (value != null) {
                command.add("-D" + property + "=" + value);
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), StoryChild.class.getName()));
        command.addAll(List.of(Integer.toString(proxy.port()), schema));
        try {
            return new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a child printed, until its end; a line that its death cut short does not count. */
    static List<String> printed(Process child) throws IOException {
        StringBuilder text = new StringBuilder();
        try (BufferedReader reader =
                new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
            for (int next = reader.read(); next >= 0; next = reader.read()) {
                text.append((char) next);
            }
        }
        int end = text.lastIndexOf("\n");
        return end < 0 ? List.of() : text.substring(0, end).lines().toList();
    }
}
