package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.server.TokenledgerServer;

/** Serves the ledger over HTTP. */
final class ServeCommand extends Subcommand implements Action {

    private static final String LOOPBACK = "127.0.0.1";
    private static final int USUAL_PORT = 8080;

    private final Argument<Integer> port = option(
            "--port", "N", new Converters.Port(), "Listen on this port; 8080 unless stated, 0 for any free one.");
    private final Argument<String> host =
            option("--host", "ADDRESS", "Listen on this address; 127.0.0.1, this machine alone, unless stated.");
    private final Argument<Boolean> insecure =
            flag("--insecure", "Let everybody who can reach the address read and write without a key.");

    ServeCommand() {
        super("serve", "Serves the ledger over HTTP.", "serve [OPTION]...");
        description("Runs until it is told to end, then finishes the requests in flight.");
        examples("  tokenledger serve", "  tokenledger serve --port 9000");
    }

    @Override
    public int run(Session session) {
        PriceBook prices = session.prices();
        try (Ledger ledger = session.openLedger()) {
            TokenledgerServer.Builder builder = TokenledgerServer.of(ledger)
                    .prices(prices)
                    .host(host.or(LOOPBACK))
                    .port(port.or(USUAL_PORT))
                    .clock(session.environment().clock())
                    .zone(session.environment().zone().get())
                    .version(Main.version())
                    .failures((attempted, failure) -> session.say(attempted + ": " + failure.getMessage()));
            if (insecure.or(false)) {
                builder.insecure();
            }
            serve(builder, session);
        }
        return DONE;
    }

    private static void serve(TokenledgerServer.Builder builder, Session session) {
        try {
            session.environment().serving().serve(builder, server -> session.say("listening on " + server.address()));
        } catch (IllegalStateException e) {
            throw new CommandException(e.getMessage() + "; or say --insecure to let everybody in", e);
        }
    }
}
