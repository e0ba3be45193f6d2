package dev.tokenledger.sqlite;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.sqlite.Workload.Mix;
import dev.tokenledger.usage.RecordId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The auditor of the durability tests is itself put to the test: it must find what is wrong. */
class AuditTest {

    private static final String WRITER = "r.t1";
    private static final int STEPS = 41;

    private final InMemoryLedger ledger = InMemoryLedger.open(Workload.PRICES);

    @ParameterizedTest
    @EnumSource(Mix.class)
    void audit_acceptsWhatWasAcknowledged_andTheStepThatWasUnderWay(Mix mix) {
        write(mix, STEPS);

        assertThatCode(() -> audit(mix, STEPS).check(ledger)).doesNotThrowAnyException();
        assertThatCode(() -> audit(mix, STEPS - 1).check(ledger)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @EnumSource(Mix.class)
    void audit_missesAnAcknowledgedStep(Mix mix) {
        write(mix, STEPS);

        assertThatThrownBy(() -> audit(mix, STEPS + 1).check(ledger)).isInstanceOf(AssertionError.class);
    }

    @ParameterizedTest
    @EnumSource(Mix.class)
    void audit_findsAStepThatNobodyCanHaveWritten(Mix mix) {
        write(mix, STEPS);

        assertThatThrownBy(() -> audit(mix, STEPS - 2).check(ledger)).isInstanceOf(AssertionError.class);
    }

    @Test
    void audit_findsHalfABatch() {
        write(Mix.BATCH, STEPS);
        ledger.append(Workload.record(WRITER + ".b" + (STEPS + 1) + ".1"));

        assertThatThrownBy(() -> audit(Mix.BATCH, STEPS).check(ledger)).isInstanceOf(AssertionError.class);
    }

    @Test
    void audit_findsAChangedRecord() {
        write(Mix.APPEND, STEPS);
        RecordId next = RecordId.of(WRITER + ".a" + (STEPS + 1));
        ledger.append(Workload.record("another").toBuilder().id(next).build());

        assertThatThrownBy(() -> audit(Mix.APPEND, STEPS).check(ledger)).isInstanceOf(AssertionError.class);
    }

    @Test
    void audit_findsAReversalTooMany() {
        write(Mix.APPEND, STEPS);
        ledger.reverse(RecordId.of(WRITER + ".a1"), "by nobody");

        assertThatThrownBy(() -> audit(Mix.APPEND, STEPS).check(ledger)).isInstanceOf(AssertionError.class);
    }

    private void write(Mix mix, int steps) {
        for (int number = 1; number <= steps; number++) {
            Workload.step(mix, WRITER, number).writeTo(ledger);
        }
    }

    private static Audit audit(Mix mix, int acknowledged) {
        return new Audit(mix).acknowledge(List.of(Audit.line(WRITER, acknowledged)));
    }
}
