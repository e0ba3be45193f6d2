package dev.tokenledger.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.ollama.OllamaEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.tokenledger.integrations.testing.FakeProviders;
import dev.tokenledger.integrations.testing.FakeProviders.Truth;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LangChain4j's own embedding models. */
class EmbeddingRecordingTest extends RecordingFixture {

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void embedding_isRecorded(boolean http) throws InterruptedException {
        var openAi = OpenAiEmbeddingModel.builder()
                .baseUrl(base() + "/v1")
                .apiKey("k")
                .modelName("text-embedding-3-small")
                .listeners(List.of(recording.embeddingListener()));
        var ollama = OllamaEmbeddingModel.builder().baseUrl(base()).modelName("all-minilm");
        if (http) {
            openAi.httpClientBuilder(RecordingHttpClient.builder(recording));
            ollama.httpClientBuilder(RecordingHttpClient.builder(recording));
        }
        List<EmbeddingModel> models =
                List.of(openAi.build(), ollama.build().addListener(recording.embeddingListener()));
        OUTSIDE.run(() -> models.forEach(model -> model.embed("How are you?")));
        List<UsageRecord> records = new ArrayList<>(records());
        records.sort(java.util.Comparator.comparing(record -> record.identity().provider()));
        assertThat(records).hasSize(2);
        assertEmbedding(records.get(0), "ollama", FakeProviders.OLLAMA_EMBEDDING);
        assertEmbedding(records.get(1), "openai", FakeProviders.EMBEDDING);
    }

    private static void assertEmbedding(UsageRecord record, String provider, Truth truth) {
        assertThat(record.identity().provider()).isEqualTo(provider);
        assertThat(record.identity().upstreamModel()).isEqualTo(truth.servedModel());
        assertThat(record.tokens().input()).isEqualTo(truth.input());
        assertThat(record.tokens().output()).isZero();
        assertThat(record.outcome()).isEqualTo(Outcome.SUCCESS);
        assertThat(record.attributes()).isEqualTo(Map.of("team", "search"));
    }

    @Test
    void embedding_thatIsRefused_isRecorded() throws InterruptedException {
        EmbeddingModel model = OpenAiEmbeddingModel.builder()
                .baseUrl(base() + "/v1")
                .apiKey("k")
                .modelName(FakeProviders.FAIL_429)
                .maxRetries(0)
                .listeners(List.of(recording.embeddingListener()))
                .build();
        assertThatThrownBy(() -> model.embed("How are you?")).isInstanceOf(RuntimeException.class);
        assertThat(records()).singleElement().satisfies(record -> assertRefused(record, Provider.OPENAI));
    }
}
