package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a child did to the disk, and what it acknowledged, in one order: the log that {@code interpose.c} wrote. */
record WriteLog(List<Event> events) {

    private static final int HEAD_BYTES = 5 * Long.BYTES;
    private static final int CREATED = 1;
    private static final int FOLDER = 2;

    /** One thing that happened. Files are numbered; a name that is created anew is a new file. */
    sealed interface Event {

        record Opened(int file, String name, boolean created, boolean folder) implements Event {}

        record Written(int file, long offset, ByteBuffer data) implements Event {}

        record Truncated(int file, long size) implements Event {}

        record SyncBegun(int file, long token) implements Event {}

        record SyncEnded(int file, long token, boolean succeeded) implements Event {}

        record Unlinked(String name) implements Event {}

        record Renamed(String from, String to) implements Event {}

        /** A text on standard output: acknowledgements. */
        record Printed(String text) implements Event {}

        /** A call that was made to fail; a sync's own two events follow. */
        record Failed(int file) implements Event {}
    }

    static WriteLog read(Path file) throws IOException {
        ByteBuffer log = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        // A child that was killed can leave half an entry at the end.
        while (log.remaining() >= HEAD_BYTES) {
            int kind = (int) log.getLong();
            int number = (int) log.getLong();
            long offset = log.getLong();
            int length = (int) log.getLong();
            long token = log.getLong();
            if (log.remaining() < length) {
                break;
            }
            byte[] data = new byte[length];
            log.get(data);
            events.add(event(kind, number, offset, data, token));
        }
        return new WriteLog(List.copyOf(events));
    }

    private static Event event(int kind, int file, long offset, byte[] data, long token) {
        return switch (kind) {
            case 1 ->
                new Event.Opened(
                        file, new String(data, StandardCharsets.UTF_8), (token & CREATED) != 0, (token & FOLDER) != 0);
            case 2 -> new Event.Written(file, offset, ByteBuffer.wrap(data));
            case 3 -> new Event.Truncated(file, offset);
            case 4 -> new Event.SyncBegun(file, token);
            case 5 -> new Event.SyncEnded(file, token, offset == 0);
            case 6 -> new Event.Unlinked(new String(data, StandardCharsets.UTF_8));
            case 7 -> {
                String[] names = new String(data, StandardCharsets.UTF_8).split("\0", 2);
                yield new Event.Renamed(names[0], names[1]);
            }
            case 8 -> new Event.Printed(new String(data, StandardCharsets.UTF_8));
            case 9 -> new Event.Failed(file);
            default -> throw new IllegalArgumentException("no such kind of entry: " + kind);
        };
    }

    /** How often a file was written to at its very beginning. */
    long beginnings(String name) {
        List<Integer> numbers = events.stream()
                .filter(event ->
                        event instanceof Event.Opened opened && opened.name().equals(name))
                .map(event -> ((Event.Opened) event).file())
                .toList();
        return events.stream()
                .filter(event -> event instanceof Event.Written written
                        && written.offset() == 0
                        && numbers.contains(written.file()))
                .count();
    }

    /** The whole lines that were printed before an event. */
    List<String> linesBefore(int event) {
        StringBuilder text = new StringBuilder();
        for (Event seen : events.subList(0, event)) {
            if (seen instanceof Event.Printed printed) {
                text.append(printed.text());
            }
        }
        int end = text.lastIndexOf("\n");
        return end < 0 ? List.of() : List.of(text.substring(0, end).split("\n"));
    }
}
