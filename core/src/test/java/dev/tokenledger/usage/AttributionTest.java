package dev.tokenledger.usage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class AttributionTest {

    private static final Attribution SEARCH =
            Attribution.builder().session("s-1").attribute("team", "search").build();

    @Test
    void scopes_nest_andEndInAnyCase() {
        try (Attribution.Scope outer = SEARCH.open()) {
            assertThat(outer).isNotNull();
            assertThatThrownBy(() -> Attribution.builder().task("t").build().run(() -> {
                        assertThat(Attribution.current().task()).isEqualTo("t");
                        assertThat(Attribution.current().session()).isEqualTo("s-1");
                        throw new IllegalStateException("task failed");
                    }))
                    .hasMessage("task failed");
            assertThat(Attribution.current()).isEqualTo(SEARCH);
        }
        assertThat(Attribution.current()).isSameAs(Attribution.NONE);
    }

    @Test
    void scope_isClosedByItsThread() {
        Attribution.Scope scope = SEARCH.open();
        CompletableFuture<Void> elsewhere = CompletableFuture.runAsync(scope::close);

        assertThatThrownBy(elsewhere::join).hasCauseInstanceOf(IllegalStateException.class);
        assertThat(Attribution.current()).isEqualTo(SEARCH);
        scope.close();
        scope.close();
        assertThat(Attribution.current()).isEqualTo(Attribution.NONE);
    }

    @Test
    void carriedExecutor_runsWithWhatWasSetWhereTheTaskWasHandedOver() {
        List<Runnable> later = new ArrayList<>();
        Executor executor = Attribution.carriedBy(later::add);
        AtomicReference<Attribution> seen = new AtomicReference<>();

        SEARCH.run(() -> executor.execute(() -> seen.set(Attribution.current())));
        later.get(0).run();

        assertThat(seen.get()).isEqualTo(SEARCH);
    }

    @Test
    void applyTo_fillsWhatTheRecordLeavesEmpty_andNotesLabelsWithoutRoom() {
        UsageRecord.Builder full =
                UsageRecord.builder().model("m").provider("openai").role("auxiliary");
        for (int i = 0; i < UsageRecord.MAX_ENTRIES; i++) {
            full.attribute("k" + i, "v");
        }

        UsageRecord record = Attribution.builder()
                .session("s")
                .role("interactive")
                .task("t")
                .conversation("c")
                .attribute("team", "x")
                .build()
                .applyTo(full.build());

        assertThat(record.sessionId()).isEqualTo("s");
        assertThat(record.role()).isEqualTo("auxiliary");
        assertThat(record.taskName()).isEqualTo("t");
        assertThat(record.conversationId()).isEqualTo("c");
        assertThat(record.attributes()).hasSize(UsageRecord.MAX_ENTRIES).doesNotContainKey("team");
        assertThat(record.notes()).containsExactly(Attribution.INCOMPLETE);
    }

    @Test
    void over_takesTheInnerValueFirst_upToWhatARecordHolds() {
        Attribution.Builder many = Attribution.builder().session("outer").task("t");
        for (int i = 0; i < UsageRecord.MAX_ENTRIES; i++) {
            many.attribute("k" + i, "v");
        }

        Attribution both = SEARCH.over(many.build());

        assertThat(both.session()).isEqualTo("s-1");
        assertThat(both.task()).isEqualTo("t");
        assertThat(both.attributes()).hasSize(UsageRecord.MAX_ENTRIES).containsEntry("team", "search");
    }

    @Test
    void labels_ofAFreeContext_areWhatARecordCanHold() {
        Map<String, Object> context = new LinkedHashMap<>();
        context.put("session", "s-9");
        context.put("conversation", 17);
        context.put("task", "mail");
        context.put("tenant", "acme");
        context.put("retries", 3);
        context.put("memory", List.of("a prompt"));
        context.put("not a key", "x");
        context.put("long", "x".repeat(600));
        context.put("nothing", null);

        Attribution read = Attribution.ofLabels(context);

        assertThat(read)
                .isEqualTo(Attribution.builder()
                        .session("s-9")
                        .conversation("17")
                        .task("mail")
                        .attribute("tenant", "acme")
                        .attribute("retries", "3")
                        .build());
    }

    @Test
    void text_showsNoValue() {
        assertThat(SEARCH.toString())
                .doesNotContain("s-1")
                .doesNotContain("search")
                .contains("team");
    }

    @Test
    void bounds_areThoseOfARecord() {
        assertThatThrownBy(() -> Attribution.builder().session("x".repeat(129)))
                .hasMessageStartingWith("session_id: at most 128");
        assertThatThrownBy(() -> Attribution.builder().attribute("1", "x")).hasMessageStartingWith("attributes: a key");
        Attribution.Builder full = Attribution.builder();
        for (int i = 0; i < UsageRecord.MAX_ENTRIES; i++) {
            full.attribute("k" + i, "v");
        }
        assertThatThrownBy(() -> full.attribute("team", "x")).hasMessageStartingWith("attributes: at most 16");
        assertThat(full.attribute("k1", "").attribute("team", "x").build().attributes())
                .hasSize(16);
    }
}
