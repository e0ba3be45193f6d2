package dev.tokenledger.clickhouse.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What servers are run by: the library of chdb, which npm fetches once for each user of a machine, in a JDK from 25 on; where
 * there is none, Debian's package, which the superuser installs.
 *
 * @param jdk the folder of the JDK; empty for Debian's package
 * @param library where the library is
 */
record Installation(Optional<Path> jdk, Path library) {

    private static final String PACKAGE = "@chdb/lib-linux-x64-gnu";
    private static final String VERSION = "26.7.3-stable.1";

    /** As the registry states it for this version. */
    private static final String SHA_512 =
            "XP97mMqnc5tZpKQywR8N7cLTsHNiTmHr30pC5mzo3jWmukjKn2IBa60c2B/gWUNcuFjOMjWoorQICCqBVj5wpw==";

    private static final String SERVER = "clickhouse-server";

    /** The system property that has the older version be run. */
    private static final String OLD = "tokenledger.clickhouse.old";

    private static final int MIN_JDK = 25;
    private static final long MAX_FETCH_MINUTES = 15;
    private static final Pattern MAJOR = Pattern.compile("JAVA_VERSION=\"([0-9]{1,4})");

    /** That of this machine; fetched if it was never before. */
    static synchronized Installation find() throws IOException {
        Optional<Path> jdk = Boolean.getBoolean(OLD) ? Optional.empty() : newestJdk();
        if (jdk.isPresent() && isX64()) {
            return new Installation(jdk, fetchedLibrary());
        }
        Optional<Path> server = onPath(SERVER);
        if (server.isEmpty()) {
            run(List.of("apt-get", "-q", "update"), Path.of("."));
            run(
                    List.of(
                            "env",
                            "DEBIAN_FRONTEND=noninteractive",
                            "apt-get",
                            "-q",
                            "-y",
                            "install",
                            "--no-install-recommends",
                            SERVER),
                    Path.of("."));
            server = onPath(SERVER);
        }
        return new Installation(
                Optional.empty(), server.orElseThrow(() -> new IOException(SERVER + " is not where programs are")));
    }

    private static boolean isX64() {
        return System.getProperty("os.name", "").equals("Linux")
                && System.getProperty("os.arch", "").equals("amd64");
    }

    boolean isOld() {
        return jdk.isEmpty();
    }

    /** The outermost element of configurations. */
    String root() {
        return isOld() ? "yandex" : "clickhouse";
    }

    /** What runs a server in the foreground. */
    List<String> command(Path config) throws IOException {
        if (jdk.isEmpty()) {
            return List.of(library.toString(), "--config-file=" + config);
        }
        Path program = config.resolveSibling("EmbeddedServer.java");
        try (InputStream source = ClickHouseServers.resource("EmbeddedServer.java")) {
            Files.copy(source, program, StandardCopyOption.REPLACE_EXISTING);
        }
        return List.of(
                jdk.get().resolve("bin/java").toString(),
                "-Xmx64m",
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                program.toString(),
                library.toString(),
                config.toString());
    }

    /** The newest JDK that the library can be run in, looked for where a JDK is known to be and beside it. */
    private static Optional<Path> newestJdk() throws IOException {
        List<Path> homes = new ArrayList<>();
        String stated = System.getenv("JAVA_HOME");
        for (Path home : Stream.concat(
                        Stream.of(System.getProperty("java.home", ""), stated == null ? "" : stated)
                                .filter(text -> !text.isEmpty())
                                .map(Path::of),
                        homeOnPath().stream())
                .toList()) {
            Path real = Files.exists(home) ? home.toRealPath() : home;
            homes.add(real);
            Path beside = real.getParent();
            if (beside != null && Files.isDirectory(beside)) {
                try (Stream<Path> all = Files.list(beside)) {
                    homes.addAll(all.sorted().toList());
                }
            }
        }
        Optional<Path> best = Optional.empty();
        int bestMajor = MIN_JDK - 1;
        for (Path home : homes) {
            int major = majorOf(home);
            if (major > bestMajor) {
                best = Optional.of(home);
                bestMajor = major;
            }
        }
        return best;
    }

