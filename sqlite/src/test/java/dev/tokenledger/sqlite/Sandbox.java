package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes rights from a child, or gives it mounts of its own that vanish with it. Linux only, as its tests are. */
final class Sandbox {

    private Sandbox() {}

    /** Nobody but the superuser may ignore permission bits; the command takes that right from a child of his. */
    static String[] obeyingPermissions() throws IOException {
        return isSuperuser()
                ? new String[] {"setpriv", "--bounding-set=-dac_override,-dac_read_search"}
                : new String[0];
    }

    /** Runs a shell script with {@code $1} and so on in a mount namespace; the child's own command follows as well. */
    static String[] mounting(String script, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(namespace());
        command.addAll(List.of("bash", "-c", script, "bash"));
        command.addAll(List.of(arguments));
        return command.toArray(String[]::new);
    }

    /** Goes on only where this user may mount; the reason is in the report. */
    static void assumeMounts() throws IOException {
        List<String> command = new ArrayList<>(namespace());
        command.addAll(List.of("mount", "-t", "tmpfs", "tmpfs", "/mnt"));
        assumeThat(run(command.toArray(String[]::new)))
                .as("this user may not mount file systems: " + command)
                .isZero();
    }

    static int run(String... command) throws IOException {
        try {
            return new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> namespace() throws IOException {
        return isSuperuser()
                ? List.of("unshare", "--mount", "--propagation", "private")
                : List.of("unshare", "--user", "--map-root-user", "--mount", "--propagation", "private");
    }

    static boolean isSuperuser() throws IOException {
        Process id = new ProcessBuilder("id", "-u").start();
        return new String(id.getInputStream().readAllBytes(), StandardCharsets.US_ASCII)
                .strip()
                .equals("0");
    }
}
