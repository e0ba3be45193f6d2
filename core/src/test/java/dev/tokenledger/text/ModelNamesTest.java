package dev.tokenledger.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.model.ModelIdentity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ModelNamesTest {

    @ParameterizedTest
    @CsvSource({
        "gpt-4.1-2025-04-14, gpt-4.1",
        "claude-opus-4@20250514, claude-opus-4",
        "claude-opus-4-20250514, claude-opus-4",
        "anthropic.claude-sonnet-4-5-20250929-v1:0, anthropic.claude-sonnet-4-5",
        "amazon.nova-pro-v1:0, amazon.nova-pro",
        "gpt-4-0613, gpt-4",
        "mistral-large-2411, mistral-large",
        "gemini-2.0-flash-001, gemini-2.0-flash",
        "gemini-2.5-pro-preview-05-06, gemini-2.5-pro-preview",
        "gemini-2.5-flash-preview-09-2025, gemini-2.5-flash-preview",
        "acme@20260101, acme"
    })
    void version_isADateOrANumberBehindTheName(String served, String requested) {
        assertThat(ModelNames.isVersionOf(served, requested)).isTrue();
        assertThat(ModelNames.isVersionOf(requested, served)).isFalse();
        assertThat(ModelNames.isVersionOf(served, served)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "gpt-4o-mini, gpt-4o",
        "gpt-4o-mini-2024-07-18, gpt-4o",
        "gpt-4.1-2025-04-14, gpt-4",
        "claude-opus-5-5, claude-opus-5",
        "claude-opus-45, claude-opus-4",
        "gpt-4-32k, gpt-4",
        "gpt-4-32k-0613, gpt-4",
        "llama-3-405, llama-3",
        "house-4096, house",
        "house-2026-13-01, house",
        "house-2026-02-30, house",
        "house-v1-large, house",
        "house-2026-01-01-fast, house",
        "gpt-5, none",
        "gpt-5-2025-08-07, ''",
        "gpt-5-2025-08-07-, gpt-5"
    })
    void anotherModel_isNoVersion(String served, String requested) {
        assertThat(ModelNames.isVersionOf(served, requested)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "none", "UNKNOWN", "Unknown ", "null"})
    void noName_isNoneInAnyLetterCase(String text) {
        assertThat(ModelNames.isName(text)).isFalse();
        assertThat(ModelNames.isName(text + "x")).isTrue();
    }

    @Test
    void longForms_resolveToTheModelAndItsRegion() {
        assertThat(ModelIdentity.ofReference(
                        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-x-v1:0"))
                .isEqualTo(new ModelIdentity(
                        "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-x-v1:0",
                        "us.anthropic.claude-x-v1:0",
                        "us-east-1",
                        "aws.bedrock"));
        assertThat(ModelIdentity.ofReference("arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-pro-v1:0")
                        .upstreamModel())
                .isEqualTo("amazon.nova-pro-v1:0");
        String own = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/a1b2";
        assertThat(ModelIdentity.ofReference(own)).isEqualTo(new ModelIdentity(own, own, "us-east-1", "aws.bedrock"));
        assertThat(ModelIdentity.ofReference(
                        "projects/p1/locations/europe-west4/publishers/google/models/gemini-2.5-pro"))
                .isEqualTo(new ModelIdentity(
                        "projects/p1/locations/europe-west4/publishers/google/models/gemini-2.5-pro",
                        "gemini-2.5-pro",
                        "europe-west4",
                        "gcp.vertex_ai"));
        assertThat(ModelIdentity.ofReference("models/gemini-2.5-flash"))
                .isEqualTo(new ModelIdentity("models/gemini-2.5-flash", "gemini-2.5-flash", "", "google"));
        assertThat(ModelIdentity.ofReference("accounts/fireworks/models/llama-v3p3-70b-instruct"))
                .isEqualTo(new ModelIdentity(
                        "accounts/fireworks/models/llama-v3p3-70b-instruct",
                        "accounts/fireworks/models/llama-v3p3-70b-instruct",
                        "",
                        "fireworks"));
    }
}
