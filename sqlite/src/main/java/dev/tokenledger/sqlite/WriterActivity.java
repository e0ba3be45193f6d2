package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What the work of a process that writes to a ledger shows by, from outside: the sizes and times of the ledger's files and, on
 * Linux, the processor time of those that hold its write lock. A long transaction, such as that of {@code rebuild}, may write
 * nothing for minutes.
 */
public final class WriterActivity implements Supplier<String> {

    private static final Path LOCKS = Path.of("/proc/locks");

    private final Path file;

    private WriterActivity(Path file) {
        this.file = file;
    }

    /** The activity at a ledger's file. */
    public static WriterActivity at(Path file) {
        return new WriterActivity(file);
    }

    /** A text that is another one while a writer is at work; the same while nothing is done. Never fails. */
    @Override
    public String get() {
        StringBuilder text = new StringBuilder();
        for (String suffix : new String[] {"", "-wal", "-journal"}) {
            Path beside = Path.of(file + suffix);
            try {
                text.append(Files.size(beside))
                        .append('@')
                        .append(Files.getLastModifiedTime(beside))
                        .append(' ');
            } catch (IOException e) {
                text.append("- ");
            }
        }
        for (String process : holders()) {
            text.append(process).append(':').append(processorTime(process)).append(' ');
        }
        return text.toString();
    }

    /** The processes that hold write locks on the ledger's files. */
    private Set<String> holders() {
        Set<String> processes = new TreeSet<>();
        try {
            Set<String> inodes = new TreeSet<>();
            for (String suffix : new String[] {"", "-shm"}) {
                Path beside = Path.of(file + suffix);
                if (Files.exists(beside)) {
                    inodes.add(String.valueOf(Files.getAttribute(beside, "unix:ino")));
                }
            }
            for (String line :
                    Files.readString(LOCKS, StandardCharsets.US_ASCII).split("\n")) {
                // 1: POSIX  ADVISORY  WRITE 12345 08:01:654321 120 120
                String[] words = line.trim().split("\\s+");
                if (words.length >= 8
                        && words[3].equals("WRITE")
                        && inodes.contains(words[5].substring(words[5].lastIndexOf(':') + 1))) {
                    processes.add(words[4]);
                }
            }
        } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
            // Not Linux, or not allowed: the files alone say it.
        }
        return processes;
    }

    private static String processorTime(String process) {
        try {
            String stat = Files.readString(Path.of("/proc", process, "stat"), StandardCharsets.ISO_8859_1);
            // Behind the name, which may hold anything: user and system time are the 12th and 13th field.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            return fields[11] + "+" + fields[12];
        } catch (IOException | IndexOutOfBoundsException e) {
            return "-";
        }
    }
}
