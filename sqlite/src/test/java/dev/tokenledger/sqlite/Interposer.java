package dev.tokenledger.sqlite;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/** The library of {@code src/test/c/interpose.c}, compiled when first used. */
final class Interposer {

    private static final Path LIBRARY = compile();

    private Interposer() {}

    /** Makes a child log what it does to this folder. */
    static Map<String, String> tracing(Path folder, Path log) throws IOException {
        Map<String, String> environment = new TreeMap<>();
        environment.put("LD_PRELOAD", LIBRARY.toString());
        environment.put("TRACE_FOLDER", folder.toRealPath().toString());
        environment.put("TRACE_LOG", log.toString());
        return environment;
    }

    private static Path compile() {
        Path source = Path.of("src", "test", "c", "interpose.c").toAbsolutePath();
        try {
            Path library = Files.createDirectories(
                            Path.of("target", "interpose").toAbsolutePath())
                    .resolve("libinterpose.so");
            Process compiler = start(source, library);
            String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (compiler.waitFor() != 0) {
                throw new AssertionError("gcc cannot compile " + source + ":\n" + output);
            }
            return library;
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Process start(Path source, Path library) {
        String[] command = {
            "gcc",
            "-shared",
            "-fPIC",
            "-O1",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-o",
            library.toString(),
            source.toString(),
            "-ldl",
            "-lpthread"
        };
        try {
            return new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(new File("/dev/null"))
                    .start();
        } catch (IOException e) {
            throw new AssertionError(
                    "the durability tests compile a small C library and need gcc (apt install gcc"
                            + " libc6-dev); leave the profile \"durability\" away to run without them",
                    e);
        }
    }
}