    /** The folder of the JDK that "java" is of. */
    private static Optional<Path> homeOnPath() throws IOException {
        Optional<Path> java = onPath("java");
        return java.isEmpty()
                ? Optional.empty()
                : Optional.ofNullable(java.get().toRealPath().getParent()).map(Path::getParent);
    }

    private static int majorOf(Path home) throws IOException {
        Path release = home.resolve("release");
        if (!Files.isReadable(release) || !Files.isExecutable(home.resolve("bin/javac"))) {
            return 0;
        }
        Matcher major = MAJOR.matcher(Files.readString(release));
        return major.find() ? Integer.parseInt(major.group(1)) : 0;
    }

    /** The library, fetched and unpacked beside its place and moved there, so that it is there whole or not at all. */
    private static Path fetchedLibrary() throws IOException {
        Path cache = Path.of(System.getProperty("user.home", "."), ".cache", "tokenledger");
        Path library = cache.resolve("clickhouse-" + VERSION).resolve("libchdb.so");
        if (Files.exists(library)) {
            return library;
        }
        Files.createDirectories(cache);
        try (FileChannel channel = FileChannel.open(
                        cache.resolve("clickhouse.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = channel.lock()) {
            if (lock.isValid() && !Files.exists(library)) {
                Path fetched = Files.createTempDirectory(cache, "clickhouse-");
                run(List.of("npm", "pack", "--silent", PACKAGE + "@" + VERSION), fetched);
                Path archive;
                try (Stream<Path> files = Files.list(fetched)) {
                    archive = files.findFirst().orElseThrow(() -> new IOException("npm fetched nothing"));
                }
                check(archive);
                run(List.of("tar", "-xzf", archive.toString(), "package/libchdb.so"), fetched);
                Files.delete(archive);
                Files.createDirectories(library.resolveSibling("."));
                Files.move(fetched.resolve("package/libchdb.so"), library, StandardCopyOption.ATOMIC_MOVE);
                Files.delete(fetched.resolve("package"));
                Files.delete(fetched);
            }
        }
        return library;
    }

    private static void check(Path archive) throws IOException {
        try (InputStream in = Files.newInputStream(archive)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-512");
            byte[] chunk = new byte[1 << 16];
            for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
                digest.update(chunk, 0, read);
            }
            if (!Base64.getEncoder().encodeToString(digest.digest()).equals(SHA_512)) {
                throw new IOException("what npm fetched as " + PACKAGE + " " + VERSION + " is not what it was");
            }
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-512", e);
        }
    }

    /** Where a program is, if it is; servers are beside what only the superuser needs. */
    private static Optional<Path> onPath(String program) {
        String path = System.getenv("PATH");
        return Stream.of(((path == null ? "" : path) + ":/usr/local/sbin:/usr/sbin").split(":"))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, program))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static void run(List<String> command, Path folder) throws IOException {
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .start();
        } catch (IOException e) {
            throw new IOException(
                    "a ClickHouse server for tests needs '" + command.get(0) + "': install npm and a JDK from "
                            + MIN_JDK + " on, or Debian's clickhouse-server",
                    e);
        }
        process.getOutputStream().close();
        StringBuilder output = new StringBuilder();
        Thread reader = new Thread(
                () -> {
                    try (BufferedReader lines = new BufferedReader(
                            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                        lines.lines().forEach(line -> output.append(line).append('\n'));
                    } catch (IOException | UncheckedIOException e) {
                        output.append(e.getMessage());
                    }
                },
                "tokenledger-fetch");
        reader.start();
        try {
            if (!process.waitFor(MAX_FETCH_MINUTES, TimeUnit.MINUTES)) {
                process.destroyForcibly();
                throw new IOException(
                        String.join(" ", command) + " took longer than " + MAX_FETCH_MINUTES + " minutes");
            }
            reader.join();
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        if (process.exitValue() != 0) {
            throw new IOException(String.join(" ", command) + " failed: " + output);
        }
    }
}
