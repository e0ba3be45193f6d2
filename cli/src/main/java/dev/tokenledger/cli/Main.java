package dev.tokenledger.cli;

/** The program's entry point. */
public final class Main {

    private static final String LOGGING = "slf4j.provider";

    private Main() {}

    /** Runs one command and ends the process with its exit code: 0, 1 (failed) or 2 (usage). */
    public static void main(String[] args) {
        // Answered before any other class is loaded, so that asking for the version costs next to nothing.
        if (args.length == 1 && args[0].equals("--version")) {
            System.out.println(nameAndVersion());
            if (System.out.checkError()) {
                System.exit(1);
            }
            return;
        }
        prepare();
        end(Program.run(args, Environment.ofProcess()));
    }

    /** Names the logger, which would otherwise be looked for in every jar of the program: a fifth of a short command. */
    static void prepare() {
        if (System.getProperty(LOGGING) == null) {
            System.setProperty(LOGGING, "org.slf4j.simple.SimpleServiceProvider");
            // Or it says that it was named.
            System.setProperty("slf4j.internal.verbosity", "WARN");
        }
    }

    /** Has the process end with an exit code once the calling thread, which is to return at once, has ended. */
    static void end(int code) {
        if (code != 0) {
            // Not on this thread: the end of a server's process waits for it, and would for ever if it waited in turn.
            new Thread(() -> System.exit(code), "exit").start();
        }
    }

    /** What {@code --version} prints. */
    static String nameAndVersion() {
        return "tokenledger " + version();
    }

    static String version() {
        String version = Main.class.getPackage().getImplementationVersion();
        return version == null ? "(not from a jar)" : version;
    }
}
