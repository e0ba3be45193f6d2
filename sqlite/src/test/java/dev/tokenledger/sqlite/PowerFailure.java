package dev.tokenledger.sqlite;

import dev.tokenledger.sqlite.WriteLog.Event;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * What a disk may hold after the power fails in the middle of a {@link WriteLog}.
 *
 * <p>Everything before a file's last successful sync is there, as it was when that sync began. Each later write is, at
 * random, there, not there, or torn: each of its sectors of 512 bytes there or not; and a file may have grown by a write
 * whose bytes never came, which then read as zeros. Creations, renames and removals of names become durable in their
 * order, those up to the folder's last sync certainly, a random number of the later ones. What a failed sync should have
 * brought to the disk is decided at random there and then, and no later sync brings it back: so do kernels treat pages
 * that they could not write.
 */
final class PowerFailure {

    private static final int SECTOR = 512;

    private final WriteLog log;
    private final Random random;
    private final Map<Integer, Disk> files = new HashMap<>();
    private final Map<String, Integer> names = new TreeMap<>();
    private final List<Event> unsyncedNames = new ArrayList<>();
    private final Map<Long, Integer> namesAtSync = new HashMap<>();
    private int folder;
    private int position;

    PowerFailure(WriteLog log, Random random) {
        this.log = log;
        this.random = random;
    }

    /** How much of what was not synced survives. */
    enum Fate {
        LOST,
        KEPT,
        MIXED
    }

    /** One file: what is certainly on disk, and what was written since. */
    private static final class Disk {
        private byte[] durable = new byte[0];
        private List<Event> unsynced = new ArrayList<>();
        private final Map<Long, Integer> unsyncedAtSync = new HashMap<>();
    }

    /** Goes on to the moment before this event; not backwards. */
    void advanceTo(int event) {
        for (; position < event; position++) {
            apply(log.events().get(position));
        }
    }

    /** Writes what may be on disk at the present moment into an empty folder. */
    void writeTo(Path target, Fate fate) throws IOException {
        Map<String, Integer> there = new TreeMap<>(names);
        int certain = unsyncedNames.size();
        int kept = switch (fate) {
            case LOST -> 0;
            case KEPT -> certain;
            case MIXED -> random.nextInt(certain + 1);
        };
        unsyncedNames.subList(0, kept).forEach(event -> rename(there, event));
        for (Map.Entry<String, Integer> name : there.entrySet()) {
            Disk disk = files.get(name.getValue());
            Files.write(target.resolve(name.getKey()), survivors(disk.durable, disk.unsynced, fate));
        }
    }

    private void apply(Event event) {
        if (event instanceof Event.Opened opened) {
            files.put(opened.file(), new Disk());
            if (opened.folder()) {
                folder = opened.file();
            } else if (opened.created()) {
                unsyncedNames.add(opened);
            } else {
                throw new IllegalArgumentException(
                        opened.name() + " was there before the log began, so what is on disk of it is unknown");
            }
        } else if (event instanceof Event.Written written) {
            files.get(written.file()).unsynced.add(written);
        } else if (event instanceof Event.Truncated truncated) {
            files.get(truncated.file()).unsynced.add(truncated);
        } else if (event instanceof Event.Unlinked || event instanceof Event.Renamed) {
            unsyncedNames.add(event);
        } else if (event instanceof Event.SyncBegun begun) {
            Disk disk = files.get(begun.file());
            disk.unsyncedAtSync.put(begun.token(), disk.unsynced.size());
            namesAtSync.put(begun.token(), unsyncedNames.size());
        } else if (event instanceof Event.SyncEnded ended) {
            if (ended.file() == folder) {
                syncNames(ended);
            } else {
                sync(files.get(ended.file()), ended);
            }
        }
    }

    private void sync(Disk disk, Event.SyncEnded ended) {
        int synced = disk.unsyncedAtSync.remove(ended.token());
        disk.durable =
                survivors(disk.durable, disk.unsynced.subList(0, synced), ended.succeeded() ? Fate.KEPT : Fate.MIXED);
        disk.unsynced = new ArrayList<>(disk.unsynced.subList(synced, disk.unsynced.size()));
        disk.unsyncedAtSync.replaceAll((token, count) -> Math.max(0, count - synced));
    }

    private void syncNames(Event.SyncEnded ended) {
        int synced = namesAtSync.remove(ended.token());
        if (ended.succeeded()) {
            unsyncedNames.subList(0, synced).forEach(event -> rename(names, event));
            unsyncedNames.subList(0, synced).clear();
            namesAtSync.replaceAll((token, count) -> Math.max(0, count - synced));
        }
    }

    private static void rename(Map<String, Integer> names, Event event) {
        if (event instanceof Event.Opened opened) {
            names.put(opened.name(), opened.file());
        } else if (event instanceof Event.Unlinked unlinked) {
            names.remove(unlinked.name());
        } else if (event instanceof Event.Renamed renamed) {
            Integer file = names.remove(renamed.from());
            if (file != null) {
                names.put(renamed.to(), file);
            }
        }
    }

    private byte[] survivors(byte[] durable, List<Event> unsynced, Fate fate) {
        Content content = new Content(durable);
        for (Event event : unsynced) {
            boolean torn = fate == Fate.MIXED && random.nextInt(3) == 0;
            boolean kept = fate == Fate.KEPT || (fate == Fate.MIXED && random.nextBoolean());
            if (event instanceof Event.Truncated truncated && kept) {
                content.truncate((int) truncated.size());
            } else if (event instanceof Event.Written written) {
                if (torn) {
                    tear(content, written);
                } else if (kept) {
                    content.write(
                            (int) written.offset(),
                            written.data(),
                            0,
                            written.data().capacity());
                } else if (fate == Fate.MIXED && random.nextBoolean()) {
                    content.grow((int) written.offset() + written.data().capacity());
                }
            }
        }
        return content.bytes();
    }

    private void tear(Content content, Event.Written written) {
        int offset = (int) written.offset();
        int length = written.data().capacity();
        for (int from = 0; from < length; ) {
            int to = Math.min(length, ((offset + from) / SECTOR + 1) * SECTOR - offset);
            if (random.nextBoolean()) {
                content.write(offset, written.data(), from, to);
            } else if (random.nextBoolean()) {
                content.grow(offset + to);
            }
            from = to;
        }
    }

    /** Bytes that grow with zeros. */
    private static final class Content {

        private byte[] bytes;
        private int size;

        Content(byte[] initial) {
            bytes = initial.clone();
            size = initial.length;
        }

        void write(int offset, ByteBuffer data, int from, int to) {
            grow(offset + to);
            data.get(from, bytes, offset + from, to - from);
        }

        void grow(int length) {
            if (length > bytes.length) {
                bytes = Arrays.copyOf(bytes, Math.max(length, bytes.length * 2));
            }
            size = Math.max(size, length);
        }

        void truncate(int length) {
            if (length < size) {
                Arrays.fill(bytes, length, size, (byte) 0);
            }
            grow(length);
            size = length;
        }

        byte[] bytes() {
            return Arrays.copyOf(bytes, size);
        }
    }
}
