package dev.tokenledger.server.dashboard;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A path of ours with parameters, in the order of their names, so that one view has one address. Immutable; each method
 * returns a changed copy.
 */
final class Address {

    private final String path;
    private final Map<String, String> parameters;

    Address(String path, Map<String, String> parameters) {
        this.path = path;
        this.parameters = new TreeMap<>(parameters);
    }

    Address with(String name, String value) {
        Address changed = new Address(path, parameters);
        changed.parameters.put(name, value);
        return changed;
    }

    Address without(String... names) {
        Address changed = new Address(path, parameters);
        Arrays.asList(names).forEach(changed.parameters::remove);
        return changed;
    }

    Map<String, String> parameters() {
        return Map.copyOf(parameters);
    }

    @Override
    public String toString() {
        if (parameters.isEmpty()) {
            return path;
        }
        return path + "?"
                + parameters.entrySet().stream()
                        .map(entry -> encoded(entry.getKey()) + "=" + encoded(entry.getValue()))
                        .collect(Collectors.joining("&"));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
