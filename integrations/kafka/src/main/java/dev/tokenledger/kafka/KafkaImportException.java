package dev.tokenledger.kafka;

import org.jspecify.annotations.Nullable;

/**
 * Reading stopped, because somebody has to look at it: the message says where and why, and what to do. All that was read before is
 * in the ledger; a later run goes on where this one stopped.
 */
public final class KafkaImportException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    KafkaImportException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
