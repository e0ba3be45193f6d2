package dev.tokenledger.cli;

import java.util.Optional;
import picocli.CommandLine.Model.ArgSpec;

/** One option or parameter of a command. It has a value once the arguments are read. */
record Argument<T>(ArgSpec spec) {

    /** The value; empty when it was not stated. */
    Optional<T> stated() {
        T value = spec.getValue();
        return Optional.ofNullable(value);
    }

    /** The value, or another one when it was not stated. */
    T or(T usual) {
        return stated().orElse(usual);
    }
}
