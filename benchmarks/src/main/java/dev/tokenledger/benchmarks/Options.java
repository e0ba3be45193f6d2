package dev.tokenledger.benchmarks;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A program's settings, as {@code --name value}, each with a default. */
final class Options {

    private final Map<String, String> values;

    private Options(Map<String, String> values) {
        this.values = values;
    }

    /**
     * Reads settings.
     *
     * @param defaults the settings there are, and their defaults
     * @throws IllegalArgumentException if one is not known, has no value, or is no number where its default is one
     */
    static Options parse(List<String> arguments, Map<String, String> defaults) {
        Map<String, String> values = new TreeMap<>(defaults);
        for (int i = 0; i < arguments.size(); i += 2) {
            String name = arguments.get(i);
            if (!name.startsWith("--") || !values.containsKey(name.substring(2)) || i + 1 == arguments.size()) {
                throw new IllegalArgumentException("unknown or incomplete option " + name + "; expected "
                        + defaults.entrySet().stream()
                                .map(option -> "--" + option.getKey() + " " + option.getValue())
                                .toList());
            }
            values.put(name.substring(2), arguments.get(i + 1));
            if (isNumber(defaults.getOrDefault(name.substring(2), "")) && !isNumber(arguments.get(i + 1))) {
                throw new IllegalArgumentException(name + " is a whole number, found \"" + arguments.get(i + 1) + "\"");
            }
        }
        return new Options(values);
    }

    /** A setting whose default is a whole number, and so is it, 0 or more; {@code _} may separate its digits. */
    long number(String name) {
        return Long.parseLong(digits(text(name)));
    }

    private static boolean isNumber(String text) {
        String digits = digits(text);
        return !digits.isEmpty() && digits.length() <= 12 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static String digits(String text) {
        return text.replace("_", "");
    }

    /** A setting that is a small whole number. */
    int count(String name) {
        return Math.toIntExact(number(name));
    }

    /** A setting that is a file or folder. */
    Path path(String name) {
        return Path.of(text(name));
    }

    /** A setting as it was given. */
    String text(String name) {
        String value = values.get(name);
        if (value == null) {
            throw new IllegalStateException("the program has no option " + name);
        }
        return value;
    }

    @Override
    public String toString() {
        return values.entrySet().stream()
                .map(option -> "--" + option.getKey() + " " + option.getValue())
                .collect(Collectors.joining(" "));
    }
}
