package dev.tokenledger.cli;

/** The program's entry point. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit code: 0, 1 (failed) or 2 (usage). */
    public static void main(String[] args) {
        // Answered before any other class is loaded, so that asking for the version costs next to nothing.
        if (args.length == 1 && args[0].equals("--version")) {
            System.out.println("tokenledger " + Main.class.getPackage().getImplementationVersion());
            return;
        }
        System.err.println("tokenledger: unknown command; the only one so far is --version");
        System.exit(2);
    }
}
