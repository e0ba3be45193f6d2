package dev.tokenledger.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What standard output and standard error lead to.
 *
 * @param out whether a person reads standard output on a terminal
 * @param err whether a person reads standard error on a terminal on which a line can be drawn over
 * @param unicode whether standard output is a terminal that can show lines and bars beyond ASCII
 * @param colour whether standard output may be coloured
 * @param columns how wide the terminal is, if either leads to one
 */
record Terminal(boolean out, boolean err, boolean unicode, boolean colour, int columns) {

    /** The width of what is no terminal. */
    static final int UNLIMITED = Integer.MAX_VALUE;

    /** The width of a terminal that does not say. */
    static final int USUAL = 80;

    /** The system property with the name of the terminal's locale. */
    private static final String LOCALE = "tokenledger.locale";

    private static final int MIN_WIDTH = 20;
    private static final int MAX_WIDTH = 1_000;

    /**
     * Whether signs that carry meaning ("≥") can be written. What goes into a pipe or a file is always UTF-8; only a
     * terminal can say that it shows something else.
     */
    boolean signs() {
        return !out || unicode;
    }

    /** The sign before an amount that is a lower bound. */
    String atLeast() {
        return signs() ? "≥ " : ">= ";
    }

    /** Columns that standard output has; {@link #UNLIMITED} when it is no terminal. */
    int width() {
        return out ? columns : UNLIMITED;
    }

    /** What the variables say of a program whose output and error are, or are not, terminals. */
    static Terminal of(boolean out, boolean err, Map<String, String> variables) {
        boolean dumb = variables.getOrDefault("TERM", "").equals("dumb");
        boolean noColour = !variables.getOrDefault("NO_COLOR", "").isEmpty();
        return new Terminal(
                out,
                err && !dumb,
                out && isUtf8(variables),
                out && !dumb && !noColour,
                columns(variables.getOrDefault("COLUMNS", "")));
    }

    /** The launcher starts Java in a UTF-8 locale whatever the terminal's is, and hands that on. */
    static Terminal ofProcess(Map<String, String> variables) {
        String locale = System.getProperty(LOCALE);
        Map<String, String> shown = new HashMap<>(variables);
        if (locale != null) {
            shown.put("LC_ALL", locale);
            shown.remove("LC_CTYPE");
            shown.remove("LANG");
        }
        return of(isTerminal(1), isTerminal(2), shown);
    }

    /** The locale's character set, found as POSIX has it: the first variable that is set decides. */
    private static boolean isUtf8(Map<String, String> variables) {
        for (String name : new String[] {"LC_ALL", "LC_CTYPE", "LANG"}) {
            String value = variables.getOrDefault(name, "").toLowerCase(Locale.ROOT);
            if (!value.isEmpty()) {
                return value.contains("utf-8") || value.contains("utf8");
            }
        }
        return false;
    }

    private static int columns(String columns) {
        try {
            return Math.min(Math.max(Integer.parseInt(columns), MIN_WIDTH), MAX_WIDTH);
        } catch (NumberFormatException e) {
            return USUAL;
        }
    }

    /**
     * Linux says what a descriptor is; elsewhere the JVM's console, which is there when both input and output are
     * terminals, has to do. {@code Console.isTerminal()} is from Java 22 on, and starting a console there is slow.
     */
    // The check warns of consoles from Java 22 on, which the condition leaves out.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean isTerminal(int descriptor) {
        try {
            Path target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor));
            return target.startsWith("/dev/pts")
                    || target.toString().startsWith("/dev/tty")
                    || target.toString().equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return Runtime.version().feature() < 22 && System.console() != null;
        }
    }
}
