package dev.tokenledger.server.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's certificate with those that vouch for it, and its private key, in the PEM files that certificate authorities and
 * their clients write. Immutable and safe for use by many threads; the files are read anew by each call.
 *
 * @param certificates the server's certificate first, then the intermediate ones
 * @param key the private key, PKCS #8 without a password (RSA, EC or Ed25519)
 */
public record PemFiles(Path certificates, Path key) {

    private static final int MAX_BYTES = 1 << 20;

    private static final Pattern KEY =
            Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

    private static final List<String> KINDS = List.of("RSA", "EC", "Ed25519");

    /** What the password of a store in memory keeps from nobody. */
    static final String STORE_PASSWORD = "in-memory";

    /** When the files were written, to tell whether they are others now. */
    record Stamp(FileTime certificates, FileTime key) {}

    /** Both files, named. */
    public PemFiles {
        Objects.requireNonNull(certificates, "certificates");
        Objects.requireNonNull(key, "key");
    }

    /**
     * Reads both.
     *
     * @throws IOException if one cannot be read, is no PEM file of its kind, or the key is not the certificate's; the message
     *     names the file, says what to do, and shows nothing of the key
     */
    KeyStore read() throws IOException {
        List<X509Certificate> chain = chain();
        PrivateKey secret = secret();
        try {
            if (!belong(chain.get(0).getPublicKey(), secret)) {
                throw new IOException(key + ": not the key of the certificate in " + certificates
                        + "; name the two that belong together");
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("server", secret, STORE_PASSWORD.toCharArray(), chain.toArray(new Certificate[0]));
            return store;
        } catch (GeneralSecurityException e) {
            throw new IOException(certificates + ": cannot be used with " + key + ": " + e.getMessage(), e);
        }
    }

    Stamp stamp() throws IOException {
        return new Stamp(modified(certificates), modified(key));
    }

    private List<X509Certificate> chain() throws IOException {
        try {
            List<X509Certificate> chain =
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new ByteArrayInputStream(bytes(certificates)))
                            .stream()
                            .map(X509Certificate.class::cast)
                            .toList();
            if (!chain.isEmpty()) {
                return chain;
            }
        } catch (CertificateException e) {
            // The one message below says it.
        }
        throw new IOException(certificates + ": holds no certificate in PEM; name a file with BEGIN CERTIFICATE");
    }

    private PrivateKey secret() throws IOException {
        byte[] content = bytes(key);
        Matcher pem = KEY.matcher(new String(content, StandardCharsets.ISO_8859_1));
        if (pem.find()) {
            byte[] encoded = Base64.getMimeDecoder().decode(pem.group(1));
            for (String kind : KINDS) {
                try {
                    return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(encoded));
                } catch (InvalidKeySpecException e) {
                    // Of another kind.
                } catch (GeneralSecurityException e) {
                    throw new IOException(key + ": this Java knows no keys of " + kind, e);
                }
            }
        }
        throw new IOException(key
                + ": holds no private key in PKCS #8 without a password (BEGIN PRIVATE KEY); make one with 'openssl pkcs8"
                + " -topk8 -nocrypt -in KEY -out NEW'");
    }

    private static boolean belong(PublicKey open, Key secret) throws GeneralSecurityException {
        String kind = secret.getAlgorithm();
        if (!kind.equals(open.getAlgorithm())
                && !(kind.startsWith("Ed") && open.getAlgorithm().startsWith("Ed"))) {
            return false;
        }
        String algorithm = kind.equals("RSA") ? "SHA256withRSA" : kind.equals("EC") ? "SHA256withECDSA" : "Ed25519";
        Signature signature = Signature.getInstance(algorithm);
        signature.initSign((PrivateKey) secret);
        byte[] text = {1, 2, 3};
        signature.update(text);
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(text);
        return signature.verify(signed);
    }

    private static byte[] bytes(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(file + ": too large for a PEM file, more than " + MAX_BYTES + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (FileSystemException e) {
            throw unusable(file, e);
        }
    }

    private static FileTime modified(Path file) throws IOException {
        try {
            return Files.getLastModifiedTime(file);
        } catch (FileSystemException e) {
            throw unusable(file, e);
        }
    }

    private static IOException unusable(Path file, FileSystemException cause) {
        return new IOException(
                file
                        + (cause instanceof NoSuchFileException
                                ? ": there is no such file"
                                : ": cannot be read; check its permissions"),
                cause);
    }
}
