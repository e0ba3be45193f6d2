package dev.tokenledger.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class CsvTest {

    @Test
    void text_thatCommaQuoteOrLineWouldBreak_standsInQuotes() {
        assertThat(line("a,b", "say \"hi\"", "two\nlines", "plain"))
                .isEqualTo("\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",plain\r\n");
    }

    @Test
    void text_thatASpreadsheetWouldRun_getsAnApostrophe() {
        assertThat(line("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a=b"))
                .isEqualTo("'=1+1,'+1,'-1,'@SUM(A1),'\t=1,a=b\r\n");
    }

    @Test
    void plain_isWrittenAsItIs() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Output out = new Output(bytes);
        new Csv(out).plain(-5).plain("").plain("0.1605").end();
        out.flush();

        assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo("-5,,0.1605\r\n");
    }

    private static String line(String... fields) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Output out = new Output(bytes);
        Csv csv = new Csv(out);
        for (String field : fields) {
            csv.text(field);
        }
        csv.end();
        out.flush();
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
