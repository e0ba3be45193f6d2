package dev.tokenledger.clickhouse;

import dev.tokenledger.backend.FilePermissions;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Where a copy is: {@code clickhouse://[user@]host[:port][,…][/database][?parameter=value[&…]]} for HTTP, and the same with {@code
 * https://} for TLS; {@code http://} is another word for the first. What is not stated is the user and the database {@code default},
 * and the port 8123, or 8443 with TLS.
 *
 * <p>Parameters: {@code cluster}, the name of the cluster that the hosts are the shards of, which is needed for several hosts; and
 * {@code copy}, the name by which the ledger knows the copy, {@code clickhouse} if it is not stated.
 *
 * <p>The password is that of {@code CLICKHOUSE_PASSWORD}, else the first line of the file that {@code CLICKHOUSE_PASSWORD_FILE} names;
 * an address that holds one is refused. It appears in no message and not in {@link #toString}. Immutable.
 */
public final class ClickHouseAddress {

    private static final int MAX_LENGTH = 4_096;
    private static final int MAX_HOSTS = 256;
    private static final int MAX_NAME = 100;
    private static final int MAX_PASSWORD_FILE = 1 << 16;
    private static final int MAX_PORT = 65_535;
    private static final int PORT = 8_123;
    private static final int TLS_PORT = 8_443;

    private final boolean tls;
    private final List<String> hosts;
    private final String user;
    private final String password;
    private final String database;
    private final Optional<String> cluster;
    private final String copy;

    private ClickHouseAddress(String text, Map<String, String> variables, Consumer<String> warnings) {
        if (text.length() > MAX_LENGTH) {
            throw wrong("is longer than " + MAX_LENGTH + " characters");
        }
        int end = text.indexOf("://");
        String scheme = end < 0 ? "" : text.substring(0, end).toLowerCase(Locale.ROOT);
        if (!isAddress(text)) {
            throw wrong("expected clickhouse://user@host:" + PORT + "/database, or the same with https://");
        }
        tls = scheme.equals("https");
        String rest = text.substring(end + 3);
        if (rest.indexOf('#') >= 0) {
            throw wrong("holds a '#'; write it as %23");
        }
        int question = rest.indexOf('?');
        Map<String, String> parameters = parameters(question < 0 ? "" : rest.substring(question + 1));
        rest = question < 0 ? rest : rest.substring(0, question);
        int slash = rest.indexOf('/');
        String path = slash < 0 ? "" : rest.substring(slash + 1);
        String authority = slash < 0 ? rest : rest.substring(0, slash);
        int at = authority.lastIndexOf('@');
        String login = at < 0 ? "" : authority.substring(0, at);
        if (login.indexOf(':') >= 0 || parameters.containsKey("password")) {
            throw wrong("holds a password, which others see; put it in CLICKHOUSE_PASSWORD, or its file's name in"
                    + " CLICKHOUSE_PASSWORD_FILE");
        }
        user = checked("user", decoded("user", login), "default");
        if (user.indexOf(':') >= 0) {
            throw wrong("the user has a ':', which HTTP does not take");
        }
        database = checked("database", decoded("database", path), "default");
        hosts = hosts(authority.substring(at + 1), tls ? TLS_PORT : PORT);
        cluster = Optional.ofNullable(parameters.remove("cluster")).map(name -> checked("cluster", name, ""));
        String named = parameters.remove("copy");
        copy = checked("copy", named == null ? "" : named, "clickhouse");
        if (!parameters.isEmpty()) {
            throw wrong("there is no parameter '"
                    + shown(parameters.keySet().iterator().next()) + "'; those are cluster, copy");
        }
        if (hosts.size() > 1 && cluster.isEmpty()) {
            throw wrong("names several hosts and no cluster; add ?cluster=NAME, whose shards they are");
        }
        password = password(variables, warnings);
        if (!tls && !password.isEmpty() && !hosts.stream().allMatch(ClickHouseAddress::isThisMachine)) {
            warnings.accept("the copy's password is sent without encryption; use https:// in the address of " + this);
        }
    }

    /**
     * Reads an address.
     *
     * @param variables the environment
     * @param warnings is told of a password that others may read
     * @throws IllegalArgumentException if it is none; the message says where and never holds what may be a password
     */
    public static ClickHouseAddress parse(String text, Map<String, String> variables, Consumer<String> warnings) {
        return new ClickHouseAddress(text, variables, warnings);
    }

    /** Whether a text has the form of an address: it begins with {@code clickhouse://}, {@code http://} or {@code https://}. */
    public static boolean isAddress(String text) {
        int end = text.indexOf("://");
        String scheme = end < 0 ? "" : text.substring(0, end).toLowerCase(Locale.ROOT);
        return scheme.equals("clickhouse") || scheme.equals("http") || scheme.equals("https");
    }

    /** The name by which the ledger knows the copy. */
    public String copy() {
        return copy;
    }

    /** The name of the cluster; empty for one server alone. */
    Optional<String> cluster() {
        return cluster;
    }

    /** The hosts with their ports. */
    List<String> hosts() {
        return hosts;
    }

    /** Where a host takes statements. */
    URI uri(String host) {
        return URI.create((tls ? "https://" : "http://") + host + "/");
    }

    String user() {
        return user;
    }

    String password() {
        return password;
    }

    String database() {
        return database;
    }

    /** The address, for people. */
    @Override
    public String toString() {
        return (tls ? "https://" : "clickhouse://")
                + (user.equals("default") ? "" : user + "@")
                + hosts.stream().map(host -> withoutDefaultPort(host)).collect(Collectors.joining(","))
                + "/" + database
                + cluster.map(name -> "?cluster=" + name).orElse("");
    }

    private String withoutDefaultPort(String host) {
        String suffix = ":" + (tls ? TLS_PORT : PORT);
        return host.endsWith(suffix) ? host.substring(0, host.length() - suffix.length()) : host;
    }

    private static IllegalArgumentException wrong(String what) {
        return new IllegalArgumentException("copy's address: " + what);
    }

    private static String shown(String name) {
        return name.length() > 40 ? name.substring(0, 40) + "…" : name;
    }

    private static String checked(String what, String text, String otherwise) {
        String found = text.isEmpty() ? otherwise : text;
        if (found.isEmpty() || found.length() > MAX_NAME || found.chars().anyMatch(c -> c < ' ' || c == 0x7f)) {
            throw wrong("the " + what + " is no name of 1 to " + MAX_NAME + " characters");
        }
        return found;
    }

    private static String decoded(String part, String text) {
        String decoded;
        try {
            // A form's "+" is a space; an address's is a plus.
            decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw wrong("the " + part + " has a '%' that no two hexadecimal digits follow; write it as %25");
        }
        if (decoded.indexOf('\ufffd') >= 0) {
            throw wrong("the " + part + " is no text");
        }
        return decoded;
    }

    private static Map<String, String> parameters(String text) {
        Map<String, String> parameters = new TreeMap<>();
        for (String parameter : text.split("&", -1)) {
            if (parameter.isEmpty()) {
                continue;
            }
            int equals = parameter.indexOf('=');
            if (equals < 0) {
                throw wrong("a parameter has no '='");
            }
            String name = decoded("name of a parameter", parameter.substring(0, equals));
            if (parameters.put(name, decoded("value of a parameter", parameter.substring(equals + 1))) != null) {
                throw wrong("the parameter '" + shown(name) + "' is stated twice");
            }
        }
        return parameters;
    }

    private static List<String> hosts(String authority, int defaultPort) {
        List<String> hosts = new ArrayList<>();
        for (String each : authority.split(",", -1)) {
            int bracket = each.startsWith("[") ? each.indexOf(']') : -1;
            int colon = each.indexOf(':', Math.max(0, bracket));
            String host = colon < 0 ? each : each.substring(0, colon);
            String port = colon < 0 ? "" : each.substring(colon + 1);
            if (each.startsWith("[") ? bracket < 0 : !host.chars().allMatch(ClickHouseAddress::mayStandInHost)) {
                throw wrong("the host '" + shown(host) + "' is no name of one");
            }
            String whole = (host.isEmpty() ? "localhost" : host) + ":" + (port.isEmpty() ? defaultPort : port(port));
            try {
                URI.create("http://" + whole + "/");
            } catch (IllegalArgumentException e) {
                throw wrong("the host '" + shown(host) + "' is no name of one");
            }
            if (hosts.contains(whole)) {
                throw wrong("the host '" + shown(whole) + "' is stated twice");
            }
            hosts.add(whole);
        }
        if (hosts.size() > MAX_HOSTS) {
            throw wrong("names more than " + MAX_HOSTS + " hosts");
        }
        return List.copyOf(hosts);
    }

    private static boolean mayStandInHost(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_';
    }

    private static int port(String text) {
        int port = 0;
        for (int i = 0; i < text.length(); i++) {
            char digit = text.charAt(i);
            if (digit < '0' || digit > '9' || i > 4) {
                throw wrong("the port is no number from 1 to " + MAX_PORT);
            }
            port = 10 * port + digit - '0';
        }
        if (port < 1 || port > MAX_PORT) {
            throw wrong("the port is no number from 1 to " + MAX_PORT);
        }
        return port;
    }

    private static boolean isThisMachine(String host) {
        return host.startsWith("127.") || host.startsWith("localhost:") || host.startsWith("[::1]:");
    }

    private static String password(Map<String, String> variables, Consumer<String> warnings) {
        String stated = variables.getOrDefault("CLICKHOUSE_PASSWORD", "");
        if (!stated.isEmpty()) {
            return stated;
        }
        String name = variables.getOrDefault("CLICKHOUSE_PASSWORD_FILE", "");
        if (name.isEmpty()) {
            return "";
        }
        try {
            Path file = Path.of(name);
            if (Files.size(file) > MAX_PASSWORD_FILE) {
                throw wrong("the password file " + file + " is longer than " + MAX_PASSWORD_FILE + " bytes");
            }
            if (FilePermissions.isOpenToOthers(file)) {
                warnings.accept(file + ": others than its owner may read it; run 'chmod 600 " + file + "'");
            }
            return Files.readString(file).lines().findFirst().orElse("");
        } catch (InvalidPathException e) {
            throw wrong("CLICKHOUSE_PASSWORD_FILE is no usable path");
        } catch (CharacterCodingException e) {
            throw wrong("the password file " + name + " is not UTF-8");
        } catch (IOException e) {
            throw wrong("the password file " + name + " cannot be read");
        }
    }
}
