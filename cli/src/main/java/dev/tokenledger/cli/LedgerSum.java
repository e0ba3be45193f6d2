package dev.tokenledger.cli;

import dev.tokenledger.FederatedLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.pricing.PriceBook;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Several ledgers that the command line names, to be read as one. */
final class LedgerSum {

    /** A path or address with a name before it; a file whose own name is such a text is written with its folder, as {@code ./a=b}. */
    private static final Pattern NAMED = Pattern.compile("([A-Za-z0-9][A-Za-z0-9_.-]{0,63})=(.+)", Pattern.DOTALL);

    /** One of the ledgers. */
    record Part(String name, LedgerLocation location) {}

    private final List<Part> parts;

    private LedgerSum(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    /**
     * The ledgers of {@code --ledger}, each {@code NAME=ADDRESS} or an address that the name is taken from.
     *
     * @throws UsageException if two are the same, or have the same name
     */
    static LedgerSum of(List<String> options, Environment environment, Consumer<String> warnings) {
        if (options.size() > FederatedLedger.MAX_LEDGERS) {
            throw new UsageException("--ledger: at most " + FederatedLedger.MAX_LEDGERS
                    + " ledgers are added up, found " + options.size());
        }
        List<Part> parts = new ArrayList<>();
        for (String option : options) {
            Matcher named = NAMED.matcher(option);
            boolean hasName = named.matches();
            LedgerLocation location =
                    LedgerLocation.of("--ledger", hasName ? named.group(2) : option, true, environment, warnings);
            Part part = new Part(hasName ? named.group(1) : location.shortName(), location);
            for (Part other : parts) {
                check(part, other);
            }
            parts.add(part);
        }
        return new LedgerSum(parts);
    }

    private static void check(Part part, Part other) {
        if (part.location.isSame(other.location)) {
            throw new UsageException("--ledger: " + part.location.name() + " is named twice"
                    + (part.location.name().equals(other.location.name()) ? "" : ", also as " + other.location.name())
                    + "; what it holds would count twice");
        }
        if (part.name.equals(other.name)) {
            throw new UsageException("--ledger: " + other.location.name() + " and " + part.location.name()
                    + " would both be called " + part.name + "; name them, as in --ledger eu=" + part.location.name());
        }
    }

    List<Part> parts() {
        return parts;
    }

    /** The ledgers' names, as messages have them. */
    String names() {
        return parts.stream().map(Part::name).collect(Collectors.joining(", "));
    }

    /** The ledgers, each opened for reading when it is first asked. */
    FederatedLedger open(Optional<Duration> timeLimit, PriceBook prices) {
        return open(timeLimit, prices, LedgerLocation::openReadOnly);
    }

    /** The same, for many who ask at the same time. */
    FederatedLedger openForServer(Duration timeLimit, PriceBook prices) {
        return open(Optional.of(timeLimit), prices, LedgerLocation::openReadOnlyForServer);
    }

    private FederatedLedger open(
            Optional<Duration> timeLimit, PriceBook prices, Function<LedgerLocation, Ledger> opener) {
        FederatedLedger.Builder builder = FederatedLedger.builder().prices(prices);
        timeLimit.ifPresent(builder::timeLimit);
        parts.forEach(part -> builder.ledger(part.name, () -> {
            if (part.location.isAbsent()) {
                throw new CommandException("cannot open " + part.location.name() + ": there is no ledger");
            }
            return opener.apply(part.location);
        }));
        return builder.build();
    }
}
