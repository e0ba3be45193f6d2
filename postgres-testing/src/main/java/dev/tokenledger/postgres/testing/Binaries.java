package dev.tokenledger.postgres.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.tukaani.xz.XZInputStream;

/** The programs of a server, unpacked once for each user of this machine. */
final class Binaries {

    /** Names the folder of the jars that Maven fetched, for programs that run from elsewhere. */
    private static final String FOLDER_PROPERTY = "tokenledger.postgres.folder";

    private Binaries() {}

    /** The folder with the programs that are packed in one of the jars that Maven fetched. */
    static Path of(String jar) throws IOException {
        Path packed = fetched().resolve(jar);
        if (!Files.isReadable(packed)) {
            throw new IOException(
                    packed + " is missing: run 'mvn process-classes -pl postgres-testing', which fetches it");
        }
        CRC32 digest = new CRC32();
        digest.update(Files.readAllBytes(packed));
        Path cache = Path.of(System.getProperty("java.io.tmpdir"))
                .resolve("tokenledger-postgres-" + System.getProperty("user.name"));
        Files.createDirectories(cache);
        if (!Files.getOwner(cache).getName().equals(System.getProperty("user.name"))) {
            throw new IOException(cache + " belongs to somebody else; remove it");
        }
        Path unpacked = cache.resolve(Long.toHexString(digest.getValue()));
        if (!Files.isDirectory(unpacked)) {
            unpack(packed, unpacked);
        }
        return unpacked;
    }

    private static Path fetched() throws IOException {
        String elsewhere = System.getProperty(FOLDER_PROPERTY);
        if (elsewhere != null) {
            return Path.of(elsewhere);
        }
        try {
            // The folder of classes, or the jar, stands in the folder that Maven builds into.
            return Path.of(Binaries.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .resolveSibling("postgres");
        } catch (URISyntaxException e) {
            throw new IOException("cannot tell where this program is", e);
        }
    }

    /** Unpacks into a folder of another name first: several processes may do so at once. */
    private static void unpack(Path packed, Path target) throws IOException {
        Path folder = Files.createTempDirectory(target.getParent(), "unpacking-");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (ZipInputStream zip = new ZipInputStream(Files.newInputStream(packed))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (entry.getName().endsWith(".txz")) {
                    untar(zip, folder);
                    break;
                }
            }
        }
        try {
            Files.move(folder, target);
        } catch (IOException e) {
            if (!Files.isDirectory(target)) {
                throw e;
            }
            delete(folder);
        }
    }

    private static void untar(InputStream packed, Path folder) throws IOException {
        Process tar = new ProcessBuilder("tar", "-x", "-f", "-", "-C", folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try (OutputStream out = tar.getOutputStream()) {
            new XZInputStream(packed).transferTo(out);
        }
        try {
            if (tar.waitFor() != 0) {
                throw new IOException("cannot unpack the server's programs into " + folder);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while unpacking the server's programs", e);
        }
    }

    /** Removes a folder and what is in it; what cannot be removed stays in the system's folder for such. */
    static void delete(Path folder) {
        try {
            Files.walkFileTree(folder, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(
                        Path visited, @org.jspecify.annotations.Nullable IOException e) throws IOException {
                    Files.deleteIfExists(visited);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            System.getLogger(Binaries.class.getName())
                    .log(System.Logger.Level.DEBUG, "cannot remove {0}: {1}", folder, e);
        }
    }
}
