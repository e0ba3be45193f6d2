package dev.tokenledger.benchmarks;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
     * @throws IllegalArgumentException if one is not known or has no value; the message lists them
     */
    static Options parse(List<String> arguments, Map<String, String> defaults) {
        Map<String, String> values = new LinkedHashMap<>(defaults);
        for (int i = 0; i < arguments.size(); i += 2) {
            String name = arguments.get(i);
            if (!name.startsWith("--") || !values.containsKey(name.substring(2)) || i + 1 == arguments.size()) {
                throw new IllegalArgumentException("unknown or incomplete option " + name + "; expected "
                        + defaults.entrySet().stream()
                                .map(option -> "--" + option.getKey() + " " + option.getValue())
                                .toList());
            }
            values.put(name.substring(2), arguments.get(i + 1));
        }
        return new Options(values);
    }

    /** A setting that is a whole number, 0 or more; {@code _} may separate its digits. */
    long number(String name) {
        String text = text(name).replace("_", "");
        if (text.isEmpty() || text.length() > 12 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException("--" + name + " is a whole number, not \"" + text(name) + "\"");
        }
        return Long.parseLong(text);
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
        return values.toString();
    }
}
