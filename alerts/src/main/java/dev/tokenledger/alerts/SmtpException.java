package dev.tokenledger.alerts;

import java.io.IOException;

/** A mail server refused, or is not one that can be used. The message holds nothing that the server said. */
final class SmtpException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String reason;

    SmtpException(String reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** Why, one word. */
    String reason() {
        return reason;
    }
}
