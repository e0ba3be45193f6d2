package dev.tokenledger.postgres;

import dev.tokenledger.backend.FilePermissions;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a ledger's database is, in the form of libpq and {@code psql}:
 * {@code postgresql://[user[:password]@][host[:port]][,…][/database][?parameter=value[&…]]}, or the same with {@code
 * postgres://}. Parts may be percent-encoded. What is not stated comes from {@code PGHOST}, {@code PGPORT}, {@code PGUSER},
 * {@code PGDATABASE} and {@code PGSSLMODE}, else it is {@code localhost}, 5432, the user of this process, and the database of
 * the user's name.
 *
 * <p>Parameters are libpq's {@code host}, {@code port}, {@code user}, {@code dbname}, {@code password}, {@code passfile}, {@code
 * application_name}, {@code connect_timeout} (seconds), {@code options}, {@code sslmode}, {@code sslrootcert}, {@code sslcert},
 * {@code sslkey}, {@code target_session_attrs}, and two of the ledger's own: {@code schema}, the one that its tables are in, and {@code copy}, the
 * address of a copy of it in another database, with {@code %26} for an ampersand.
 *
 * <p>The password is the address's own, else {@code PGPASSWORD}, else what the file {@code TOKENLEDGER_LEDGER_PASSWORD_FILE} holds,
 * else that of a matching line of {@code passfile}, {@code PGPASSFILE} or {@code ~/.pgpass}. It appears in no message and not in
 * {@link #toString}. Immutable.
 */
public final class PostgresAddress {

    private static final int MAX_LENGTH = 4_096;
    private static final int MAX_PASSWORD_FILE = 1 << 20;
    private static final int DEFAULT_PORT = 5_432;
    private static final int MAX_PORT = 65_535;

    private final List<String> hosts;
    private final List<Integer> ports;
    private final String user;
    private final String database;
    private final Optional<String> schema;
    private final Optional<String> copy;
    private final @Nullable String password;
    private final boolean passwordInText;
    private final Map<PGProperty, String> properties;

    private PostgresAddress(Parser parser) {
        hosts = List.copyOf(parser.hosts);
        ports = List.copyOf(parser.ports);
        user = parser.user;
        database = parser.database;
        schema = Optional.ofNullable(parser.schema);
        copy = Optional.ofNullable(parser.copy);
        password = parser.password;
        passwordInText = parser.passwordInText;
        properties = Collections.unmodifiableMap(new TreeMap<>(parser.properties));
    }

    /** Whether a text names a database, and no file: it begins with {@code postgresql://} or {@code postgres://}. */
    public static boolean isAddress(String text) {
        return rest(text) != null;
    }

    private static @Nullable String rest(String text) {
        int end = text.indexOf("://");
        if (end < 0) {
            return null;
        }
        String scheme = text.substring(0, end).toLowerCase(Locale.ROOT);
        return scheme.equals("postgresql") || scheme.equals("postgres") ? text.substring(end + 3) : null;
    }

    /**
     * Reads an address.
     *
     * @param variables the environment
     * @param warnings is told of a password file that others may read, and which is therefore not used
     * @throws IllegalArgumentException if it is none; the message says where and never holds what may be a password
     */
    public static PostgresAddress parse(String text, Map<String, String> variables, Consumer<String> warnings) {
        return new PostgresAddress(new Parser(text, variables, warnings));
    }

    /** The schema that the address names, if it names one. */
    public Optional<String> schema() {
        return schema;
    }

    /** The address of the ledger's copy, as it is stated. */
    public Optional<String> copy() {
        return copy;
    }

    /** Whether the address itself holds a password, which everybody sees who sees the address. */
    public boolean holdsPassword() {
        return passwordInText;
    }

    /** Connections to the database, each opened when it is asked for. */
    public PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(hosts.toArray(String[]::new));
        source.setPortNumbers(ports.stream().mapToInt(Integer::intValue).toArray());
        source.setUser(user);
        source.setDatabaseName(database);
        source.setPassword(password);
        source.setTcpKeepAlive(true);
        properties.forEach(source::setProperty);
        if (hosts.size() > 1) {
            // What a server was a moment ago it may be no more: a replica is promoted, and then wanted at once.
            source.setHostRecheckSeconds(1);
        }
        return source;
    }

    /** The address without its password and parameters, for people. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("postgresql://").append(user).append('@');
        for (int i = 0; i < hosts.size(); i++) {
            String host = hosts.get(i);
            text.append(i == 0 ? "" : ",").append(host.indexOf(':') < 0 ? host : "[" + host + "]");
            if (ports.get(i) != DEFAULT_PORT) {
                text.append(':').append(ports.get(i));
            }
        }
        text.append('/').append(database);
        schema.ifPresent(name -> text.append("?schema=").append(name));
        return text.toString();
    }

    /** Takes an address apart, from the outside inwards. Used once. */
    private static final class Parser {

        /**
         * What libpq and the driver call the same, each in its own words. Not in the class around this one, which each start of
         * the program asks {@link #isAddress}: the driver's class takes milliseconds to load.
         */
        private static final Map<String, PGProperty> PARAMETERS = Map.of(
                "application_name", PGProperty.APPLICATION_NAME,
                "connect_timeout", PGProperty.CONNECT_TIMEOUT,
                "options", PGProperty.OPTIONS,
                "sslmode", PGProperty.SSL_MODE,
                "sslrootcert", PGProperty.SSL_ROOT_CERT,
                "sslcert", PGProperty.SSL_CERT,
                "sslkey", PGProperty.SSL_KEY);

        /** Which server of several is asked. */
        private static final Map<String, String> SERVER_TYPES = Map.of(
                "any", "any",
                "read-write", "primary",
                "primary", "primary",
                "read-only", "secondary",
                "standby", "secondary",
                "prefer-standby", "preferSecondary");

        private final Map<String, String> variables;
        private final Map<String, String> parameters = new TreeMap<>();
        private final Map<PGProperty, String> properties = new TreeMap<>();
        private final List<String> hosts = new ArrayList<>();
        private final List<Integer> ports = new ArrayList<>();
        private final String user;
        private final String database;
        private final @Nullable String schema;
        private final @Nullable String copy;
        private @Nullable String password;
        private final boolean passwordInText;

        Parser(String text, Map<String, String> variables, Consumer<String> warnings) {
            this.variables = variables;
            if (text.length() > MAX_LENGTH) {
                throw wrong("is longer than " + MAX_LENGTH + " characters");
            }
            String rest = rest(text);
            if (rest == null) {
                throw wrong("expected postgresql://user@host:port/database");
            }
            if (rest.indexOf('#') >= 0) {
                throw wrong("holds a '#'; write it as %23");
            }
            int question = rest.indexOf('?');
            if (question >= 0) {
                readParameters(rest.substring(question + 1));
                rest = rest.substring(0, question);
            }
            int slash = rest.indexOf('/');
            String path = slash < 0 ? "" : rest.substring(slash + 1);
            String authority = slash < 0 ? rest : rest.substring(0, slash);
            // The last one: whoever forgets to encode that of a password means the password.
            int at = authority.lastIndexOf('@');
            String login = at < 0 ? "" : authority.substring(0, at);
            int colon = login.indexOf(':');
            String statedPassword = colon < 0 ? null : decoded("password", login.substring(colon + 1));
            String statedUser = decoded("user", colon < 0 ? login : login.substring(0, colon));
            user = stated(statedUser, "user", "PGUSER", System.getProperty("user.name", ""));
            database = stated(decoded("database", path), "dbname", "PGDATABASE", user);
            readHosts(authority.substring(at + 1));
            String parameter = parameters.remove("password");
            password = statedPassword != null && !statedPassword.isEmpty() ? statedPassword : parameter;
            passwordInText = password != null && !password.isEmpty();
            String named = parameters.remove("schema");
            schema = named == null ? null : PostgresSchema.checkedName(named);
            copy = parameters.remove("copy");
            String passwordFile = parameters.remove("passfile");
            readProperties();
            if (!passwordInText) {
                password = findPassword(passwordFile, warnings);
            }
        }

        private static IllegalArgumentException wrong(String what) {
            return new IllegalArgumentException("ledger address: " + what);
        }

        private String stated(String text, String parameter, String variable, String otherwise) {
            String asParameter = parameters.remove(parameter);
            String value = !text.isEmpty()
                    ? text
                    : asParameter != null && !asParameter.isEmpty()
                            ? asParameter
                            : variables.getOrDefault(variable, "");
            String found = value.isEmpty() ? otherwise : value;
            if (found.isEmpty() || found.indexOf('\0') >= 0) {
                throw wrong("the " + parameter + " is missing");
            }
            return found;
        }

        private static String decoded(String part, String text) {
            try {
                // A form's "+" is a space; an address's is a plus.
                String decoded = URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
                if (decoded.indexOf('\ufffd') >= 0 || decoded.indexOf('\0') >= 0) {
                    throw wrong("the " + part + " is no text");
                }
                return decoded;
            } catch (IllegalArgumentException e) {
                // The message of the cause shows the text, which may be a password.
                throw wrong("the " + part + " has a '%' that no two hexadecimal digits follow; write it as %25");
            }
        }

        private void readParameters(String text) {
            for (String parameter : text.split("&", -1)) {
                if (parameter.isEmpty()) {
                    continue;
                }
                int equals = parameter.indexOf('=');
                if (equals < 0) {
                    throw wrong("a parameter has no '='");
                }
                String name = decoded("name of a parameter", parameter.substring(0, equals));
                String value = decoded("value of a parameter", parameter.substring(equals + 1));
                if (parameters.put(name, value) != null) {
                    throw wrong("the parameter '" + shown(name) + "' is stated twice");
                }
            }
        }

        private static String shown(String name) {
            return name.length() > 40 ? name.substring(0, 40) + "…" : name;
        }

        private void readHosts(String authority) {
            String statedHosts = parameters.remove("host");
            String statedPort = parameters.remove("port");
            String text = !authority.isEmpty()
                    ? authority
                    : statedHosts != null ? statedHosts : variables.getOrDefault("PGHOST", "");
            String defaultPort = statedPort != null ? statedPort : variables.getOrDefault("PGPORT", "");
            for (String each : text.split(",", -1)) {
                int end = each.startsWith("[") ? each.indexOf(']') : -1;
                if (each.startsWith("[") && end < 0) {
                    throw wrong("the host has a '[' without a ']'");
                }
                int colon = each.indexOf(':', Math.max(0, end));
                String host = end >= 0
                        ? each.substring(1, end)
                        : decoded("host", colon < 0 ? each : each.substring(0, colon));
                if (host.startsWith("/")) {
                    throw wrong("the host is a socket's folder; name a host, such as 127.0.0.1");
                }
                hosts.add(host.isEmpty() ? "localhost" : host);
                ports.add(port(colon < 0 || colon == each.length() - 1 ? defaultPort : each.substring(colon + 1)));
            }
        }

        private static int port(String text) {
            if (text.isEmpty()) {
                return DEFAULT_PORT;
            }
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

        private void readProperties() {
            String sslMode = variables.getOrDefault("PGSSLMODE", "");
            if (!sslMode.isEmpty()) {
                properties.put(PGProperty.SSL_MODE, sslMode);
            }
            properties.put(PGProperty.APPLICATION_NAME, "tokenledger");
            properties.put(PGProperty.CONNECT_TIMEOUT, "10");
            String servers = parameters.remove("target_session_attrs");
            if (servers != null) {
                String type = SERVER_TYPES.get(servers);
                if (type == null) {
                    throw wrong("the parameter 'target_session_attrs' is none of "
                            + String.join(", ", new java.util.TreeSet<>(SERVER_TYPES.keySet())));
                }
                properties.put(PGProperty.TARGET_SERVER_TYPE, type);
            }
            parameters.forEach((name, value) -> {
                PGProperty property = PARAMETERS.get(name);
                if (property == null) {
                    throw wrong("there is no parameter '" + shown(name) + "'; those are " + String.join(", ", names()));
                }
                properties.put(property, value);
            });
        }

        private static Set<String> names() {
            Set<String> names = new java.util.TreeSet<>(PARAMETERS.keySet());
            names.addAll(Set.of(
                    "host",
                    "port",
                    "user",
                    "dbname",
                    "password",
                    "passfile",
                    "schema",
                    "copy",
                    "target_session_attrs"));
            return names;
        }

        private @Nullable String findPassword(@Nullable String passwordFile, Consumer<String> warnings) {
            String variable = variables.getOrDefault("PGPASSWORD", "");
            if (!variable.isEmpty()) {
                return variable;
            }
            String own = variables.getOrDefault("TOKENLEDGER_LEDGER_PASSWORD_FILE", "");
            if (!own.isEmpty()) {
                return read(path("TOKENLEDGER_LEDGER_PASSWORD_FILE", own))
                        .lines()
                        .findFirst()
                        .orElse("");
            }
            String named = passwordFile != null ? passwordFile : variables.getOrDefault("PGPASSFILE", "");
            String home = variables.getOrDefault("HOME", System.getProperty("user.home", ""));
            Path file = named.isEmpty() ? path("HOME", home).resolve(".pgpass") : path("passfile", named);
            if (!Files.isRegularFile(file)) {
                return null;
            }
            if (FilePermissions.isOpenToOthers(file)) {
                warnings.accept(
                        file + ": others than its owner may read it, so it is not used; run 'chmod 600 " + file + "'");
                return null;
            }
            return read(file)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(this::matching)
                    .flatMap(Optional::stream)
                    .findFirst()
                    .orElse(null);
        }

        private static Path path(String what, String text) {
            try {
                return Path.of(text);
            } catch (InvalidPathException e) {
                throw wrong(what + " is no usable path");
            }
        }

        private static String read(Path file) {
            try {
                if (Files.size(file) > MAX_PASSWORD_FILE) {
                    throw wrong("the password file " + file + " is longer than " + MAX_PASSWORD_FILE + " bytes");
                }
                return Files.readString(file);
            } catch (CharacterCodingException e) {
                throw wrong("the password file " + file + " is not UTF-8");
            } catch (IOException e) {
                throw wrong("the password file " + file + " cannot be read");
            }
        }

        /** The password of a line {@code host:port:database:user:password} if it is about this address. */
        private Optional<String> matching(String line) {
            List<String> fields = new ArrayList<>();
            StringBuilder field = new StringBuilder();
            for (int i = 0; i < line.length(); i++) {
                char c = line.charAt(i);
                if (c == '\\' && i + 1 < line.length()) {
                    field.append(line.charAt(++i));
                } else if (c == ':' && fields.size() < 4) {
                    fields.add(field.toString());
                    field.setLength(0);
                } else {
                    field.append(c);
                }
            }
            boolean matches = fields.size() == 4
                    && hosts.stream().anyMatch(host -> is(fields.get(0), host))
                    && ports.stream().anyMatch(port -> is(fields.get(1), port.toString()))
                    && is(fields.get(2), database)
                    && is(fields.get(3), user);
            return matches ? Optional.of(field.toString()) : Optional.empty();
        }

        private static boolean is(String pattern, String value) {
            return pattern.equals("*") || pattern.equals(value);
        }
    }
}
