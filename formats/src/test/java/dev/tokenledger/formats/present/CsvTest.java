package dev.tokenledger.formats.present;

import static org.assertj.core.api.Assertions.assertThat;

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
        StringBuilder text = new StringBuilder();
        new Csv(text::append).plain(-5).plain("").plain("0.1605").end();

        assertThat(text).hasToString("-5,,0.1605\r\n");
    }

    private static String line(String... fields) {
        StringBuilder text = new StringBuilder();
        Csv csv = new Csv(text::append);
        for (String field : fields) {
            csv.text(field);
        }
        csv.end();
        return text.toString();
    }
}
