package dev.tokenledger.formats.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class CsvTableTest {

    private static CsvTable table(String text) throws IOException {
        return new CsvTable(
                "bill.csv", new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)), Integer.MAX_VALUE);
    }

    private static List<String> rows(CsvTable table) throws IOException {
        List<String> rows = new ArrayList<>();
        while (table.next()) {
            rows.add(table.line() + " " + String.join("|", table.cells()));
        }
        return rows;
    }

    @Test
    void rows_haveTheirLines_whateverEndsThem() throws IOException {
        assertThat(rows(table("\ufeffa, B \r\n1,2\n\n,\r3,\"x\ny\"\r\n4"))).containsExactly("2 1|2", "5 3|x\ny", "7 4");
    }

    @Test
    void quotes_holdCommasQuotesAndEmptiness() throws IOException {
        assertThat(rows(table("a,b,c\n\"x,\"\"y\"\"\", \"z\" ,\"\"\n"))).containsExactly("2 x,\"y\"|z |");
    }

    @Test
    void columns_areFoundByName() throws IOException {
        CsvTable table = table("Date , Amount_Value\n 2026-11-01 , 1.50 \nx\n");

        assertThat(table.next()).isTrue();
        assertThat(table.text("date")).isEqualTo("2026-11-01");
        assertThat(table.decimal("AMOUNT_VALUE")).hasToString("1.5");
        assertThat(table.text("none")).isEmpty();
        assertThat(table.next()).isTrue();
        assertThat(table.decimal("amount_value")).isNull();
        assertThatThrownBy(() -> table.decimal("date"))
                .hasMessage("bill.csv:3:1: date: expected a decimal number such as 0.25, found \"x\"");
        assertThatThrownBy(() -> table.require("cost"))
                .hasMessage("bill.csv:1:1: there is no column \"cost\"; found date, amount_value");
    }

    @Test
    void mistakes_nameFileAndLine() {
        assertThatThrownBy(() -> rows(table("a\n1\n\"open\n2\n")))
                .hasMessage("bill.csv:3:1: a quote is opened here and never closed");
        assertThatThrownBy(() -> rows(table("a\n" + "x".repeat(CsvTable.MAX_ROW_LENGTH + 1))))
                .isInstanceOf(DocumentException.class)
                .hasMessageStartingWith("bill.csv:2:1: the row is longer than");
        assertThatThrownBy(() -> rows(table("a\n" + ",".repeat(CsvTable.MAX_COLUMNS))))
                .hasMessageContaining("more than 2000 columns");
        assertThatThrownBy(() -> table("")).hasMessageContaining("the table is empty");
        assertThatThrownBy(() -> rows(
                        new CsvTable("bill.csv", new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xff}), 100)))
                .isInstanceOf(DocumentException.class)
                .hasMessageContaining("not UTF-8");
    }

    @Test
    void gzip_isUnpacked_upToTheLimit() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write("a\n1\n".getBytes(StandardCharsets.UTF_8));
            gzip.write("2\n".repeat(1_000_000).getBytes(StandardCharsets.UTF_8));
        }
        InputStream small = new ByteArrayInputStream(packed.toByteArray());
        assertThatThrownBy(() -> rows(new CsvTable("bill.csv", small, 1_000)))
                .isInstanceOf(IOException.class)
                .hasMessage("it is larger than 1000 bytes");
        InputStream large = new ByteArrayInputStream(packed.toByteArray());
        assertThat(rows(new CsvTable("bill.csv", large, 3_000_000))).hasSize(1_000_001);
    }
}
