package dev.tokenledger.sql.engine;

import dev.tokenledger.LedgerEntry.Revaluation;
import dev.tokenledger.sql.records.PreparedRecord;
import dev.tokenledger.usage.RecordId;

/**
 * A revaluation on its way into the table.
 *
 * @param revaluation the new entry, whose number is the next one of the record
 * @param row the record at its new cost, with its references; its instant of recording is the revaluation's
 * @param withdrawal the id of the row that takes away the record as it counted until now
 */
public record RevaluedRecord(Revaluation revaluation, PreparedRecord row, RecordId withdrawal) {}
