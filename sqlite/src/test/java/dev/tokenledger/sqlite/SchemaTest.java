package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.Doubts;
import dev.tokenledger.summary.GroupedSummary;
import dev.tokenledger.summary.Summary;
import dev.tokenledger.summary.SummaryQuery;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Samples;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How files of different versions meet, and what other tools see in them. */
class SchemaTest {

    private static final String NEXT = """
            CREATE TABLE added (id INTEGER PRIMARY KEY) STRICT;
            INSERT INTO added SELECT count(*) FROM records;
            """;
    private static final int NOW = Schema.MIGRATIONS.size();
    private static final List<String> ONE_MORE = withNext(NEXT);

    private static List<String> withNext(String script) {
        List<String> scripts = new ArrayList<>(Schema.MIGRATIONS);
        scripts.add(script);
        return scripts;
    }

    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void write() {
        file = folder.resolve("usage.db");
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            ledger.append(Samples.builder("r1")
                    .timestamp(Samples.NOW.plusNanos(1_000))
                    .sessionId("s1")
                    .attribute("team", "search")
                    .build());
            ledger.append(Samples.record("018f2f6e-7a5b-7c3d-9e1f-0123456789ab"));
            ledger.append(Samples.record("r3"));
            ledger.reverse(Samples.record("r3").id(), "twice");
        }
    }

    @Test
    void olderSchema_isMigratedOnOpen_andKeepsItsRecords() throws SQLException {
        try (Ledger ledger = SqliteLedger.builder().migrations(ONE_MORE).open(file)) {
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
            assertThat(ledger.verify().clean()).isTrue();
        }
        assertThat(value("PRAGMA user_version")).isEqualTo(String.valueOf(NOW + 1));
        assertThat(value("SELECT id FROM added")).isEqualTo("4");
    }

    @Test
    void versionOne_whoseDeltasKnowNoQuarters_isMigrated_andAnswersAlike() throws SQLException {
        Summary before;
        Summary hour;
        TimeWindow ofAnHour = TimeWindow.of(Samples.NOW, Samples.NOW.plusSeconds(3_600));
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            before = ledger.summary(TimeWindow.all());
            hour = ledger.summary(ofAnHour);
        }
        makeVersionOne();
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            assertThat(ledger.summary(TimeWindow.all())).isEqualTo(before);
            assertThat(ledger.summary(ofAnHour)).isEqualTo(hour);
            ledger.append(Samples.record("r4"));
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(before.totalRecords() + 1);
            assertThat(ledger.verify().differences()).isEmpty();
        }
        assertThat(value("PRAGMA user_version")).isEqualTo(String.valueOf(NOW));
    }

    @Test
    void migrationThatFails_leavesTheFileAsItWas() throws SQLException {
        List<String> broken = withNext(NEXT + "INSERT INTO nowhere VALUES (1);\n");
        assertThatThrownBy(() -> SqliteLedger.builder().migrations(broken).open(file))
                .isInstanceOf(LedgerException.class);
        assertThat(value("PRAGMA user_version")).isEqualTo(String.valueOf(NOW));
        assertThat(value("SELECT count(*) FROM sqlite_schema WHERE name = 'added'"))
                .isEqualTo("0");
        try (Ledger ledger = SqliteLedger.open(file, PriceBook.empty())) {
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        }
    }

    @Test
    void versionOne_isReadVerifiedAndBackedUp_withoutBeingChanged() throws SQLException, IOException {
        Summary before;
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            before = ledger.summary(TimeWindow.all());
        }
        makeVersionOne();
        byte[] content = Files.readAllBytes(file);
        Path copy = folder.resolve("copy.db");
        try (SqliteLedger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            assertThat(ledger.schemaVersion()).isEqualTo(1);
            assertThat(ledger.summary(TimeWindow.all())).isEqualTo(before);
            assertThat(ledger.summaryBy("attribute.team", TimeWindow.all())).hasSize(2);
            assertThat(ledger.verify().differences()).isEmpty();
            ledger.backUpTo(copy);
        }
        assertThat(file).hasBinaryContent(content);
        try (SqliteLedger ledger = SqliteLedger.builder().readOnly(true).open(copy)) {
            assertThat(ledger.schemaVersion()).isEqualTo(1);
            assertThat(ledger.summary(TimeWindow.all())).isEqualTo(before);
        }
    }

    /** As a server does that reads while the first writer of the newest version comes. */
    @Test
    void versionOne_isReadOn_whenItIsMigratedMeanwhile() throws SQLException {
        makeVersionOne();
        try (SqliteLedger reader = SqliteLedger.builder().readOnly(true).open(file)) {
            long records = reader.summary(TimeWindow.all()).totalRecords();
            try (Ledger writer = SqliteLedger.open(file, Samples.prices())) {
                writer.append(Samples.record("r4"));
            }
            assertThat(reader.summary(TimeWindow.all()).totalRecords()).isEqualTo(records + 1);
            assertThat(reader.schemaVersion()).isEqualTo(NOW);
        }
    }

    @Test
    void olderSchema_isReadAsItIs_byAReader() throws SQLException {
        try (Ledger ledger =
                SqliteLedger.builder().migrations(ONE_MORE).readOnly(true).open(file)) {
            assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(2);
        }
        assertThat(value("PRAGMA user_version")).isEqualTo(String.valueOf(NOW));
    }

    @Test
    void versionTwo_whichHasNoIndexByTime_getsOneForItsBusyQuarterHours() throws SQLException {
        int calls = TimeIndex.BUSY + 10;
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            ledger.appendAll(IntStream.range(0, calls)
                    .mapToObj(i -> Samples.builder("b" + i)
                            .timestamp(Samples.NOW.minusSeconds(7_201 + i % 600))
                            .build())
                    .toList());
        }
        makeVersionTwo();
        TimeWindow hours = TimeWindow.of(Samples.NOW.minusSeconds(9_000), Samples.NOW.minusSeconds(3_600));
        RecordQuery query = RecordQuery.over(hours).limit(3).build();
        RecordPage before;
        try (SqliteLedger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            before = ledger.records(query);
            assertThat(before.entries()).hasSize(3);
            assertThat(ledger.verify().differences()).isEmpty();
        }
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            assertThat(ledger.records(query)).isEqualTo(before);
            assertThat(ledger.verify().differences()).isEmpty();
        }
        assertThat(value("SELECT count(*) FROM entries_by_time")).isEqualTo(String.valueOf(calls));
    }

    /** Files as earlier versions wrote them: doubts in folded pages, in deltas and in attributes, and two that are reversed. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void fileOfAnEarlierVersion_countsItsDoubts_readAsItIsAndMigrated(int version) throws IOException {
        file = folder.resolve("earlier.db");
        try (InputStream packed = SchemaTest.class.getResourceAsStream("version-" + version + ".db.gz")) {
            Files.write(file, new GZIPInputStream(Objects.requireNonNull(packed)).readAllBytes());
        }
        byte[] content = Files.readAllBytes(file);
        try (SqliteLedger ledger = SqliteLedger.builder().readOnly(true).open(file)) {
            assertThat(ledger.schemaVersion()).isEqualTo(version);
            assertDoubts(ledger);
        }
        assertThat(file).hasBinaryContent(content);
        try (SqliteLedger ledger = SqliteLedger.open(file, Samples.prices())) {
            assertThat(ledger.schemaVersion()).isEqualTo(NOW);
            assertDoubts(ledger);
            ledger.append(Samples.builder("new").note("output_incomplete").build());
            assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(5, 3, 2));
            assertThat(ledger.verify().differences()).isEmpty();
            ledger.rebuild();
            assertThat(ledger.summary(TimeWindow.all()).doubts()).isEqualTo(new Doubts(5, 3, 2));
            assertThat(ledger.verify().differences()).isEmpty();
        }
    }

    private static void assertDoubts(Ledger ledger) {
        Summary total = ledger.summary(TimeWindow.all());
        assertThat(total.totalRecords()).isEqualTo(6);
        assertThat(total.totalCost()).hasToString("0.0117785");
        assertThat(total.doubts()).isEqualTo(new Doubts(4, 2, 2));
        assertThat(ledger.summaryBy("attribute.team", TimeWindow.all()))
                .extracting(GroupedSummary::key, row -> row.summary().doubts())
                .containsExactlyInAnyOrder(
                        tuple("search", new Doubts(2, 2, 1)),
                        tuple("ads", new Doubts(1, 0, 0)),
                        tuple("", new Doubts(1, 0, 1)));
        Instant hour = Instant.parse("2026-01-05T10:00:00Z");
        assertThat(ledger.summary(TimeWindow.of(hour, hour.plusSeconds(1_200))).doubts())
                .isEqualTo(new Doubts(1, 1, 1));
        assertThat(ledger.summary(TimeWindow.of(hour.plusSeconds(1_200), hour.plusSeconds(1_230)))
                        .doubts())
                .isEqualTo(new Doubts(1, 1, 0));
        assertThat(ledger.summaries(SummaryQuery.over(TimeWindow.all())
                        .every(CalendarBucket.MONTH, ZoneOffset.UTC)
                        .by(Dimension.SOURCE)
                        .build()))
                .extracting(row -> row.summary().doubts())
                .containsExactly(
                        new Doubts(2, 2, 1), new Doubts(1, 0, 0), Doubts.NONE, Doubts.NONE, new Doubts(1, 0, 1));
        assertThat(ledger.verify().differences()).isEmpty();
    }

    /** A program of an earlier version would misread what roll-ups say of doubts. */
    @Test
    void programOfAnEarlierVersion_findsNoPages_whereItHadTheFileOpen() throws SQLException {
        makeVersionThree();
        try (Connection earlier = DriverManager.getConnection("jdbc:sqlite:" + file);
                PreparedStatement pages = earlier.prepareStatement("SELECT key, cells FROM pages")) {
            pages.executeQuery().close();
            SqliteLedger.open(file, Samples.prices()).close();
            assertThatThrownBy(pages::executeQuery)
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("cells");
        }
    }

    /** Of records without doubts. */
    private void makeVersionThree() throws SQLException {
        run(EarlierSchema.VERSION_4.toArray(String[]::new));
        run(EarlierSchema.VERSION_3.toArray(String[]::new));
    }

    private void makeVersionTwo() throws SQLException {
        makeVersionThree();
        run(
                "DROP TABLE busy_quarters",
                "DROP TABLE entries_by_time",
                "ALTER TABLE records DROP COLUMN checksum",
                "PRAGMA user_version = 2");
    }

    private void makeVersionOne() throws SQLException {
        makeVersionTwo();
        run(
                "CREATE TABLE old (id INTEGER PRIMARY KEY, count INTEGER NOT NULL, cells BLOB NOT NULL) STRICT",
                "INSERT INTO old SELECT id, count, cells FROM deltas",
                "DROP TABLE deltas",
                "ALTER TABLE old RENAME TO deltas",
                "PRAGMA user_version = 1");
    }

    @Test
    void view_showsRecordsInForce_underTheNamesOfTheirJson() throws SQLException {
        UsageRecord record = Samples.builder("r1").build();
        assertThat(value("SELECT count(*) FROM usage_records")).isEqualTo("2");
        assertThat(value("SELECT timestamp FROM usage_records WHERE id = 'r1'"))
                .isEqualTo("2026-03-10T12:00:00.000001Z");
        assertThat(value("SELECT session_id || ' ' || model || ' ' || input_tokens FROM usage_records WHERE id = 'r1'"))
                .isEqualTo("s1 " + record.identity().model() + " "
                        + record.tokens().input());
        assertThat(value("SELECT id FROM usage_records WHERE id <> 'r1'"))
                .isEqualTo("018f2f6e-7a5b-7c3d-9e1f-0123456789ab");
    }

    @Test
    void view_showsExactCosts() throws SQLException {
        try (Ledger ledger = SqliteLedger.open(file, Samples.prices())) {
            String cost = ledger.find(Samples.record("r1").id())
                    .orElseThrow()
                    .cost()
                    .amount()
                    .toString();
            assertThat(value("SELECT rtrim(cost_usd, '0') FROM usage_records WHERE id = 'r1'"))
                    .isEqualTo(cost);
        }
    }

    private void run(String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private String value(String query) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            return String.valueOf(row.getString(1));
        }
    }
}
