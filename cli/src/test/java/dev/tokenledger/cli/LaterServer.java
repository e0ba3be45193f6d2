package dev.tokenledger.cli;

import java.time.Duration;
import java.time.InstantSource;

/** The program ten minutes later: whoever had something to tell ten minutes ago and has not told it is gone. */
final class LaterServer {

    private static final Duration LATER = Duration.ofMinutes(10);

    private LaterServer() {}

    /** Runs one command. */
    public static void main(String[] args) {
        Environment process = Environment.ofProcess();
        InstantSource clock = () -> process.clock().instant().plus(LATER);
        Main.end(Program.run(
                args,
                new Environment(
                        process.in(),
                        process.out(),
                        process.err(),
                        process.variables(),
                        clock,
                        process.zone(),
                        process.terminal(),
                        process.ledgers(),
                        process.serving())));
    }
}
