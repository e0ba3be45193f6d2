package dev.tokenledger.server.dashboard;

import dev.tokenledger.server.http.Problem;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The script and style of the pages, and their icon, from our own jar. Their addresses carry a digest, so that browsers keep
 * them for good and still get new ones with a new version.
 */
final class Assets {

    private static final Map<String, String> TYPES = Map.of(
            "style.css", "text/css; charset=utf-8",
            "script.js", "text/javascript; charset=utf-8",
            "theme.js", "text/javascript; charset=utf-8",
            "htmx.min.js", "text/javascript; charset=utf-8",
            "icon.svg", "image/svg+xml");

    private final Map<String, byte[]> contents = new LinkedHashMap<>();
    private final Map<String, String> versions = new LinkedHashMap<>();

    Assets() {
        TYPES.keySet().forEach(name -> {
            byte[] content = content(name);
            contents.put(name, content);
            versions.put(name, digest(content));
        });
    }

    /** Where a page finds one of them. */
    String path(String name) {
        return "/assets/" + name + "?v=" + versions.get(name);
    }

    /** Answers with the one that the path names. */
    void answer(Context context) {
        String name = context.pathParam("name");
        byte[] content = contents.get(name);
        if (content == null) {
            throw Problem.of(404, "there is no such file");
        }
        context.contentType(TYPES.getOrDefault(name, ""))
                .header("Cache-Control", "public, max-age=31536000, immutable")
                .result(content);
    }

    private static byte[] content(String name) {
        try (InputStream stream = Assets.class.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalStateException("the program's own file " + name + " is missing");
            }
            return stream.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String digest(byte[] content) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(content);
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
