package dev.tokenledger.cli;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.server.http.AccessEntry;
import java.time.InstantSource;
import java.util.Locale;

/** What a server has to say, on standard error: lines for people, or a JSON object a line for programs. Safe for use by many threads. */
final class ServerLog {

    /** How lines are written. */
    enum Format {
        /** For people. */
        TEXT,
        /** An object a line, with {@code time}, {@code level} and {@code message}. */
        JSON
    }

    private final Notices notices;
    private final Format format;
    private final InstantSource clock;

    ServerLog(Notices notices, Format format, InstantSource clock) {
        this.notices = notices;
        this.format = format;
        this.clock = clock;
    }

    void info(String message) {
        write("info", message, message);
    }

    void warn(String message) {
        write("warning", message, "warning: " + message);
    }

    void error(String message) {
        write("error", message, message);
    }

    private synchronized void write(String level, String message, String forPeople) {
        if (format == Format.TEXT) {
            notices.line(forPeople);
            return;
        }
        notices.raw(JsonText.write(json -> {
                    json.writeStartObject();
                    json.writeStringProperty("time", clock.instant().toString());
                    json.writeStringProperty("level", level);
                    json.writeStringProperty("message", message);
                    json.writeEndObject();
                })
                + "\n");
    }

    /** A request that was answered. */
    synchronized void access(AccessEntry entry) {
        if (format == Format.TEXT) {
            notices.line(entry.time() + " " + entry.remote() + " "
                    + (entry.key().isEmpty() ? "-" : entry.key()) + " \""
                    + entry.method() + " " + entry.path() + "\" " + entry.status() + " " + entry.bytes() + " "
                    + String.format(Locale.ROOT, "%.1f", entry.duration().toNanos() / 1e6) + "ms");
            return;
        }
        notices.raw(JsonText.write(json -> {
                    json.writeStartObject();
                    json.writeStringProperty("time", entry.time().toString());
                    json.writeStringProperty("level", "info");
                    json.writeStringProperty("message", "request");
                    json.writeStringProperty("remote", entry.remote());
                    json.writeStringProperty("method", entry.method());
                    json.writeStringProperty("path", entry.path());
                    json.writeNumberProperty("status", entry.status());
                    json.writeNumberProperty("bytes", entry.bytes());
                    json.writeNumberProperty(
                            "duration_microseconds", entry.duration().toNanos() / 1_000);
                    if (!entry.key().isEmpty()) {
                        json.writeStringProperty("key", entry.key());
                    }
                    json.writeEndObject();
                })
                + "\n");
    }
}
