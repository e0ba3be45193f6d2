package dev.tokenledger.formats.bills;

import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Takes what readers of bills find. Not safe for use by several threads. */
final class BillSink {

    private final ZoneId zone;
    private final List<BillLine> lines = new ArrayList<>();
    private Instant start = Instant.MAX;
    private Instant end = Instant.MIN;

    /** What one figure is about; two files that state the same would be added up. */
    private record Subject(
            BillLine.Kind kind,
            boolean money,
            Instant start,
            Instant end,
            String model,
            String what,
            String tier,
            String region,
            boolean longContext,
            String project,
            String callId,
            String text) {}

    BillSink(ZoneId zone) {
        this.zone = zone;
    }

    /** The zone of days that a file states without one. */
    ZoneId zone() {
        return zone;
    }

    void add(BillLine line) {
        if (lines.size() == Bill.MAX_LINES) {
            throw Bill.KIND.unusable(
                    line.file(), "there are more than " + Bill.MAX_LINES + " lines; give the files of a shorter span");
        }
        lines.add(line);
        cover(line.start(), line.end());
    }

    /** That the files cover a span, whether anything is stated for it or not. */
    void cover(Instant from, Instant to) {
        start = from.isBefore(start) ? from : start;
        end = to.isAfter(end) ? to : end;
    }

    boolean covers() {
        return start.isBefore(end);
    }

    Instant start() {
        return start;
    }

    Instant end() {
        return end;
    }

    List<BillLine> lines() {
        return lines;
    }

    /** Several rows of one file may be about the same; files are pages of one report, or reports of different things. */
    void refuseRepetition() {
        Map<Subject, BillLine> first = new HashMap<>();
        for (BillLine line : lines) {
            Subject subject = new Subject(
                    line.kind(),
                    line.amount().isPresent(),
                    line.start(),
                    line.end(),
                    line.model(),
                    line.what(),
                    line.tier(),
                    line.region(),
                    line.longContext(),
                    line.project(),
                    line.callId(),
                    line.text());
            BillLine before = first.putIfAbsent(subject, line);
            if (before != null && !before.file().equals(line.file())) {
                throw Bill.KIND.unusable(
                        line.file(),
                        "line " + line.line() + " states what line " + before.line() + " of " + before.file()
                                + " has stated; give each report once");
            }
        }
    }
}
