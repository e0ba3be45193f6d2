package dev.tokenledger.formats.budgets;

import dev.tokenledger.formats.query.Words;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whom budgets tell, and how. Passwords and addresses that are secrets are named, never held. */
public sealed interface Channel {

    /** The most channels of a file. */
    int MAX_CHANNELS = 10;

    /** 1 to 64 letters, digits, dots, dashes and underscores. */
    String name();

    /** What the receiver of a {@link Webhook} understands. */
    enum Format {
        /** Our own JSON, signed. */
        WEBHOOK,
        /** A message of Slack's incoming webhooks. */
        SLACK,
        /** An adaptive card, as workflows of Microsoft Teams take it. */
        TEAMS
    }

    /** How a connection to a mail server is encrypted. */
    enum Security {
        /** From the first byte; port 465. */
        TLS(465),
        /** After the server was asked to, and not at all if it refuses; port 587. */
        STARTTLS(587),
        /** Not at all; port 25. */
        NONE(25);

        private final int port;

        Security(int port) {
            this.port = port;
        }

        /** The port where none is stated. */
        public int port() {
            return port;
        }
    }

    /**
     * An address that is told by an HTTP request.
     *
     * @param url the address; where whoever knows it may post, it is a secret
     * @param signing the secrets that requests are signed with, {@code whsec_…}, of a {@link Format#WEBHOOK} alone
     * @param insecure whether the address may be one of {@code http}
     */
    record Webhook(String name, Format format, Secret url, Optional<Secret> signing, boolean insecure)
            implements Channel {

        /** @throws IllegalArgumentException if the parts do not go together; the message names the part */
        public Webhook {
            name = checkName(name);
            if (format == Format.WEBHOOK && signing.isEmpty()) {
                throw new IllegalArgumentException(
                        "secret_env: a webhook is signed; name its secret by secret_env or secret_file");
            }
            if (format != Format.WEBHOOK && signing.isPresent()) {
                throw new IllegalArgumentException("secret_env: only a channel of the type webhook is signed");
            }
            if (format != Format.WEBHOOK && url.source() == Secret.Source.PLAIN) {
                throw new IllegalArgumentException(
                        "url: whoever knows this address can post to it; name it by url_env or url_file");
            }
            if (url.source() == Secret.Source.PLAIN) {
                try {
                    address(url.name(), insecure);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("url: " + e.getMessage(), e);
                }
            }
        }

        /**
         * A text as an address to send to.
         *
         * @throws IllegalArgumentException if it is none; the message says nothing of it
         */
        public static URI address(String text, boolean insecure) {
            URI uri;
            try {
                uri = new URI(text);
            } catch (URISyntaxException e) {
                throw new IllegalArgumentException("the address is no URL");
            }
            boolean http = "http".equalsIgnoreCase(uri.getScheme());
            if (!http && !"https".equalsIgnoreCase(uri.getScheme())) {
                throw new IllegalArgumentException("expected an address that begins with https://");
            }
            if (http && !insecure) {
                throw new IllegalArgumentException(
                        "expected https; http, which everybody on the way can read, needs insecure: true");
            }
            if (uri.getHost() == null || uri.getRawUserInfo() != null) {
                throw new IllegalArgumentException("expected an address with a host and no user");
            }
            return uri;
        }
    }

    /**
     * People who are told by mail.
     *
     * @param server what sends it
     * @param from the sender's address
     * @param to 1 to 20 addresses
     */
    record Mail(String name, MailServer server, String from, List<String> to) implements Channel {

        private static final int MAX_RECEIVERS = 20;

        /** Neither spaces nor what has a meaning in SMTP and in headers. */
        private static final Pattern ADDRESS =
                Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]{0,188}[A-Za-z0-9])?");

        /** @throws IllegalArgumentException if a part is out of its range; the message names the part */
        public Mail {
            name = checkName(name);
            to = List.copyOf(to);
            if (to.isEmpty() || to.size() > MAX_RECEIVERS) {
                throw new IllegalArgumentException("to: expected 1 to " + MAX_RECEIVERS + " addresses");
            }
            checkAddress("from", from);
            to.forEach(address -> checkAddress("to", address));
        }

        private static void checkAddress(String part, String address) {
            if (!ADDRESS.matcher(address).matches()) {
                throw new IllegalArgumentException(
                        part + ": expected an address such as team@example.org, found " + Words.quoted(address));
            }
        }
    }

    /**
     * A server that takes mail.
     *
     * @param host its name
     * @param port 1 to 65535
     * @param login the user, where the server asks for one
     * @param insecure whether the user's password may be sent over a connection that is not encrypted
     */
    record MailServer(String host, int port, Security security, Optional<Login> login, boolean insecure) {

        private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.:_-]{1,253}");

        /** @throws IllegalArgumentException if a part is out of its range; the message names the part */
        public MailServer {
            if (!HOST.matcher(host).matches()) {
                throw new IllegalArgumentException("host: expected the name of a mail server");
            }
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port: expected 1 to 65535, found " + port);
            }
            if (login.isPresent() && security == Security.NONE && !insecure) {
                throw new IllegalArgumentException(
                        "security: a password is sent over an encrypted connection alone; or say insecure: true");
            }
        }
    }

    /** A user of a mail server. */
    record Login(String user, Secret password) {

        private static final int MAX_USER = 255;

        /** @throws IllegalArgumentException if the name is none; the message names the part */
        public Login {
            if (user.isBlank() || user.length() > MAX_USER || user.chars().anyMatch(Character::isISOControl)) {
                throw new IllegalArgumentException("user: expected 1 to " + MAX_USER + " characters");
            }
        }
    }

    private static String checkName(String name) {
        if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
            throw new IllegalArgumentException(
                    "name: expected 1 to 64 letters, digits, dots, dashes and underscores, found "
                            + Words.quoted(name));
        }
        return name;
    }
}
