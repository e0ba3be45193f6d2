package dev.tokenledger.benchmarks;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;

/**
 * Made-up transcripts of Claude Code, with the truth about them: what is counted is added up while it is written, by the rules
 * that the format has, and nothing is read back.
 *
 * <p>As in real ones, a response stands on 1 to 12 rows whose output grows, sessions are forked with a copy of their rows,
 * sub-agents write files of their own or only notices of progress, texts are a few bytes or hundreds of kilobytes, and now and
 * then a line is torn. A tree follows from its shape, the seed and the sizes alone.
 *
 * <p>Long because the format is: what a row holds, when it is repeated, and what that adds to the truth stand side by side.
 */
final class AgentLogTree {

    private static final String[] MODELS = {
        "claude-sonnet-4-5-20250929", "claude-opus-4-20250514", "claude-haiku-4-5-20251001"
    };
    private static final int PROJECTS = 40;
    private static final int POOL = 1 << 21;
    private static final int MAX_TEXT_LENGTH = 900_000;
    private static final int MAX_ROWS = 12;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final long MILLIS = 90L * 86_400_000;

    /** Of 21,000 responses in 710 MB: what assistant rows, progress, images and snapshots take of one's 34,000 bytes. */
    private static final double REAL_WITHOUT_OUTPUTS = 20_200;

    private static final int IMAGES = 1 << 20;
    private static final int MAX_IMAGE_LENGTH = 700_000;
    private static final String BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    /** What stands around the calls. */
    enum Shape {
        /** Little: nearly 200 calls a megabyte, so that it shows what a call costs. */
        DENSE,
        /** What people's own transcripts have: outputs of tools, snapshots, images, progress; some 30 calls a megabyte. */
        REAL
    }

    private final Path root;
    private final Shape shape;
    private final SplittableRandom random;
    private final int files;
    private final int responses;
    private final double textScale;
    private final double outputScale;
    private final byte[] pool = new byte[POOL];
    private final byte[] images;
    private final Map<String, Long> truth = new TreeMap<>();

    /** The rows of the session before, for the next one to be a fork of. */
    private List<byte[]> earlier = new ArrayList<>();

    private long ids;

    private AgentLogTree(Path root, Shape shape, long seed, int files, int responses, long bytes) {
        this.root = root;
        this.shape = shape;
        this.files = files;
        this.responses = responses;
        random = new SplittableRandom(seed);
        double lines = responses * 3.7;
        boolean real = shape == Shape.REAL;
        textScale = real ? 350 : Math.max(10, (bytes - lines * 620) / lines / 3.6);
        // An output stands on a row twice, and there are three rows to two responses.
        outputScale = real ? Math.max(50, ((double) bytes / responses - REAL_WITHOUT_OUTPUTS) / 3 / 3.6) : 0;
        fillPool();
        images = new byte[real ? IMAGES : 0];
        for (int i = 0; i < images.length; i++) {
            images[i] = (byte) BASE64.charAt(random.nextInt(BASE64.length()));
        }
    }

    /**
     * Writes a tree below a folder that is not there yet.
     *
     * @param bytes about how many in all
     * @return what is true of it: {@code calls}, {@code lines}, {@code skipped}, {@code output_tokens}, …
     */
    static Map<String, Long> write(Path root, Shape shape, long seed, int files, int responses, long bytes)
            throws IOException {
        return new AgentLogTree(root, shape, seed, files, responses, bytes).write();
    }

    /** Words, escapes and letters beyond ASCII; a text is a slice that begins and ends between two of them. */
    private void fillPool() {
        byte[][] words = new byte[400][];
        for (int i = 0; i < words.length; i++) {
            StringBuilder word = new StringBuilder();
            for (int length = 1 + random.nextInt(9); length > 0; length--) {
                word.append((char) ('a' + random.nextInt(26)));
            }
            String end = random.nextInt(6) == 0 ? "\\n" : random.nextInt(9) == 0 ? "\\\"" : " ";
            String text =
                    random.nextInt(20) == 0 ? "über→" : random.nextInt(60) == 0 ? "\\\"usage\\\": " : word.toString();
            words[i] = (text + end).getBytes(StandardCharsets.UTF_8);
        }
        int at = 0;
        while (at < POOL) {
            byte[] word = words[random.nextInt(words.length)];
            if (at + word.length > POOL) {
                pool[at++] = ' ';
            } else {
                System.arraycopy(word, 0, pool, at, word.length);
                at += word.length;
            }
        }
    }

