package dev.tokenledger.formats.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedFileTest {

    private static final int LINES_EACH = 25;

    @TempDir
    private Path folder;

    private Path path;
    private SharedFile file;

    @BeforeEach
    void prepare() {
        path = folder.resolve("a/b/list.txt");
        file = new SharedFile(path);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] appended(Optional<byte[]> current, String line) {
        return bytes(new String(current.orElse(new byte[0]), StandardCharsets.UTF_8) + line + "\n");
    }

    /** A process that adds lines to a file, each by an update of its own. */
    static final class Appender {
        private Appender() {}

        public static void main(String[] arguments) throws IOException {
            SharedFile shared = new SharedFile(Path.of(arguments[0]), Duration.ofMinutes(2));
            for (int i = 0; i < LINES_EACH; i++) {
                String line = arguments[1] + "-" + i;
                shared.update(current -> appended(current, line));
            }
        }
    }

    @Test
    void update_createsFileAndFoldersForTheirOwnerAlone() throws IOException {
        assertThat(file.read()).isEmpty();

        byte[] written = file.update(current -> {
            assertThat(current).isEmpty();
            return bytes("one\n");
        });

        assertThat(written).isEqualTo(bytes("one\n"));
        assertThat(path).hasContent("one\n");
        for (Path created : List.of(path, path.resolveSibling("list.txt.lock"))) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(created)))
                    .isEqualTo("rw-------");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path.getParent())))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(path.getParent().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void updatesOfManyProcesses_areAllThere() throws Exception {
        List<Process> processes = new ArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            String name = "process" + i;
            for (int line = 0; line < LINES_EACH; line++) {
                expected.add(name + "-" + line);
            }
            String java =
                    Path.of(System.getProperty("java.home"), "bin", "java").toString();
            processes.add(new ProcessBuilder(
                            java,
                            "-XX:TieredStopAtLevel=1",
                            "-cp",
                            System.getProperty("java.class.path"),
                            Appender.class.getName(),
                            path.toString(),
                            name)
                    .redirectErrorStream(true)
                    .redirectOutput(Redirect.DISCARD)
                    .start());
        }
        for (Process process : processes) {
            assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(process.exitValue()).isZero();
        }

        assertThat(Files.readAllLines(path)).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void failedChange_leavesEverythingAsItWas() throws IOException {
        file.update(current -> bytes("one\n"));

        assertThatThrownBy(() -> file.update(current -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");

        assertThat(path).hasContent("one\n");
        try (var files = Files.list(path.getParent())) {
            assertThat(files).hasSize(2);
        }
    }

    @Test
    void unchangedContent_isNotWritten() throws IOException {
        file.update(current -> bytes("one\n"));
        Object before = Files.readAttributes(path, "unix:ino").get("ino");

        file.update(Optional::orElseThrow);

        assertThat(Files.readAttributes(path, "unix:ino")).containsEntry("ino", before);
    }

    /** As an editor does. */
    @Test
    void writingWithoutTheLock_isNotUndone() throws IOException {
        file.update(current -> bytes("one\n"));

        assertThatThrownBy(() -> file.update(current -> {
                    Files.writeString(path, "edited\n");
                    return bytes("two\n");
                }))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("takes no lock");

        assertThat(path).hasContent("edited\n");
    }

    @Test
    void lockHeldForTooLong_isToldAndNothingChanges() throws IOException {
        file.update(current -> bytes("one\n"));
        SharedFile impatient = new SharedFile(path, Duration.ZERO);
        Path lock = path.resolveSibling("list.txt.lock");

        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            assertThat(held.isValid()).isTrue();
            assertThatThrownBy(() -> impatient.update(current -> bytes("two\n")))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another process has held " + lock)
                    .hasMessageContaining("nothing was changed");
        }

        assertThat(path).hasContent("one\n");
    }

    @Test
    void symbolicLink_staysOneAndItsFileIsReplaced() throws IOException {
        Path real = Files.writeString(folder.resolve("real.txt"), "one\n");
        Path link = Files.createSymbolicLink(folder.resolve("link.txt"), real);

        new SharedFile(link).update(current -> appended(current, "two"));

        assertThat(link).isSymbolicLink();
        assertThat(real).hasContent("one\ntwo\n");
    }
}
