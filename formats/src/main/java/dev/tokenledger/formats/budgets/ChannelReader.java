package dev.tokenledger.formats.budgets;

import dev.tokenledger.formats.budgets.Channel.Format;
import dev.tokenledger.formats.budgets.Channel.Login;
import dev.tokenledger.formats.budgets.Channel.MailServer;
import dev.tokenledger.formats.budgets.Channel.Security;
import dev.tokenledger.formats.query.Words;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.NodeReader;
import dev.tokenledger.formats.text.NodeReader.Member;
import dev.tokenledger.formats.text.NodeReader.Spot;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns the list {@code notify} of a budget file into channels. */
final class ChannelReader {

    private enum Type {
        WEBHOOK,
        SLACK,
        TEAMS,
        SMTP
    }

    private static final List<String> KEYS = List.of(
            "name",
            "type",
            "url",
            "url_env",
            "url_file",
            "secret_env",
            "secret_file",
            "host",
            "port",
            "security",
            "user",
            "password_env",
            "password_file",
            "from",
            "to",
            "insecure");

    private static final Set<String> OF_WEBHOOKS = Set.of("url", "url_env", "url_file", "secret_env", "secret_file");
    private static final Set<String> OF_MAIL =
            Set.of("host", "port", "security", "user", "password_env", "password_file", "from", "to");

    private final NodeReader nodes;
    private final Path file;
    private final List<Channel> channels = new ArrayList<>();

    /** All names that were read, those of channels with mistakes too, so that one mistake is told once. */
    private final Set<String> names = new HashSet<>();

    /** The parts of a channel, as far as they were read. */
    private static final class Parts {
        private String name = "";
        private @Nullable Type type;
        private @Nullable Secret url;
        private @Nullable Secret signing;
        private String host = "";
        private int port;
        private @Nullable Security security;
        private String user = "";
        private @Nullable Secret password;
        private String from = "";
        private final List<String> to = new ArrayList<>();
        private boolean insecure;
    }

    /** Reads with this reader, from a file of this name. */
    ChannelReader(NodeReader nodes, String file) {
        this.nodes = nodes;
        this.file = Path.of(file).toAbsolutePath();
    }

    Set<String> names() {
        return names;
    }

    List<Channel> read() {
        return channels;
    }

    void read(Member list) {
        nodes.items(list.node(), list.spot(), this::channel);
        if (channels.size() > Channel.MAX_CHANNELS) {
            nodes.mistake(list.spot(), "at most " + Channel.MAX_CHANNELS + " channels, found " + channels.size());
        }
    }

    private void channel(Node node, Spot spot) {
        int before = nodes.mistakes();
        Parts parts = new Parts();
        Map<String, Spot> known = nodes.members(node, spot, KEYS, (name, member) -> part(parts, name, member));
        boolean first = parts.name.isEmpty() || names.add(parts.name);
        if (!first) {
            nodes.mistake(known.getOrDefault("name", spot), "is the name of another channel too");
        }
        if (nodes.mistakes() > before) {
            return;
        }
        Type type = parts.type;
        if (type == null || parts.name.isEmpty()) {
            nodes.mistake(spot, "expected a name and a type: webhook, slack, teams or smtp");
            return;
        }
        Set<String> foreign = type == Type.SMTP ? OF_WEBHOOKS : OF_MAIL;
        known.forEach((name, place) -> {
            if (foreign.contains(name)) {
                nodes.mistake(
                        place, "a channel of the type " + type.name().toLowerCase(Locale.ROOT) + " has no " + name);
            }
        });
        if (nodes.mistakes() > before) {
            return;
        }
        Optional<Channel> channel = type == Type.SMTP
                ? nodes.built(() -> mail(parts), spot, known)
                : nodes.built(() -> webhook(parts, type), spot, known);
        channel.ifPresent(channels::add);
    }

    private static Channel webhook(Parts parts, Type type) {
        Secret url = parts.url;
        if (url == null) {
            throw new IllegalArgumentException("expected its address: url, url_env or url_file");
        }
        Format format = switch (type) {
            case SLACK -> Format.SLACK;
            case TEAMS -> Format.TEAMS;
            default -> Format.WEBHOOK;
        };
        return new Channel.Webhook(parts.name, format, url, Optional.ofNullable(parts.signing), parts.insecure);
    }

    private static Channel mail(Parts parts) {
        Secret password = parts.password;
        if (parts.user.isEmpty() != (password == null)) {
            throw new IllegalArgumentException(
                    "user: a user and a password, by password_env or password_file, go together");
        }
        Security security = Optional.ofNullable(parts.security).orElse(Security.STARTTLS);
        MailServer server = new MailServer(
                parts.host,
                parts.port == 0 ? security.port() : parts.port,
                security,
                password == null ? Optional.empty() : Optional.of(new Login(parts.user, password)),
                parts.insecure);
        return new Channel.Mail(parts.name, server, parts.from, parts.to);
    }

    private void part(Parts parts, String name, Member member) {
        switch (name) {
            case "name" -> nodes.text(member, text -> parts.name = text);
            case "type" -> nodes.text(member, text -> parts.type = Words.parse("type", Type.values(), text));
            case "url", "url_env", "url_file" ->
                nodes.text(
                        member, text -> parts.url = once(parts.url, secret(name, text), "url, url_env and url_file"));
            case "secret_env", "secret_file" ->
                nodes.text(
                        member,
                        text -> parts.signing = once(parts.signing, secret(name, text), "secret_env and secret_file"));
            case "password_env", "password_file" ->
                nodes.text(
                        member,
                        text -> parts.password =
                                once(parts.password, secret(name, text), "password_env and password_file"));
            case "host" -> nodes.text(member, text -> parts.host = text);
            case "port" -> nodes.decimal(member, number -> parts.port = port(number));
            case "security" ->
                nodes.text(member, text -> parts.security = Words.parse("security", Security.values(), text));
            case "user" -> nodes.text(member, text -> parts.user = text);
            case "from" -> nodes.text(member, text -> parts.from = text);
            case "to" ->
                nodes.items(
                        member.node(),
                        member.spot(),
                        (item, spot) -> nodes.text(new Member(item, spot), parts.to::add));
            case "insecure" -> parts.insecure = isTrue(member);
            default -> throw new IllegalStateException("a key of a channel that is not read: " + name);
        }
    }

    private Secret secret(String key, String text) {
        if (key.endsWith("_env")) {
            return new Secret(Secret.Source.ENV, text);
        }
        if (key.endsWith("_file")) {
            // Checked as it was written, before it is seen from the folder of the budget file.
            return new Secret(
                    Secret.Source.FILE,
                    file.resolveSibling(new Secret(Secret.Source.FILE, text).name())
                            .toString());
        }
        return new Secret(Secret.Source.PLAIN, text);
    }

    private static Secret once(@Nullable Secret before, Secret next, String keys) {
        if (before != null) {
            throw new IllegalArgumentException("only one of " + keys + " can be there");
        }
        return next;
    }

    private static int port(BigDecimal number) {
        try {
            int port = number.intValueExact();
            if (port > 0) {
                return port;
            }
        } catch (ArithmeticException e) {
            // Told below, with the other numbers that are none.
        }
        throw new IllegalArgumentException("expected a whole number from 1 to 65535");
    }

    private boolean isTrue(Member member) {
        if (member.node() instanceof Node.Truth truth) {
            return truth.value();
        }
        nodes.mistake(member.spot(), "expected true or false, found " + NodeReader.found(member.node()));
        return false;
    }
}