    private Map<String, Long> write() throws IOException {
        int sessions = Math.max(1, files * 7 / 10);
        int agents = files - sessions;
        int written = 0;
        for (int i = 0; i < sessions; i++) {
            int project = i * PROJECTS / sessions;
            Path folder = root.resolve("projects/-home-dev-work-project" + project);
            Session session = new Session(project, uuid());
            int ofAgents = (int) ((long) agents * (i + 1) / sessions - (long) agents * i / sessions);
            int share = (int) ((long) responses * (i + 1) / sessions) - written;
            written += share;
            int main = ofAgents == 0 ? share : share * 6 / 10;
            session.write(folder.resolve(session.id + ".jsonl"), main, i % 9 == 4);
            for (int agent = 0; agent < ofAgents; agent++) {
                int part = (share - main) * (agent + 1) / ofAgents - (share - main) * agent / ofAgents;
                String name = String.format(Locale.ROOT, "%08x", random.nextInt());
                Path below = folder.resolve(session.id).resolve("subagents");
                session.writeAgent(below.resolve("agent-" + name + ".jsonl"), name, part);
                if (agent == 0 && i % 5 == 0) {
                    Files.writeString(
                            below.resolve("journal.jsonl"), "{\"usage\": \"of the journal, not of a call\"}\n");
                }
            }
        }
        truth.put("files", (long) files);
        return truth;
    }

    private void add(String name, long count) {
        truth.merge(name, count, Long::sum);
    }

    private String uuid() {
        return String.format(
                Locale.ROOT,
                "%08x-%04x-4%03x-a%03x-%012x",
                random.nextInt(),
                random.nextInt(1 << 16),
                random.nextInt(1 << 12),
                random.nextInt(1 << 12),
                random.nextLong() & 0xffff_ffff_ffffL);
    }

    private String id(String prefix) {
        return String.format(Locale.ROOT, "%s_01%013x%09x", prefix, random.nextLong() & 0xf_ffff_ffff_ffffL, ids++);
    }

    /** How the lines of one file are written. */
    private static final class Lines {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream(4_096);
        private final String end;
        private final boolean spaced;

        Lines(String end, boolean spaced) {
            this.end = end;
            this.spaced = spaced;
        }

        Lines text(String text) {
            line.writeBytes((spaced ? text.replace("\":", "\": ") : text).getBytes(StandardCharsets.UTF_8));
            return this;
        }

        Lines slice(byte[] pool, int from, int to) {
            line.write(pool, from, to - from);
            return this;
        }

        byte[] take() {
            line.writeBytes(end.getBytes(StandardCharsets.UTF_8));
            byte[] bytes = line.toByteArray();
            line.reset();
            return bytes;
        }
    }

    /** A call's figures. */
    private record Figures(
            long input, long output, long reads, long writes5m, long writes1h, boolean split, long searches) {
        String json(long outputSoFar) {
            long writes = writes5m + writes1h;
            return "\"usage\":{\"input_tokens\":" + input + ",\"cache_creation_input_tokens\":" + writes
                    + ",\"cache_read_input_tokens\":" + reads + ",\"cache_creation\":{\"ephemeral_5m_input_tokens\":"
                    + (split ? writes5m : 0) + ",\"ephemeral_1h_input_tokens\":" + (split ? writes1h : 0)
                    + "},\"output_tokens\":" + outputSoFar
                    + (searches > 0 ? ",\"server_tool_use\":{\"web_search_requests\":" + searches + "}" : "")
                    + ",\"service_tier\":\"standard\"}";
        }
    }

    /** One session and its sub-agents. */
    private final class Session {

        private final int project;
        private final String id;
        private long millis = random.nextLong(MILLIS);
        private Lines lines = new Lines("\n", false);
        private String agent = "";
        private List<byte[]> rows = new ArrayList<>();

        Session(int project, String id) {
            this.project = project;
            this.id = id;
        }

