package dev.tokenledger.formats.text;

import dev.tokenledger.formats.text.DocumentException.Mistake;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * Files of one kind: each a document in YAML or, with the ending {@code .json}, in JSON.
 *
 * @param name what people call such a file, such as {@code price file}
 * @param largest the most bytes that one may have
 */
public record FileKind(String name, int largest) {

    /**
     * A file's content, or as much of it as shows that it is too large.
     *
     * @throws DocumentException if it cannot be read
     */
    public byte[] content(Path file) {
        try (InputStream stream = Files.newInputStream(file)) {
            return stream.readNBytes(largest + 1);
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    /**
     * Opens a file, for formats that are read as a stream.
     *
     * @throws DocumentException if it cannot be opened
     */
    public InputStream open(Path file) {
        try {
            return Files.newInputStream(file);
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    /** That reading a file failed. */
    public DocumentException unreadable(String file, IOException failure) {
        if (failure instanceof NoSuchFileException) {
            return new DocumentException(name, file, "there is no such file", failure);
        }
        if (failure instanceof AccessDeniedException) {
            return new DocumentException(name, file, "access denied", failure);
        }
        String problem = Files.isDirectory(Path.of(file)) ? "it is a directory" : String.valueOf(failure.getMessage());
        return new DocumentException(name, file, problem, failure);
    }

    /** That a file as a whole is of no use. */
    public DocumentException unusable(String file, String problem) {
        return new DocumentException(name, file, problem, null);
    }

    /**
     * Takes a file's content for a document.
     *
     * @param file its name, for messages, and by its ending for the format
     * @throws DocumentException if it is too large, not UTF-8, or no single document
     */
    public Node parse(String file, byte[] content) {
        return parse(file, content, file.toLowerCase(Locale.ROOT).endsWith(".json"));
    }

    /**
     * Takes a file's content for a JSON document, whatever its name.
     *
     * @throws DocumentException if it is too large, not UTF-8, or no single document
     */
    public Node parseJson(String file, byte[] content) {
        return parse(file, content, true);
    }

    private Node parse(String file, byte[] content, boolean json) {
        if (content.length > largest) {
            throw new DocumentException(name, file, "it is larger than " + largest + " bytes", null);
        }
        String text;
        try {
            text = Utf8.decode(content, 0, content.length);
        } catch (CharacterCodingException e) {
            throw new DocumentException(name, file, "it is not UTF-8 text", e);
        }
        String plain = text.startsWith("\ufeff") ? text.substring(1) : text;
        try {
            return json ? Documents.readJson(plain) : Documents.readYaml(plain);
        } catch (TextFormatException e) {
            throw new DocumentException(
                    file,
                    List.of(new Mistake(e.place().line(), e.place().column(), "", String.valueOf(e.getMessage()))));
        }
    }
}
