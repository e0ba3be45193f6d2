package dev.tokenledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UrisTest {

    @ParameterizedTest
    @ValueSource(
            strings = {"/", "/a", "/v1/records/a%20b", "/v1/records/call-1", "/a/b.c", "/a/...", "/%C3%A9", "/a:b@c"})
    void canonical(String path) {
        assertThat(Uris.isCanonical(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "", "*", "a", "//", "/a//b", "/a/", "/.", "/..", "/a/./b", "/a/../b", "/a;b", "/a\\b", "/%2f", "/%5C",
                "/%2E", "/%25", "/%00", "/%7f", "/%0a", "/%", "/%4", "/%g0", "/\u00e9", "/a b", "/a?b", "/a#b"
            })
    void notCanonical(String path) {
        assertThat(Uris.isCanonical(path)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/records/a%2Fb", "/v1/records/%25", "/v1/records/a%5cb", "/v1/records/a"})
    void canonicalWithAnyText(String path) {
        assertThat(Uris.isCanonicalWithAnyText(path)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/v1/records/%2e", "/v1/records/", "/v1//a", "/v1/records/%00", "/v1/records/%2", "/v1/a;b"})
    void notCanonicalWithAnyText(String path) {
        assertThat(Uris.isCanonicalWithAnyText(path)).isFalse();
    }

    @Test
    void ownHosts_areTheUsualNamesAndTheStatedOne() {
        assertThat(List.of("localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:80", "[0::1]", "[0::1]:65535"))
                .allMatch(Uris.ownHosts("0::1"));
        assertThat(List.of("127.0.0.2", "127.0.0.2:8080")).allMatch(Uris.ownHosts("127.0.0.2"));
        assertThat(List.of("My-Host:1", "my-host")).allMatch(Uris.ownHosts("my-host"));
        assertThat(List.of("", "null", "127.0.0.3", "127x0.0.2", "0::1", "127.0.0.2:", "127.0.0.2:x", "x127.0.0.2"))
                .noneMatch(Uris.ownHosts("127.0.0.2"));
    }

    @Test
    void longPath_takesNoStack() {
        assertThat(Uris.isCanonical("/a".repeat(1_000_000))).isTrue();
    }

    @Test
    void query_isDecodableOrNot() {
        assertThat(Uris.isDecodable("a=%20&b=%C3%A9")).isTrue();
        assertThat(Uris.isDecodable("a=%2")).isFalse();
        assertThat(Uris.isDecodable("a=%zz")).isFalse();
    }
}
