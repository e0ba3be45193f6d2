package dev.tokenledger.clickhouse;

import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.engine.Scan;
import dev.tokenledger.sql.engine.Scan.Column;
import java.util.ArrayList;
import java.util.List;

/**
 * A question to the copy as one statement, which also counts the table's rows: two questions would be of two moments. It adds up
 * all rows of the window that count; those that the question leaves out are put together, so that the totals can be checked.
 *
 * <p>Sums of 64 bits overflow without a word. So many rows as no sum of theirs can overflow by are added up as they are, more of them
 * as decimals of 128 bits, at half the speed. Immutable.
 */
final class CopyQuestion {

    /** In place of a combination, in the row that says how many rows the table has. */
    static final int COUNT = -2;

    /** As many rows of the largest count of tokens as 64 bits hold. */
    private static final long MAX_PLAIN_ROWS = 9_000_000;

    private static final List<String> TOKENS = List.of(
            "input_tokens",
            "output_tokens",
            "cache_read_tokens",
            "cache_creation_tokens",
            "cache_creation_5m_tokens",
            "cache_creation_1h_tokens",
            "reasoning_tokens");

    private final RecordCopy.Question question;
    private final Scan.Wanted wanted;
    private final Scan.Alike alike;
    private final boolean byAttributes;

    CopyQuestion(RecordCopy.Question question) {
        this.question = question;
        wanted = question.wanted();
        alike = question.alike();
        byAttributes = wanted.wanted().contains(Column.ATTRIBUTES);
    }

    /** How many values of attributes each row has. */
    int values() {
        return byAttributes ? alike.keys().size() : 0;
    }

    /**
     * The statement, whose rows are, in the order of their columns: the instant, the combination, the thread, the values of
     * attributes, the rare fields, and the sums of {@code Figures} up to the cost.
     *
     * @param table what stands behind FROM
     */
    String statement(String table) {
        List<String> columns = new ArrayList<>();
        List<String> keys = new ArrayList<>(List.of("o", "c", "t"));
        List<String> none = new ArrayList<>(List.of("toInt64(count())", "toInt32(" + COUNT + ")", "toInt32(0)"));
        columns.add("toInt64("
                + ifCounted(
                        wanted.wanted().contains(Column.OCCURRED)
                                ? "intDiv(occurred, " + wanted.precision() + ") * " + wanted.precision()
                                : "0",
                        "0")
                + ") AS o");
        columns.add("toInt32(" + ifCounted("alike", "-1") + ") AS c");
        columns.add("toInt32(" + ifCounted(wanted.wanted().contains(Column.THREAD) ? "thread" : "0", "0") + ") AS t");
        for (int i = 0; i < values(); i++) {
            String value = "attribute_values[indexOf(attribute_keys, "
                    + ClickHouseClient.literal(alike.keys().get(i)) + ")]";
            columns.add(ifCounted(value, "''") + " AS v" + i);
            keys.add("v" + i);
            none.add("''");
        }
        columns.add("toInt32(rare_fields) AS r");
        keys.add("r");
        none.add("toInt32(0)");
        columns.add("toInt64(sum(records))");
        TOKENS.forEach(column -> columns.add(sum(column)));
        columns.add("toInt64(sum(bitShiftRight(cost_picos, 32)))");
        columns.add("toInt64(sum(bitAnd(cost_picos, 4294967295)))");
        for (int i = 0; i < TOKENS.size() + 3; i++) {
            none.add("toInt64(0)");
        }
        // One level: of a query within a query, a cluster's servers would send all rows to the first of them.
        return "WITH " + combination() + " AS alike, " + counted() + " AS counted SELECT " + String.join(", ", columns)
                + " FROM " + table + " WHERE " + where() + " GROUP BY " + String.join(", ", keys) + " UNION ALL SELECT "
                + String.join(", ", none) + " FROM " + table + " FORMAT RowBinary";
    }

    /** The rows of the window that the ledger vouches for. */
    private String where() {
        return CopyTable.counting(question.state()) + " AND occurred >= " + question.from() + " AND occurred < "
                + question.to();
    }

    /** Whether the question tells of a row. */
    private String counted() {
        StringBuilder counted = new StringBuilder("(alike >= 0");
        for (String text : wanted.contained()) {
            counted.append(" AND position(attributes_json, ")
                    .append(ClickHouseClient.literal(text))
                    .append(") > 0");
        }
        if (wanted.until() != Long.MAX_VALUE) {
            counted.append(" AND recorded <= ").append(wanted.until());
        }
        return counted.append(')').toString();
    }

    /** A row's combination, or the one that stands for it. */
    private String combination() {
        int[] combinations = alike.combinations();
        boolean isItself = true;
        for (int i = 0; i < combinations.length; i++) {
            isItself &= combinations[i] == i;
        }
        if (isItself) {
            return "combination";
        }
        StringBuilder list = new StringBuilder("toInt32(if(combination < ")
                .append(combinations.length)
                .append(", arrayElement([");
        for (int i = 0; i < combinations.length; i++) {
            list.append(i == 0 ? "toInt32(" + combinations[i] + ")" : "," + combinations[i]);
        }
        return list.append("], combination + 1), combination))").toString();
    }

    private static String ifCounted(String value, String otherwise) {
        return "if(counted, " + value + ", " + otherwise + ")";
    }

    private String sum(String column) {
        return question.state().entries() < MAX_PLAIN_ROWS
                ? "toInt64(sum(" + column + "))"
                : "toInt64(sum(toDecimal128(" + column + ", 0)))";
    }
}
