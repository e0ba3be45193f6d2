/**
 * Tokenledger's own JSON: a record in, an entry, a summary or a priced line out.
 *
 * <p>Records are read strictly. The rules, each with a test in {@code RecordJsonTest}:
 *
 * <table>
 * <caption>What a record's JSON must keep</caption>
 * <tr><th>what</th><th>rule</th></tr>
 * <tr><td>the whole</td><td>one JSON object of valid UTF-8, at most 1 MiB, nothing but blanks after it, nesting at most
 * 16</td></tr>
 * <tr><td>names</td><td>each once; unknown ones refused by name</td></tr>
 * <tr><td>null</td><td>as if the field were absent; so is empty text, but for {@code timestamp} and costs</td></tr>
 * <tr><td>counts</td><td>JSON integers, 0 to 10¹²: no fraction, exponent or quotes</td></tr>
 * <tr><td>texts</td><td>trimmed, at most 512 characters (ids 128), no control characters, no half surrogate pairs</td></tr>
 * <tr><td>{@code timestamp}</td><td>RFC 3339 with an offset, from 1970-01-01T00:00:00Z to 9999-12-31T00:00:00Z, cut to microseconds</td></tr>
 * <tr><td>costs</td><td>a JSON number or text of one, read as a decimal number; finer than 10⁻¹² USD it is rounded
 * half-even and the record noted as {@code cost_usd_rounded} or {@code reported_cost_usd_rounded}</td></tr>
 * <tr><td>{@code <name>_calls}</td><td>a count of paid calls of the tool {@code <name>}</td></tr>
 * <tr><td>fields that our exports add</td><td>{@code sequence}, {@code kind}, {@code price_id}, {@code price_entry}, {@code
 * recorded}, {@code unpriced_tokens}, {@code unpriced_calls}, {@code pricing_notes}, {@code ledger} are read over; an exported
 * cost comes in as a given one</td></tr>
 * <tr><td>reversals</td><td>a line of kind {@code reversal}, and the line of a record that was reversed, are refused: taken
 * in as records, both would count</td></tr>
 * </table>
 *
 * <p>{@link dev.tokenledger.formats.json.RecordLine} reads an export's lines as what they are instead: entries, with the cost and
 * the price that they had, and reversals. Nothing of an entry's model is inferred then: it is the one that the line names.
 *
 * <p>Money goes out as plain decimal digits, never in exponent form and never through binary floating point.
 */
@NullMarked
package dev.tokenledger.formats.json;

import org.jspecify.annotations.NullMarked;
