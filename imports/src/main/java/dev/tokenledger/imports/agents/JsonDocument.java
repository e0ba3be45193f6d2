package dev.tokenledger.imports.agents;

import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Reads a file that holds one JSON object. Whatever may hold a call in it stands for a line. */
final class JsonDocument {

    private JsonDocument() {}

    /**
     * The file's object; empty if it cannot be read, which is then told of as one skipped line.
     *
     * @param names the members of interest
     */
    static Optional<Fields> read(ImportFile file, ImportSink sink, Set<String> names) throws IOException {
        try (JsonParser parser = Fields.parser(new BufferedInputStream(file.open()))) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                sink.skip(1, JsonLines.INVALID_JSON, "expected a JSON object");
                return Optional.empty();
            }
            Fields document = Fields.read(parser, names);
            if (parser.nextToken() != null) {
                sink.skip(1, JsonLines.INVALID_JSON, "text after the JSON object");
                return Optional.empty();
            }
            return Optional.of(document);
        } catch (JacksonException e) {
            sink.skip(
                    1,
                    JsonLines.INVALID_JSON,
                    "not valid JSON near line "
                            + (e.getLocation() == null ? 1 : e.getLocation().getLineNr()) + ", column "
                            + JsonLines.column(e));
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            sink.skip(1, JsonLines.INVALID_RECORD, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }
}
