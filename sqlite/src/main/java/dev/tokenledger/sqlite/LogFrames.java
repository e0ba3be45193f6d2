package dev.tokenledger.sqlite;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The frames of a write-ahead log that are whole, also those behind a damaged one, and what a file is with them applied.
 *
 * <p>A frame's checksum goes on from the one before it, so SQLite takes the first damaged frame for the log's end. Here a frame
 * counts as whole if it goes on from the checksum that is written in the frame before, or from what that should have been.
 *
 * @param pageSize bytes of a page; 0 if there is no log
 * @param frames the whole ones up to the last commit, in order
 * @param pages how many pages the file has after the last commit
 * @param damaged how many frames up to the last commit are not whole
 */
record LogFrames(int pageSize, List<Frame> frames, long pages, int damaged) {

    private static final LogFrames NONE = new LogFrames(0, List.of(), 0, 0);

    /**
     * One page as it was written.
     *
     * @param page its number, from 1
     * @param position where its content begins in the log
     */
    record Frame(long page, long position) {}

    /** Whether there is nothing that could be applied. */
    boolean isEmpty() {
        return frames.isEmpty();
    }

    /** Whether all pages of the file are among them, so that the file itself is not needed. */
    boolean holdAllPages() {
        BitSet found = new BitSet();
        frames.forEach(frame -> found.set((int) frame.page));
        return !isEmpty() && found.nextClearBit(1) > pages;
    }

    /** How many different pages they hold. */
    long distinctPages() {
        return frames.stream().mapToLong(Frame::page).distinct().count();
    }

    /** Reads a log; one that is missing, or whose header is damaged, has no frames. */
    static LogFrames of(Path wal) throws IOException {
        if (!Files.isRegularFile(wal)) {
            return NONE;
        }
        try (FileChannel channel = FileChannel.open(wal, StandardOpenOption.READ)) {
            ByteBuffer header = ByteBuffer.allocate(WalFormat.HEADER);
            if (!WalFormat.fill(channel, header, 0) || !WalFormat.hasMagic(header)) {
                return NONE;
            }
            int pageSize = header.getInt(8);
            if (pageSize < WalFormat.SMALLEST_PAGE
                    || pageSize > WalFormat.LARGEST_PAGE
                    || Integer.bitCount(pageSize) != 1) {
                return NONE;
            }
            return read(channel, header, pageSize);
        }
    }

    private static LogFrames read(FileChannel channel, ByteBuffer header, int pageSize) throws IOException {
        ByteOrder order = WalFormat.order(header);
        long salts = header.getLong(16);
        long written = header.getLong(24);
        long computed = WalFormat.sum(header, order, 0, 24, 0);
        List<Frame> whole = new ArrayList<>();
        int committed = 0;
        int damagedSoFar = 0;
        int damaged = 0;
        long pages = 0;
        ByteBuffer frame = ByteBuffer.allocate(WalFormat.FRAME_HEADER + pageSize);
        for (long start = WalFormat.HEADER; WalFormat.fill(channel, frame, start); start += frame.capacity()) {
            long stated = frame.getLong(16);
            long next = WalFormat.sumOfFrame(frame, order, written);
            long other = WalFormat.sumOfFrame(frame, order, computed);
            boolean ofThisLog = frame.getLong(8) == salts;
            if (ofThisLog && (next == stated || other == stated)) {
                whole.add(new Frame(frame.getInt(0) & 0xffff_ffffL, start + WalFormat.FRAME_HEADER));
                long size = frame.getInt(4) & 0xffff_ffffL;
                if (size > 0) {
                    committed = whole.size();
                    damaged = damagedSoFar;
                    pages = size;
                }
            } else {
                damagedSoFar++;
            }
            written = stated;
            computed = next == stated ? next : other;
        }
        return new LogFrames(pageSize, List.copyOf(whole.subList(0, committed)), pages, damaged);
    }

    /** Writes them, from their log, into a copy of the file that they belong to, which is cut or extended to its pages. */
    void applyTo(Path copy, Path wal) throws IOException {
        try (FileChannel from = FileChannel.open(wal, StandardOpenOption.READ);
                FileChannel to = FileChannel.open(copy, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            ByteBuffer page = ByteBuffer.allocate(pageSize);
            for (Frame frame : frames) {
                if (frame.page <= pages && WalFormat.fill(from, page, frame.position)) {
                    page.flip();
                    long at = (frame.page - 1) * pageSize;
                    while (page.hasRemaining()) {
                        at += to.write(page, at);
                    }
                }
            }
            to.truncate(pages * pageSize);
            to.force(true);
        }
    }
}
