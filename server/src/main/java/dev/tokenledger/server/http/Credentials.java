package dev.tokenledger.server.http;

import dev.tokenledger.server.keys.ApiKey;
import dev.tokenledger.server.keys.ApiKeys;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Reads a request's key: {@code Bearer KEY}, or as browsers ask people for it, {@code Basic}, the key as the password. */
final class Credentials {

    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";

    private final @Nullable Supplier<ApiKeys> keys;

    /**
     * Asks for these keys.
     *
     * @param keys the keys in force at the moment; null to ask for none
     */
    Credentials(@Nullable Supplier<ApiKeys> keys) {
        this.keys = keys;
    }

    Caller caller(Request request) {
        if (keys == null) {
            return new Caller(Optional.empty(), false);
        }
        String header = request.getHeaders().get(HttpHeader.AUTHORIZATION);
        Optional<ApiKey> key =
                header == null ? Optional.empty() : secret(header).flatMap(keys.get()::find);
        return new Caller(key, true);
    }

    private static Optional<String> secret(String header) {
        String scheme =
                header.substring(0, Math.min(header.length(), BEARER.length())).toLowerCase(Locale.ROOT);
        if (scheme.equals(BEARER)) {
            return Optional.of(header.substring(BEARER.length()).strip());
        }
        if (!scheme.startsWith(BASIC)) {
            return Optional.empty();
        }
        try {
            String pair = new String(
                    Base64.getDecoder().decode(header.substring(BASIC.length()).strip()), StandardCharsets.UTF_8);
            int colon = pair.indexOf(':');
            return colon < 0 ? Optional.empty() : Optional.of(pair.substring(colon + 1));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
