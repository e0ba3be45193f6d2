package dev.tokenledger.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a program prints: the machine, then its measurements, then a table of figures with their targets. */
final class Report {

    private static final String ROW = "%-62s %-16s %-58s %s%n";

    private final PrintStream out;
    private final List<Figure> figures = new ArrayList<>();

    private enum Bound {
        NONE,
        AT_LEAST,
        AT_MOST
    }

    private record Figure(
            String name, Bound bound, double target, String unit, Sample values, Optional<Sample> processor) {

        String targetText() {
            return switch (bound) {
                case NONE -> "";
                case AT_LEAST -> "≥ " + number(target) + unit;
                case AT_MOST -> "≤ " + number(target) + unit;
            };
        }

        String valueText() {
            return spread(values)
                    + processor.map(sample -> "; processor " + spread(sample)).orElse("");
        }

        private String spread(Sample sample) {
            String ends = sample.size() == 1 ? "" : " (" + number(sample.min()) + "–" + number(sample.max()) + ")";
            return number(sample.median()) + unit + ends;
        }

        String verdict() {
            if (bound == Bound.NONE) {
                return "";
            }
            return meets(values) && processor.map(this::meets).orElse(true) ? "met" : "MISSED";
        }

        private boolean meets(Sample sample) {
            double value = sample.median();
            return bound == Bound.AT_LEAST ? value >= target : value <= target;
        }
    }

    private Report(PrintStream out) {
        this.out = out;
    }

    /**
     * Begins a report with the facts that its figures depend on.
     *
     * @param folder where the stores are, whose disk is probed
     */
    static Report begin(PrintStream out, String program, Options options, Path folder) throws IOException {
        Report report = new Report(out);
        report.line("%s %s", program, options);
        report.line(
                "machine: %d cores, %s %s, %s %s, heap %d MB, %s",
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                System.getProperty("java.vm.name"),
                System.getProperty("java.version"),
                Runtime.getRuntime().maxMemory() >> 20,
                ManagementFactory.getGarbageCollectorMXBeans().stream()
                        .map(GarbageCollectorMXBean::getName)
                        .collect(Collectors.joining(" + ")));
        report.line("%s; a 4 kB write and fsync in %s: %s", sqlite(), folder, fsync(folder));
        return report;
    }

    private static String sqlite() {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite::memory:");
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT sqlite_version()")) {
            found.next();
            return "SQLite " + found.getString(1) + " through "
                    + connection.getMetaData().getDriverName() + " "
                    + connection.getMetaData().getDriverVersion();
        } catch (SQLException e) {
            throw new IllegalStateException("SQLite does not load", e);
        }
    }

    private static String fsync(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path probe = Files.createTempFile(folder, "fsync", ".probe");
        double[] millis = new double[200];
        try (FileChannel channel = FileChannel.open(probe, StandardOpenOption.WRITE)) {
            for (int i = 0; i < millis.length; i++) {
                long started = System.nanoTime();
                channel.write(ByteBuffer.allocate(4096));
                channel.force(false);
                millis[i] = (System.nanoTime() - started) / 1e6;
            }
        } finally {
            Files.delete(probe);
        }
        Arrays.sort(millis);
        return String.format(
                Locale.ROOT,
                "median %.2f ms, p99 %.2f ms",
                millis[millis.length / 2],
                millis[millis.length * 99 / 100]);
    }

    /** Prints a line at once. */
    @SuppressWarnings("AnnotateFormatMethod") // as below
    void line(String format, Object... values) {
        out.println(text(format, values));
        out.flush();
    }

    /** Notes a figure without a target. */
    void figure(String name, String unit, double... values) {
        add(name, Bound.NONE, 0, unit, values);
    }

    /** Notes a figure whose median should be so high. */
    void atLeast(String name, double target, String unit, double... values) {
        add(name, Bound.AT_LEAST, target, unit, values);
    }

    /** Notes a figure whose median should be so low. */
    void atMost(String name, double target, String unit, double... values) {
        add(name, Bound.AT_MOST, target, unit, values);
    }

    private void add(String name, Bound bound, double target, String unit, double... values) {
        figures.add(new Figure(name, bound, target, unit, Sample.of(values), Optional.empty()));
    }

    /** Notes a ratio without a target. */
    void figure(String name, Ratio ratio) {
        add(name, Bound.NONE, 0, ratio);
    }

    /** Notes a ratio that should be so high. */
    void atLeast(String name, double target, Ratio ratio) {
        add(name, Bound.AT_LEAST, target, ratio);
    }

    /** Notes a ratio that should be so low. */
    void atMost(String name, double target, Ratio ratio) {
        add(name, Bound.AT_MOST, target, ratio);
    }

    private void add(String name, Bound bound, double target, Ratio ratio) {
        figures.add(new Figure(name, bound, target, "×", ratio.wall(), Optional.of(ratio.processor())));
    }

    /** Prints the table of all figures noted. */
    void end() {
        out.println();
        out.printf(Locale.ROOT, ROW, "figure", "target", "median (min–max)", "");
        for (Figure figure : figures) {
            out.printf(Locale.ROOT, ROW, figure.name(), figure.targetText(), figure.valueText(), figure.verdict());
        }
        out.flush();
    }

    /** Formats the same in every language. */
    // The annotation that Error Prone asks for is not worth a dependency here.
    @SuppressWarnings("AnnotateFormatMethod")
    static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }

    private static String number(double value) {
        double size = Math.abs(value);
        String format = size >= 100 || value == Math.rint(value) ? "%,.0f" : size >= 10 ? "%.1f" : "%.2f";
        return text(size != 0 && size < 0.1 ? "%.3f" : format, value);
    }
}
