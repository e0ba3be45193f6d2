package dev.tokenledger.postgres.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system in memory with little room, which goes when it is closed or this process ends. It is mounted where only a
 * process of its own sees it, and reached through that one. Only the superuser may make one, on Linux.
 */
public final class SmallDisk implements AutoCloseable {

    private static final String HOLD =
            "mount -t tmpfs -o size=$2m,mode=0777 tmpfs \"$1\" && exec setpriv --reuid=nobody"
                    + " --regid=nogroup --clear-groups sh -c 'echo mounted; read -r line'";

    private final Path mounted;
    private final Process holder;
    private final Path folder;

    /**
     * Makes one.
     *
     * @param mebibytes its room
     * @throws IllegalStateException if this user may not, or this machine cannot
     */
    public SmallDisk(int mebibytes) {
        try {
            mounted = Files.createTempDirectory("tokenledger-disk-");
            holder = new ProcessBuilder(List.of(
                            "unshare",
                            "--mount",
                            "--propagation",
                            "private",
                            "sh",
                            "-c",
                            HOLD,
                            "sh",
                            mounted.toString(),
                            Integer.toString(mebibytes)))
                    .redirectErrorStream(true)
                    .start();
            BufferedReader output =
                    new BufferedReader(new InputStreamReader(holder.getInputStream(), StandardCharsets.UTF_8));
            String line = output.readLine();
            if (!"mounted".equals(line)) {
                throw new IllegalStateException("cannot mount a file system, as the superuser may: " + line);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        folder = Path.of("/proc/" + holder.pid() + "/root" + mounted);
    }

    /** The file system's folder. */
    public Path folder() {
        return folder;
    }

    /** Takes the room that is left, but for so much. */
    public void fill(long bytesLeft) {
        try {
            long free = Files.getFileStore(folder).getUsableSpace() - bytesLeft;
            byte[] chunk = new byte[4096];
            try (OutputStream ballast = Files.newOutputStream(folder.resolve("ballast"))) {
                for (long written = 0; written < free; written += chunk.length) {
                    ballast.write(chunk);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Gives back what {@link #fill} took. */
    public void empty() {
        try {
            Files.deleteIfExists(folder.resolve("ballast"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        holder.destroyForcibly().onExit().join();
        Binaries.delete(mounted);
    }
}
