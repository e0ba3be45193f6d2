package dev.tokenledger.cli;

/** The program, but a server that was told to end fails to do so as it should. */
final class FailingServer {

    private FailingServer() {}

    /** Runs one command. */
    public static void main(String[] args) {
        Environment process = Environment.ofProcess();
        Serving failing = (builder, started) -> {
            process.serving().serve(builder, started);
            throw new CommandException("a request took too long");
        };
        Main.end(Program.run(
                args,
                new Environment(
                        process.in(),
                        process.out(),
                        process.err(),
                        process.variables(),
                        process.clock(),
                        process.zone(),
                        process.terminal(),
                        process.ledgers(),
                        failing)));
    }
}
