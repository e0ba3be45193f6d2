package dev.tokenledger.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command with its options, stated in code. Annotations would be shorter, but to read them takes picocli about as long as
 * everything else that a short command does: each kind of annotation has a class generated for it in each process.
 */
abstract class Subcommand {

    private static final ITypeConverter<String> TEXT = text -> text;

    static {
        // Picocli looks for a class of Groovy's, which has every jar of the program opened: a fifth of a short command.
        System.setProperty("picocli.disable.closures", "true");
    }

    private final CommandSpec spec = CommandSpec.wrapWithoutInspection(this);
    private final Map<String, List<OptionSpec>> groups = new LinkedHashMap<>();
    private String heading = "Options:";
    private boolean variables;

    /**
     * Begins a command.
     *
     * @param name the word that calls it
     * @param purpose one line
     * @param synopsis how it is called, without the program's name
     */
    Subcommand(String name, String purpose, String synopsis) {
        spec.name(name);
        spec.usageMessage()
                .header(purpose)
                .customSynopsis(("tokenledger " + synopsis).strip())
                .parameterListHeading("%n")
                .commandListHeading("%nCommands:%n")
                .footerHeading("%nExamples:%n");
    }

    final CommandSpec spec() {
        return spec;
    }

    /** The options by the headings that the help shows them under. */
    final Map<String, List<OptionSpec>> groups() {
        return groups;
    }

    /** Takes each option that is not given from an environment variable, see {@link VariableDefaults}. */
    final void takesVariables() {
        variables = true;
    }

    final boolean hasVariables() {
        return variables;
    }

    /** Says more than the purpose does. Lines are broken where the terminal ends, see {@link #paragraphs}. */
    final void description(String... lines) {
        spec.usageMessage().description(paragraphs(lines));
    }

    /** Gives examples, which run as they are printed, and below them what else there is to know. */
    final void examples(String... lines) {
        spec.usageMessage().footer(paragraphs(lines));
    }

    /**
     * Joins lines of text to paragraphs, so that where the source breaks a line decides nothing. A line that begins with a
     * blank stands by itself, and an empty one ends a paragraph.
     */
    private static String[] paragraphs(String... lines) {
        List<String> joined = new ArrayList<>();
        boolean open = false;
        for (String line : lines) {
            boolean text = !line.isEmpty() && !line.startsWith(" ");
            if (text && open) {
                int last = joined.size() - 1;
                joined.set(last, joined.get(last) + " " + line);
            } else {
                joined.add(line);
            }
            open = text;
        }
        return joined.toArray(new String[0]);
    }

    /** Options from here on are shown under this heading. */
    final void group(String groupHeading) {
        heading = groupHeading;
    }

    /** An option with a text. */
    final Argument<String> option(String name, String label, String description) {
        return option(name, label, TEXT, List.of(), description);
    }

    /** An option with a value. */
    final <T> Argument<T> option(String name, String label, ITypeConverter<T> converter, String description) {
        return option(name, label, converter, List.of(), description);
    }

    /**
     * An option with a value of a known set.
     *
     * @param candidates what shells complete
     */
    final <T> Argument<T> option(
            String name, String label, ITypeConverter<T> converter, List<String> candidates, String description) {
        return add(OptionSpec.builder(name)
                .type(Object.class)
                .converters(converter)
                .paramLabel(label)
                .completionCandidates(candidates)
                .description(description));
    }

    /** An option with a text that may be given several times. */
    final Argument<List<String>> repeated(String name, String label, String description) {
        return add(OptionSpec.builder(name)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description));
    }

    /** An option with several values with commas between them. */
    final <T> Argument<List<T>> list(
            String name, String label, ITypeConverter<T> converter, List<String> candidates, String description) {
        return add(OptionSpec.builder(name)
                .type(List.class)
                .auxiliaryTypes(Object.class)
                .converters(converter)
                .splitRegex(",")
                .hideParamSyntax(true)
                .paramLabel(label)
                .completionCandidates(candidates)
                .description(description));
    }

    /** An option that is there or not. */
    final Argument<Boolean> flag(String name, String description) {
        return add(OptionSpec.builder(name).type(boolean.class).arity("0").description(description));
    }

    final <T> Argument<T> add(OptionSpec.Builder builder) {
        OptionSpec option = builder.build();
        spec.addOption(option);
        groups.computeIfAbsent(heading, key -> new ArrayList<>()).add(option);
        return new Argument<>(option);
    }

    /** A parameter that must be there, at this place. */
    final Argument<String> parameter(int index, String label, String description) {
        return add(PositionalParamSpec.builder()
                .index(Integer.toString(index))
                .arity("1")
                .required(true)
                .type(String.class)
                .paramLabel(label)
                .description(description));
    }

    /** A parameter that may be there. */
    final Argument<String> optionalParameter(String label, String description) {
        return add(PositionalParamSpec.builder()
                .index("0")
                .arity("0..1")
                .type(String.class)
                .paramLabel(label)
                .description(description));
    }

    /**
     * Parameters from a place on.
     *
     * @param least how many there must be
     */
    final Argument<List<String>> parameters(int index, int least, String label, String description) {
        return add(PositionalParamSpec.builder()
                .index(index + "..*")
                .arity(least + "..*")
                .required(least > 0)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .paramLabel(label)
                .description(description));
    }

    private <T> Argument<T> add(PositionalParamSpec.Builder builder) {
        PositionalParamSpec parameter = builder.build();
        spec.addPositional(parameter);
        return new Argument<>(parameter);
    }
}
