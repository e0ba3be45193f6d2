package dev.tokenledger.alerts;

import dev.tokenledger.formats.budgets.Channel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLSocketFactory;

/** Sends to channels of every kind. Safe for use by many threads. */
final class Senders {

    /** Longer than a try takes, and than clocks of several machines differ: a process that has it for longer is gone. */
    static final Duration LEASE = Duration.ofMinutes(1);

    /** The longest that a try takes. */
    static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final WebhookSender webhooks;
    private final MailSender mail;

    Senders(UnaryOperator<String> variables, InstantSource clock, Supplier<SSLSocketFactory> tls, Duration timeout) {
        webhooks = new WebhookSender(variables, clock, timeout);
        mail = new MailSender(variables, clock, tls, timeout);
    }

    Outcome send(Channel channel, Notice notice) throws InterruptedException {
        if (channel instanceof Channel.Webhook webhook) {
            return webhooks.send(webhook, notice);
        }
        return mail.send((Channel.Mail) channel, notice);
    }

    /** Why a channel cannot be used, as far as that shows without telling anybody; empty if it can. */
    Optional<String> problem(Channel channel) {
        if (channel instanceof Channel.Webhook webhook) {
            return webhooks.problem(webhook);
        }
        return mail.problem((Channel.Mail) channel);
    }
}
