package dev.tokenledger.server.keys;

import java.security.MessageDigest;
import java.util.Collection;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The keys that a server knows. Immutable. */
public final class ApiKeys {

    private static final ApiKeys NONE = new ApiKeys(List.of());

    private final List<ApiKey> keys;
    private final byte[][] digests;

    private ApiKeys(Collection<ApiKey> keys) {
        this.keys = List.copyOf(keys);
        digests =
                keys.stream().map(key -> HexFormat.of().parseHex(key.sha256())).toArray(byte[][]::new);
    }

    /** No keys. */
    public static ApiKeys none() {
        return NONE;
    }

    /**
     * These keys.
     *
     * @throws IllegalArgumentException if two have the same id
     */
    public static ApiKeys of(Collection<ApiKey> keys) {
        Set<String> ids = new HashSet<>();
        for (ApiKey key : keys) {
            if (!ids.add(key.id())) {
                throw new IllegalArgumentException("two keys have the id " + key.id());
            }
        }
        return new ApiKeys(keys);
    }

    /** All of them, in order. */
    public List<ApiKey> all() {
        return keys;
    }

    /**
     * The key that somebody presents. How long it takes depends on how many keys there are, not on how nearly one was
     * guessed.
     */
    public Optional<ApiKey> find(String secret) {
        byte[] presented = ApiKey.digest(secret);
        ApiKey found = null;
        for (int i = 0; i < digests.length; i++) {
            if (MessageDigest.isEqual(digests[i], presented)) {
                found = keys.get(i);
            }
        }
        return Optional.ofNullable(found);
    }
}
