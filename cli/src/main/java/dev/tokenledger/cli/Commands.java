package dev.tokenledger.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Help;
import picocli.CommandLine.IHelpSectionRenderer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.UsageMessageSpec;

/** The commands by name, and how picocli is set up for them. */
final class Commands {

    /** In the order of the overview. */
    static final List<String> NAMES = List.of(
            "record",
            "import",
            "summary",
            "records",
            "cost",
            "explain",
            "whatif",
            "reconcile",
            "statement",
            "prices",
            "budget",
            "reverse",
            "reprice",
            "close",
            "reopen",
            "verify",
            "rebuild",
            "migrate",
            "backup",
            "restore",
            "recover",
            "copy",
            "clickhouse",
            "serve",
            "mcp",
            "keys",
            "completion",
            "help");

    private static final int HELP_WIDTH = 100;
    private static final int NARROWEST_HELP = 60;

    private Commands() {}

    /**
     * The command line that can read these arguments: with the command that they name, or with all.
     *
     * @param defaults what options are that are not given
     */
    static CommandLine build(RootCommand root, String[] args, Terminal terminal, VariableDefaults defaults) {
        String name = invoked(args);
        return name == null ? complete(root, terminal) : with(root, List.of(name), terminal, defaults);
    }

    /** The command line with all commands. */
    static CommandLine complete(RootCommand root, Terminal terminal) {
        return with(root, NAMES, terminal, new VariableDefaults(Map.of()));
    }

    private static CommandLine with(
            RootCommand root, List<String> names, Terminal terminal, VariableDefaults defaults) {
        // Picocli prepares converters to 22 of the JDK's types, which takes as long as all the rest of it. Options here
        // state their own.
        System.setProperty("picocli.converters.excludes", "java.*");
        CommandLine commands = new CommandLine(root.spec());
        for (String name : names) {
            Subcommand command = command(name);
            CommandLine line = new CommandLine(command.spec());
            if (command.hasVariables()) {
                line.setDefaultValueProvider(defaults);
            }
            commands.addSubcommand(name, line);
        }
        commands.setColorScheme(Help.defaultColorScheme(terminal.colour() ? Help.Ansi.ON : Help.Ansi.OFF));
        commands.setUsageHelpWidth(Math.max(NARROWEST_HELP, Math.min(terminal.width(), HELP_WIDTH)));
        commands.setUsageHelpLongOptionsMaxWidth(40);
        commands.setExpandAtFiles(false);
        groupOptions(commands);
        for (CommandLine command : commands.getSubcommands().values()) {
            groupOptions(command);
            command.getSubcommands().values().forEach(Commands::groupOptions);
        }
        return commands;
    }

    private static Subcommand command(String name) {
        return switch (name) {
            case "record" -> new RecordCommand();
            case "import" -> new ImportCommand();
            case "summary" -> new SummaryCommand();
            case "cost" -> new CostCommand();
            case "records" -> new RecordsCommand();
            case "explain" -> new ExplainCommand();
            case "whatif" -> new WhatIfCommand();
            case "reconcile" -> new ReconcileCommand();
            case "statement" -> new StatementCommand();
            case "prices" -> new PricesCommand();
            case "budget" -> new BudgetCommand();
            case "reverse" -> new ReverseCommand();
            case "reprice" -> new RepriceCommand();
            case "close" -> new CloseCommand();
            case "reopen" -> new ReopenCommand();
            case "verify" -> new VerifyCommand();
            case "rebuild" -> new RebuildCommand();
            case "migrate" -> new MigrateCommand();
            case "backup" -> new BackupCommand();
            case "restore" -> new RestoreCommand();
            case "recover" -> new RecoverCommand();
            case "copy" -> new CopyCommand();
            case "clickhouse" -> new ClickHouseCommand();
            case "serve" -> new ServeCommand();
            case "mcp" -> new McpCommand();
            case "keys" -> new KeysCommand();
            case "completion" -> new CompletionCommand();
            case "help" -> new HelpCommand();
            default -> throw new IllegalArgumentException("no command " + name);
        };
    }

    /** The command that the arguments name, skipping the options that may stand before it; null for none. */
    private static @Nullable String invoked(String[] args) {
        for (int i = 0; i < args.length; i++) {
            if (args[i].equals("--ledger") || args[i].equals("--prices")) {
                i++;
            } else if (!args[i].startsWith("-")) {
                // "help" shows any command, so it needs them all.
                return NAMES.contains(args[i]) && !args[i].equals("help") ? args[i] : null;
            }
        }
        return null;
    }

    /** Shows a command's own options first, then each mixed-in group under its heading, then what every command has. */
    private static void groupOptions(CommandLine command) {
        Map<String, IHelpSectionRenderer> sections = new LinkedHashMap<>(command.getHelpSectionMap());
        sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST_HEADING, help -> "");
        sections.put(UsageMessageSpec.SECTION_KEY_OPTION_LIST, Commands::renderOptions);
        command.setHelpSectionMap(sections);
    }

    private static String renderOptions(Help help) {
        CommandSpec spec = help.commandSpec();
        StringBuilder text = new StringBuilder();
        ((Subcommand) spec.userObject()).groups().forEach((heading, options) -> append(text, help, heading, options));
        append(
                text,
                help,
                "With every command:",
                spec.options().stream().filter(OptionSpec::inherited).toList());
        return text.toString();
    }

    private static void append(StringBuilder text, Help help, String heading, List<OptionSpec> options) {
        if (!options.isEmpty()) {
            text.append(System.lineSeparator()).append(heading).append(System.lineSeparator());
            text.append(help.optionListExcludingGroups(
                    options, help.createDefaultLayout(), null, help.parameterLabelRenderer()));
        }
    }
}
