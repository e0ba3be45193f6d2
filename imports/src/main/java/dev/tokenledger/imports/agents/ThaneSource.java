package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.Rfc3339;
import dev.tokenledger.imports.ImportFile;
import dev.tokenledger.imports.ImportSink;
import dev.tokenledger.imports.UsageSource;
import dev.tokenledger.money.Usd;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Texts;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;

/**
 * The table {@code usage_records} of thane's database, in all versions of its schema. A row stands for a line, in the order of
 * writing.
 *
 * <p>Every field keeps its name and meaning, the id too; columns that an older schema lacks are as if empty. Its cost is a
 * binary fraction and is read as the shortest decimal number that it stands for, to the nearest 10⁻¹² USD; it is kept as
 * reported, and the ledger computes its own. A cost of 0 that the table calls unpriced is no cost.
 */
public final class ThaneSource implements UsageSource {

    private static final String NAME = "thane";
    private static final String TABLE = "usage_records";

    /** The columns of the first schema, without which the table is another program's. */
    private static final Set<String> REQUIRED = Set.of(
            "id",
            "timestamp",
            "request_id",
            "session_id",
            "conversation_id",
            "model",
            "provider",
            "input_tokens",
            "output_tokens",
            "cost_usd",
            "role",
            "task_name");

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean readsStreams() {
        return false;
    }

    @Override
    public void read(ImportFile file, ImportSink sink) throws IOException {
        try (ForeignDatabase database = ForeignDatabase.open(file.path())) {
            Set<String> columns = database.columns(TABLE);
            if (columns.contains("attributes")) {
                throw new IOException("it is a ledger already; open it with --ledger");
            }
            if (!columns.containsAll(REQUIRED)) {
                Set<String> missing = new TreeSet<>(REQUIRED);
                missing.removeAll(columns);
                throw new IOException(
                        columns.isEmpty()
                                ? "it has no table " + TABLE + "; is it thane's database?"
                                : "its table " + TABLE + " lacks " + String.join(", ", missing)
                                        + "; is it thane's database?");
            }
            try (Statement statement = database.statement();
                    ResultSet rows = statement.executeQuery("select * from " + TABLE + " order by rowid")) {
                Row row = new Row(rows, columns);
                for (long number = 1; rows.next(); number++) {
                    read(row, number, sink);
                }
            }
        } catch (SQLException e) {
            throw ForeignDatabase.failure(e);
        }
    }

    private static void read(Row row, long number, ImportSink sink) throws SQLException {
        UsageRecord record;
        try {
            record = row.record();
        } catch (IllegalArgumentException e) {
            sink.skip(number, JsonLines.INVALID_RECORD, String.valueOf(e.getMessage()));
            return;
        }
        sink.append(number, record);
    }

    /** The row that the result stands on. */
    private record Row(ResultSet rows, Set<String> columns) {

        private static final String UNPRICED = "unpriced";
        private static final int SHOWN = 32;

        UsageRecord record() throws SQLException {
            String id = text("id");
            if (id.isBlank()) {
                throw new IllegalArgumentException("id: must not be blank");
            }
            UsageRecord.Builder record = UsageRecord.builder()
                    .source(NAME)
                    .id(id)
                    .model(text("model"))
                    .upstreamModel(text("upstream_model"))
                    .resource(text("resource"))
                    .provider(text("provider"))
                    .requestId(text("request_id"))
                    .sessionId(text("session_id"))
                    .conversationId(text("conversation_id"))
                    .upstreamRequestId(text("upstream_request_id"))
                    .role(text("role"))
                    .taskName(text("task_name"))
                    .outcome(outcome())
                    .tokens(TokenCounts.builder()
                            .input(count("input_tokens"))
                            .output(count("output_tokens"))
                            .cacheCreation(count("cache_creation_input_tokens"))
                            .cacheCreation5m(count("cache_creation_5m_input_tokens"))
                            .cacheCreation1h(count("cache_creation_1h_input_tokens"))
                            .cacheRead(count("cache_read_input_tokens"))
                            .build());
            try {
                record.timestamp(Rfc3339.parse(text("timestamp")));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("timestamp: " + e.getMessage(), e);
            }
            Usd cost = cost();
            if (cost.signum() != 0 || !text("pricing_status").equals(UNPRICED)) {
                record.reportedCost(cost);
            }
            long milliseconds = count("duration_ms");
            if (milliseconds > 0) {
                record.duration(Duration.ofMillis(milliseconds));
            }
            return record.build();
        }

        /** One of a version that knows more of them is left out: a call is not lost for a label. */
        private Outcome outcome() throws SQLException {
            try {
                return Outcome.parse(text("outcome"));
            } catch (IllegalArgumentException e) {
                return Outcome.UNSTATED;
            }
        }

        private String text(String column) throws SQLException {
            String text = columns.contains(column) ? rows.getString(column) : null;
            return text == null ? "" : text;
        }

        /** A column has whatever type a value was written in; only whole numbers are counts. */
        private long count(String column) throws SQLException {
            Object value = columns.contains(column) ? rows.getObject(column) : null;
            if (value == null) {
                return 0;
            }
            if (!(value instanceof Integer || value instanceof Long)) {
                throw new IllegalArgumentException(
                        column + ": a count is a whole number, found " + Texts.cut(value.toString(), SHOWN));
            }
            long count = ((Number) value).longValue();
            if (count < 0 || count > TokenCounts.LIMIT) {
                throw new IllegalArgumentException(
                        column + ": a count is 0 to " + TokenCounts.LIMIT + ", found " + count);
            }
            return count;
        }

        private Usd cost() throws SQLException {
            Object value = rows.getObject("cost_usd");
            if (value == null) {
                return Usd.ZERO;
            }
            BigDecimal exact;
            try {
                exact = Decimals.parse(value.toString());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("cost_usd: " + e.getMessage(), e);
            }
            return Usd.rounded(exact);
        }
    }
}
