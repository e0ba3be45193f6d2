package dev.tokenledger.formats.budgets;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * A text that is not for everybody, and where it is: in an environment variable or a file, or, where it is no secret, here. It is
 * read each time that it is used, so that a new one needs no restart.
 *
 * @param source where it is
 * @param name the variable or the file; of a {@link Source#PLAIN} one the text itself
 */
public record Secret(Source source, String name) {

    private static final Pattern VARIABLE = Pattern.compile("[A-Za-z_][A-Za-z0-9_]{0,127}");
    private static final int MAX_BYTES = 16 << 10;

    /** Where a text is. */
    public enum Source {
        /** Here. */
        PLAIN,
        /** In an environment variable. */
        ENV,
        /** In a file: its content without the whitespace around it. */
        FILE
    }

    /** @throws IllegalArgumentException if the name cannot be one of a variable or file */
    public Secret {
        if (name.isBlank()) {
            throw new IllegalArgumentException("must not be blank");
        }
        if (source == Source.ENV && !VARIABLE.matcher(name).matches()) {
            throw new IllegalArgumentException("expected the name of an environment variable, such as BUDGET_URL");
        }
        if (source == Source.FILE) {
            // Paths are told in messages; what was meant to be in the file must not be.
            if (name.contains("://") || name.startsWith("whsec_")) {
                throw new IllegalArgumentException("expected the path of a file that the secret is in");
            }
            path(name);
        }
    }

    private static Path path(String name) {
        try {
            return Path.of(name);
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException("not a usable path", e);
        }
    }

    /**
     * The text.
     *
     * @param variables the environment: a variable's value, empty where it is not set
     * @throws IllegalArgumentException if it is not there; the message says where it was looked for, and nothing of its content
     */
    public String read(UnaryOperator<String> variables) {
        String text = switch (source) {
            case PLAIN -> name;
            case ENV -> variables.apply(name).strip();
            case FILE -> content().strip();
        };
        if (text.isEmpty()) {
            throw new IllegalArgumentException(
                    source == Source.ENV
                            ? "the environment variable " + name + " is not set"
                            : "the file " + name + " is empty");
        }
        return text;
    }

    private String content() {
        try (InputStream stream = Files.newInputStream(path(name))) {
            byte[] bytes = stream.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw new IllegalArgumentException("the file " + name + " is larger than " + MAX_BYTES + " bytes");
            }
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new IllegalArgumentException("there is no file " + name, e);
        } catch (AccessDeniedException e) {
            throw new IllegalArgumentException("access denied to the file " + name, e);
        } catch (IOException e) {
            throw new IllegalArgumentException("the file " + name + " cannot be read", e);
        }
    }

    /** Where it is, never what it is. */
    @Override
    public String toString() {
        return source == Source.PLAIN ? "plain" : source.name().toLowerCase(Locale.ROOT) + " " + name;
    }
}
