package dev.tokenledger.alerts;

import java.time.Duration;
import java.util.Optional;

/**
 * What became of one try to tell.
 *
 * @param sent whether the receiver took it
 * @param gone whether it is of no use to try again
 * @param reason why it was not, one word for the state; empty where it was
 * @param message the same for people, without secrets and addresses
 * @param retryAfter how long the receiver asks to wait
 */
record Outcome(boolean sent, boolean gone, String reason, String message, Optional<Duration> retryAfter) {

    static final Outcome SENT = new Outcome(true, false, "", "", Optional.empty());

    static Outcome failed(String reason, String message) {
        return new Outcome(false, false, reason, message, Optional.empty());
    }
}
