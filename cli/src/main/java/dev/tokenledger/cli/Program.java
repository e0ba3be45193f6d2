package dev.tokenledger.cli;

import dev.tokenledger.LedgerException;
import dev.tokenledger.formats.text.Names;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * From arguments to an exit code.
 *
 * <p>Starting quickly matters to people who type commands, so only the command that was asked for is built; all of them
 * are when the arguments name none, for the overview or the list of likely names.
 */
final class Program {

    /** What a decoder writes in place of bytes that mean nothing in its character set. */
    private static final char UNREADABLE = '\ufffd';

    private final Environment environment;
    private final Output out;
    private final Notices notices;
    private final RootCommand root = new RootCommand();
    private final VariableDefaults defaults;

    private Program(Environment environment) {
        this.environment = environment;
        out = new Output(environment.out());
        notices = new Notices(environment.err());
        defaults = new VariableDefaults(environment.variables());
    }

    /** Runs a command; returns 0, 1 (failed) or 2 (usage). Everything it has to say is written before. */
    static int run(String[] args, Environment environment) {
        return new Program(environment).run(args);
    }

    private int run(String[] args) {
        CommandLine commands = Commands.build(root, args, environment.terminal(), defaults);
        try {
            int code = execute(commands, args);
            out.flush();
            return code;
        } catch (Output.FailedException e) {
            // A reader such as "head" has what it wanted: no failure, and nobody to tell.
            return e.readerHasLeft() ? Action.DONE : reported(e);
        } catch (CommandException | LedgerException | IllegalArgumentException e) {
            return failed(e);
        } catch (UncheckedIOException e) {
            return failed(new CommandException(InputFiles.reason(e.getCause()), e));
        } catch (RuntimeException e) {
            return failed(new CommandException(
                    "the program failed: " + e + "; run it again with --debug to see where, and please report it", e));
        } catch (OutOfMemoryError e) {
            return failed(new CommandException("not enough memory; give Java more with -Xmx", e));
        }
    }

    /**
     * Refuses what could not be read as UTF-8: every such byte became the same sign, so two ids or labels that differ would be
     * one. Text that is read from files and bodies may hold the sign.
     */
    private static void checkReadable(String[] args) {
        for (int i = 0; i < args.length; i++) {
            if (args[i].indexOf(UNREADABLE) >= 0) {
                throw new UsageException("argument " + (i + 1) + ": " + Converters.quoted(args[i])
                        + " holds bytes that are not UTF-8; nothing was done. Write it in UTF-8, and start Java in a locale"
                        + " such as C.UTF-8 if it is not started by the launcher");
            }
        }
    }

    private int execute(CommandLine commands, String[] args) {
        ParseResult parsed;
        try {
            checkReadable(args);
            parsed = commands.parseArgs(args);
        } catch (UsageException e) {
            return misused(commands, e.getMessage(), e);
        } catch (ParameterException e) {
            String from = defaults.source(e.getArgSpec())
                    .map(variable -> " (from $" + variable + ")")
                    .orElse("");
            return misused(e.getCommandLine(), e.getMessage() + from, e);
        }
        while (parsed.hasSubcommand()) {
            parsed = parsed.subcommand();
        }
        CommandLine invoked = parsed.commandSpec().commandLine();
        if (parsed.isUsageHelpRequested()) {
            out.text(invoked.getUsageMessage());
            return Action.DONE;
        }
        if (parsed.isVersionHelpRequested()) {
            out.line(Main.nameAndVersion());
            try {
                if (root.verbose()) {
                    showVersions(new Session(environment, root, out, notices));
                }
            } catch (UsageException e) {
                return misused(invoked, e.getMessage(), e);
            }
            return Action.DONE;
        }
        if (!(invoked.getCommand() instanceof Action action)) {
            notices.raw(invoked.getUsageMessage());
            if (invoked.getParent() == null) {
                offerLogs(new Session(environment, root, out, notices));
            }
            return Action.USAGE;
        }
        try {
            if (root.ledgers().size() > 1 && !action.readsSeveral()) {
                throw new UsageException(
                        "--ledger: '" + invoked.getCommandSpec().qualifiedName() + "' works on one ledger, and "
                                + root.ledgers().size() + " are named; nothing was done");
            }
            return action.run(new Session(environment, root, out, notices));
        } catch (UsageException e) {
            return misused(invoked, e.getMessage(), e);
        }
    }

    /** What who has no ledger yet may want to see first. */
    private void offerLogs(Session session) {
        if (session.readsSeveral() || session.inDatabase() || session.hasLedger()) {
            return;
        }
        String offer = FoundLogs.offer(session);
        if (!offer.isEmpty()) {
            notices.line("\n" + offer);
        }
    }

    /** What somebody who helps with a problem asks for first. */
    private void showVersions(Session session) {
        LedgerOpener ledgers = environment.ledgers();
        LedgerOpener.Engine engine = ledgers.engine();
        out.line("schema version " + engine.newestSchema() + ", reads versions from 1 on");
        out.line(engine.name());
        out.line("Java " + Runtime.version() + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.arch"));
        if (session.readsSeveral()) {
            session.sum().parts().forEach(part -> showSchema(part.location()));
        } else {
            showSchema(session.ledger());
        }
    }

    private void showSchema(LedgerLocation ledger) {
        try {
            out.line(ledger.name() + ": "
                    + (ledger.isAbsent() ? "there is no ledger yet" : "schema version " + ledger.schemaVersion()));
        } catch (LedgerException e) {
            out.line(String.valueOf(e.getMessage()));
        }
    }

    private int misused(CommandLine invoked, @Nullable String message, RuntimeException cause) {
        trace(cause);
        StringBuilder text = new StringBuilder(
                cause instanceof UnmatchedArgumentException unmatched
                        ? unmatched(invoked, unmatched.getUnmatched().get(0))
                        : String.valueOf(message));
        text.append("\nTry '").append(invoked.getCommandSpec().qualifiedName()).append(" --help'.");
        notices.line(text.toString());
        return Action.USAGE;
    }

    /** What was typed that means nothing here, and what may have been meant. */
    private static String unmatched(CommandLine invoked, String argument) {
        Map<String, CommandLine> commands = invoked.getSubcommands();
        boolean option = argument.startsWith("-");
        String problem = option ? "unknown option " : commands.isEmpty() ? "unexpected argument " : "unknown command ";
        Collection<String> known =
                option ? invoked.getCommandSpec().optionsMap().keySet() : commands.keySet();
        return problem
                + Converters.quoted(argument)
                + Names.nearest(argument, List.copyOf(known))
                        .map(meant -> "; did you mean " + meant + "?")
                        .orElse("");
    }

    /** What a command had to say before it failed is said all the same, and first. */
    private int failed(RuntimeException failure) {
        try {
            out.flush();
        } catch (Output.FailedException e) {
            if (!e.readerHasLeft()) {
                reported(e);
            }
        }
        return reported(failure);
    }

    private int reported(RuntimeException failure) {
        trace(failure);
        notices.line(String.valueOf(failure.getMessage()));
        return Action.FAILED;
    }

    private void trace(RuntimeException failure) {
        if (root.debug()) {
            notices.trace(failure);
        }
    }
}
