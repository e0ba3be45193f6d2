package dev.tokenledger.cli;

import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IDefaultValueProvider;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What the options of a command are where they are not given: the values of environment variables, {@code --path-prefix} that
 * of {@code TOKENLEDGER_PATH_PREFIX}. A variable that is empty is not set.
 */
final class VariableDefaults implements IDefaultValueProvider {

    private final Map<String, String> variables;
    private final Set<ArgSpec> used = new HashSet<>();

    VariableDefaults(Map<String, String> variables) {
        this.variables = variables;
    }

    /** The variable that stands for an option. */
    static String name(String option) {
        return "TOKENLEDGER_" + option.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
    }

    @Override
    public @Nullable String defaultValue(ArgSpec argument) {
        if (!(argument instanceof OptionSpec option) || option.usageHelp() || option.inherited()) {
            return null;
        }
        String value = variables.getOrDefault(name(option.longestName()), "");
        if (value.isEmpty()) {
            return null;
        }
        used.add(argument);
        return value;
    }

    /** The variable that an option's value came from; empty if it was given, or has none. */
    Optional<String> source(@Nullable ArgSpec argument) {
        return argument instanceof OptionSpec option && used.contains(argument)
                ? Optional.of(name(option.longestName()))
                : Optional.empty();
    }
}