        void write(Path file, int count, boolean fork) throws IOException {
            Files.createDirectories(file.getParent());
            int manner = random.nextInt(40);
            lines = new Lines(manner == 0 ? "\r\n" : "\n", manner == 1);
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
                if (manner == 2) {
                    out.write(0xef);
                    out.write(0xbb);
                    out.write(0xbf);
                }
                if (fork) {
                    for (byte[] row : earlier) {
                        out.write(row);
                        add("lines", 1);
                        add("copied_lines", 1);
                    }
                }
                rows = new ArrayList<>();
                responses(out, count);
                if (random.nextInt(30) == 0) {
                    out.write(new byte[] {'\n'});
                    add("lines", 1);
                    byte[] torn = row(id("msg"), id("req"), figures(), 3, false, false);
                    out.write(torn, 0, torn.length / 2);
                    add("lines", 1);
                    add("skipped", 1);
                }
            }
            earlier = rows;
        }

        void writeAgent(Path file, String name, int count) throws IOException {
            Files.createDirectories(file.getParent());
            agent = name;
            lines = new Lines("\n", false);
            try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
                responses(out, count);
            }
            agent = "";
        }

        private void responses(OutputStream out, int count) throws IOException {
            for (int i = 0; i < count; i++) {
                put(out, user());
                response(out);
                if (shape == Shape.REAL) {
                    putSurroundings(out);
                }
                int other = random.nextInt(100);
                if (other < 12) {
                    put(out, other(other));
                }
                if (other == 20) {
                    lines.text("{\"type\":\"assistant\",\"message\":{\"id\":\"")
                            .text(id("msg"))
                            .text("\",\"model\":\"<synthetic>\",\"usage\":{\"input_tokens\":0,\"output_tokens\":0}},")
                            .text("\"isApiErrorMessage\":true,")
                            .text(where());
                    put(out, lines.take());
                }
                if (random.nextInt(4_000) == 0) {
                    byte[] torn = row(id("msg"), id("req"), figures(), 3, false, false);
                    out.write(torn, 0, torn.length - 40);
                    out.write('\n');
                    add("lines", 1);
                    add("skipped", 1);
                }
            }
        }

        private void put(OutputStream out, byte[] row) throws IOException {
            out.write(row);
            add("lines", 1);
            if (agent.isEmpty() && rows.size() < 200) {
                rows.add(row);
            }
        }

        /** What the program notes while its tools run: mostly progress, now and then a snapshot, an image, another output. */
        private void putSurroundings(OutputStream out) throws IOException {
            if (random.nextBoolean()) {
                put(out, output());
            }
            for (int notices = random.nextInt(9); notices > 0; notices--) {
                put(out, progress());
            }
            if (random.nextInt(100) < 60) {
                put(out, snapshot());
            }
            if (random.nextInt(130) == 0) {
                put(out, image());
            }
        }

        /** A tool's output, which the row holds for the model and for the program. */
        private byte[] output() {
            lines.text("{\"parentUuid\":\"")
                    .text(uuid())
                    .text("\",\"isSidechain\":" + !agent.isEmpty() + ",\"userType\":\"external\",\"type\":\"user\",")
                    .text("\"message\":{\"role\":\"user\",\"content\":[{\"tool_use_id\":\"toolu_4\",")
                    .text("\"type\":\"tool_result\",\"content\":\"");
            int length = length(outputScale);
            slice(length);
            lines.text("\",\"is_error\":false}]},\"uuid\":\"").text(uuid()).text("\",\"toolUseResult\":{\"stdout\":\"");
            slice(length);
            lines.text("\",\"stderr\":\"\",\"interrupted\":false,\"isImage\":false},")
                    .text(where());
            return lines.take();
        }

        private byte[] progress() {
            lines.text("{\"parentUuid\":\"")
                    .text(uuid())
                    .text("\",\"isSidechain\":false,\"type\":\"progress\",\"data\":{");
            switch (random.nextInt(3)) {
                case 0 -> {
                    lines.text("\"type\":\"bash_progress\",\"output\":\"");
                    body(0.5);
                    lines.text("\",\"fullOutput\":\"");
                    body(1);
                    lines.text("\",\"elapsedTimeSeconds\":" + random.nextInt(90) + ",\"totalLines\":40}");
                }
                case 1 -> {
                    lines.text("\"type\":\"agent_progress\",\"agentId\":\"ab12cd34\",\"message\":{\"type\":\"user\",")
                            .text(
                                    "\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",\"content\":\"");
                    body(1);
                    lines.text("\"}]},\"uuid\":\"").text(uuid()).text("\"}}");
                }
                default ->
                    lines.text("\"type\":\"hook_progress\",\"hookEvent\":\"PostToolUse\",")
                            .text("\"hookName\":\"PostToolUse:Edit\",\"command\":\"check\"}");
            }
            lines.text(",\"toolUseID\":\"toolu_5\",\"parentToolUseID\":\"toolu_6\",\"uuid\":\"")
                    .text(uuid())
                    .text("\",")
                    .text(where());
            return lines.take();
        }

        private byte[] snapshot() {
            String message = uuid();
            lines.text("{\"type\":\"file-history-snapshot\",\"messageId\":\"" + message
                    + "\",\"snapshot\":{\"messageId\":\"" + message + "\",\"trackedFileBackups\":{");
            int count = 1 + random.nextInt(80);
            for (int i = 0; i < count; i++) {
                lines.text((i == 0 ? "" : ",") + "\"src/main/java/part" + i + "/Source" + i
                        + ".java\":{\"backupFileName\":\"" + Long.toHexString(random.nextLong())
                        + "@v2\",\"version\":2,\"backupTime\":\"" + START + "\"}");
            }
            lines.text("},\"timestamp\":\"" + START + "\"},\"isSnapshotUpdate\":" + random.nextBoolean() + "}");
            return lines.take();
        }

        private byte[] image() {
            int length = 20_000 + random.nextInt(MAX_IMAGE_LENGTH);
            int from = random.nextInt(IMAGES - length);
            lines.text("{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",")
                    .text("\"content\":[{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"data\":\"")
                    .slice(images, from, from + length)
                    .text(
                            "\",\"media_type\":\"image/png\"}}]}]},\"toolUseResult\":{\"type\":\"image\",\"file\":{\"base64\":\"")
                    .slice(images, from, from + length)
                    .text("\",\"type\":\"image/png\",\"originalSize\":" + length / 4 * 3 + "}},")
                    .text(where());
            return lines.take();
        }

        /** One response on its rows. */
        private void response(OutputStream out) throws IOException {
            Figures figures = figures();
            String message = id("msg");
            String request = random.nextInt(1_000) == 0 ? "" : id("req");
            boolean progress = agent.isEmpty() && random.nextInt(50) == 0;
            int count = 1;
            if (random.nextInt(100) < 56) {
                count = 2;
                while (count < MAX_ROWS && random.nextInt(100) < 55) {
                    count++;
                }
            }
            boolean stopped = random.nextInt(100) < 12;
            for (int i = 1; i <= count; i++) {
                long output = i == count ? figures.output : Math.max(1, figures.output * i / (count + 1));
                put(out, row(message, request, figures, output, progress, stopped && i == count));
            }
            if (!agent.isEmpty() && random.nextInt(300) == 0) {
                // What a sub-agent replays of the session's own thread under a request of its own.
                String replayed = id("msg");
                Figures own = figures();
                String saved = agent;
                agent = "";
                byte[] row = row(replayed, id("req"), own, own.output, false, true);
                agent = saved;
                out.write(row);
                add("lines", 1);
                put(out, row(replayed, id("req"), own, own.output + 7, false, false));
                count(own, true);
            }
            count(figures, stopped);
        }

        private void count(Figures figures, boolean stopped) {
            add("calls", 1);
            add("input_tokens", figures.input);
            add("output_tokens", figures.output);
            add("cache_read_input_tokens", figures.reads);
            add("cache_creation_input_tokens", figures.writes5m + figures.writes1h);
            add("cache_creation_5m_input_tokens", figures.split ? figures.writes5m : 0);
            add("cache_creation_1h_input_tokens", figures.split ? figures.writes1h : 0);
            add("web_search_calls", figures.searches);
            add("output_incomplete", stopped ? 0 : 1);
        }

        private Figures figures() {
            boolean hour = random.nextBoolean();
            long writes = random.nextInt(100) < 80 ? random.nextInt(20_000) : 0;
            return new Figures(
                    random.nextInt(400),
                    20 + random.nextInt(1_500),
                    random.nextInt(150_000),
                    hour ? 0 : writes,
                    hour ? writes : 0,
                    random.nextInt(500) != 0,
                    random.nextInt(400) == 0 ? 1 + random.nextInt(3) : 0);
        }

        private byte[] row(
                String message, String request, Figures figures, long output, boolean progress, boolean stopped) {
            String model = MODELS[Math.floorMod(message.hashCode(), MODELS.length)];
            add("assistant_rows", 1);
            if (progress) {
                lines.text("{\"type\":\"progress\",\"toolUseID\":\"toolu_1\",\"data\":{\"type\":\"agent_progress\",")
                        .text("\"agentId\":\"ab12cd34\",\"message\":");
            }
            lines.text("{\"parentUuid\":\"")
                    .text(uuid())
                    .text("\",\"isSidechain\":")
                    .text(agent.isEmpty() && !progress ? "false" : "true")
                    .text(",\"userType\":\"external\",\"message\":{\"model\":\"")
                    .text(model)
                    .text("\",\"id\":\"")
                    .text(message)
                    .text("\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[");
            if (random.nextInt(3) == 0) {
                lines.text("{\"type\":\"tool_use\",\"id\":\"toolu_2\",\"name\":\"Edit\",\"input\":{\"id\":null,")
                        .text("\"usage\":{\"input_tokens\":1e9},\"text\":\"");
                body(0.5);
                lines.text("\"}}");
            } else {
                lines.text("{\"type\":\"text\",\"text\":\"");
                body(0.5);
                lines.text("\"}");
            }
            lines.text("],\"stop_reason\":")
                    .text(stopped ? "\"end_turn\"" : "null")
                    .text(",\"stop_sequence\":null,")
                    .text(figures.json(output))
                    .text("},");
            if (!request.isEmpty()) {
                lines.text("\"requestId\":\"").text(request).text("\",");
            }
            lines.text("\"type\":\"assistant\",\"uuid\":\"").text(uuid()).text("\",");
            if (progress) {
                lines.text("\"timestamp\":\"").text(time()).text("\"}},");
            }
            lines.text(where());
            return lines.take();
        }

        private byte[] user() {
            if (shape == Shape.REAL) {
                return output();
            }
            lines.text("{\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":[{\"type\":\"tool_result\",")
                    .text("\"tool_use_id\":\"toolu_3\",\"content\":\"");
            body(3);
            lines.text("\"}]},");
            if (random.nextInt(100) == 0) {
                lines.text(
                        "\"toolUseResult\":{\"totalTokens\":99,\"usage\":{\"input_tokens\":99,\"output_tokens\":99}},");
            }
            lines.text(where());
            return lines.take();
        }

        private byte[] other(int which) {
            String type = which < 4 ? "system" : which < 8 ? "file-history-snapshot" : "queue-operation";
            lines.text("{\"type\":\"" + type + "\",\"content\":\"");
            body(1);
            lines.text("\",").text(where());
            return lines.take();
        }

        private void body(double weight) {
            slice(length(textScale * weight));
        }

        private int length(double scale) {
            return (int) Math.min(MAX_TEXT_LENGTH, Math.exp(1.6 * gaussian()) * scale);
        }

        private void slice(int length) {
            int from = boundary(random.nextInt(POOL - MAX_TEXT_LENGTH - 1_000));
            int to = boundary(from + length);
            lines.slice(pool, from, to);
        }

        private double gaussian() {
            double sum = 0;
            for (int i = 0; i < 12; i++) {
                sum += random.nextDouble();
            }
            return sum - 6;
        }

        /** The place behind the next blank. */
        private int boundary(int from) {
            int at = from;
            while (pool[at] != ' ') {
                at++;
            }
            return at + 1;
        }

        private String time() {
            millis += 200 + random.nextInt(9_000);
            return START.plusMillis(millis % MILLIS).toString();
        }

        /** The last fields of a row. */
        private String where() {
            return "\"timestamp\":\"" + time() + "\",\"sessionId\":\"" + id + "\",\"version\":\"2.0." + project
                    + "\",\"gitBranch\":\"main\",\"cwd\":\"/home/dev/code/project" + project + "\""
                    + (agent.isEmpty() ? "" : ",\"agentId\":\"" + agent + "\"") + "}";
        }
    }
}
