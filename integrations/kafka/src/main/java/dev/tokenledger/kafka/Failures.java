package dev.tokenledger.kafka;

import dev.tokenledger.LedgerBusyException;
import dev.tokenledger.LedgerFullException;
import dev.tokenledger.LedgerOverloadedException;
import dev.tokenledger.LedgerTimeoutException;
import dev.tokenledger.LedgerUnavailableException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RetriableException;

/** What is tried again, and what somebody has to look at. */
final class Failures {

    private Failures() {}

    /** Whether it may be gone by the next try. */
    static boolean isPassing(RuntimeException failure) {
        return failure instanceof RetriableException
                || failure instanceof LedgerBusyException
                || failure instanceof LedgerUnavailableException
                || failure instanceof LedgerFullException
                || failure instanceof LedgerOverloadedException
                || failure instanceof LedgerTimeoutException;
    }

    static RuntimeException unwrapped(ExecutionException failure) {
        return failure.getCause() instanceof RuntimeException cause
                ? cause
                : new KafkaException(failure.getMessage(), failure.getCause());
    }
}
