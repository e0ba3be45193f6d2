package dev.tokenledger.cli;

import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.currency.ExchangeRates;
import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.formats.query.Words;
import dev.tokenledger.formats.reconcile.Reconciliation.Tolerance;
import dev.tokenledger.money.Usd;
import dev.tokenledger.server.http.PathPrefix;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.PricingStatus;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.OptionalInt;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** From an option's text to its value, with messages that say what was expected. */
final class Converters {

    private Converters() {}

    /** Turns the domain's own complaint into picocli's, which names the option. */
    abstract static class Checked<T> implements ITypeConverter<T> {

        @Override
        public final T convert(String text) {
            try {
                return parse(text);
            } catch (IllegalArgumentException | DateTimeException e) {
                throw new TypeConversionException(String.valueOf(e.getMessage()));
            }
        }

        abstract T parse(String text);
    }

    /** A whole number. */
    static final class WholeNumber extends Checked<Long> {
        @Override
        Long parse(String text) {
            try {
                return Long.parseLong(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("expected a whole number, found " + quoted(text));
            }
        }
    }

    /** How many at most: 1 or more. */
    static final class Limit extends Checked<Integer> {
        @Override
        Integer parse(String text) {
            try {
                int limit = Integer.parseInt(text);
                if (limit >= 1) {
                    return limit;
                }
            } catch (NumberFormatException e) {
                // The one message below says it.
            }
            throw new IllegalArgumentException("expected a whole number of 1 or more, found " + quoted(text));
        }
    }

    /** How long: up to an hour. */
    static final class Seconds extends Checked<Integer> {

        private static final int MAX_SECONDS = 3_600;

        @Override
        Integer parse(String text) {
            try {
                int seconds = Integer.parseInt(text);
                if (seconds >= 1 && seconds <= MAX_SECONDS) {
                    return seconds;
                }
            } catch (NumberFormatException e) {
                // The one message below says it.
            }
            throw new IllegalArgumentException(
                    "expected whole seconds from 1 to " + MAX_SECONDS + ", found " + quoted(text));
        }
    }

    /** A port's number. */
    static final class Port extends Checked<Integer> {
        @Override
        Integer parse(String text) {
            try {
                int port = Integer.parseInt(text);
                if (port >= 0 && port <= 65_535) {
                    return port;
                }
            } catch (NumberFormatException e) {
                // The one message below says it.
            }
            throw new IllegalArgumentException("expected a port from 0 to 65535, found " + quoted(text));
        }
    }

    /** A port's number, or that there is to be none. */
    static final class PortOrOff extends Checked<OptionalInt> {
        @Override
        OptionalInt parse(String text) {
            if (text.equals("off")) {
                return OptionalInt.empty();
            }
            try {
                return OptionalInt.of(new Port().parse(text));
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("expected off or a port from 0 to 65535, found " + quoted(text), e);
            }
        }
    }

    /** What stands before a server's paths. */
    static final class PathPrefixOfServer extends Checked<String> {
        @Override
        String parse(String text) {
            return PathPrefix.parse(text);
        }
    }

    /** A dimension by its name. */
    static final class OfDimension extends Checked<Dimension> {
        @Override
        Dimension parse(String text) {
            return Dimension.parse(text);
        }
    }

    /** A calendar period by its name. */
    static final class OfBucket extends Checked<CalendarBucket> {
        @Override
        CalendarBucket parse(String text) {
            return CalendarBucket.parse(text);
        }
    }

    /** A time zone by its name or offset. */
    static final class OfZone extends Checked<ZoneId> {
        @Override
        ZoneId parse(String text) {
            return TimeText.zone(text);
        }
    }

    /** How a call ended. */
    static final class OfOutcome extends Checked<Outcome> {
        @Override
        Outcome parse(String text) {
            return Outcome.parse(text);
        }
    }

    /** How much of the usage a given cost covers. */
    static final class OfPricingStatus extends Checked<PricingStatus> {
        @Override
        PricingStatus parse(String text) {
            return PricingStatus.parse(text);
        }
    }

    /** An amount of money. */
    static final class OfUsd extends Checked<Usd> {
        @Override
        Usd parse(String text) {
            return Usd.parse(text);
        }
    }

    /** What a bill may differ by. */
    static final class OfTolerance extends Checked<Tolerance> {
        @Override
        Tolerance parse(String text) {
            boolean percent = text.endsWith("%");
            BigDecimal number = Decimals.parse(percent ? text.substring(0, text.length() - 1) : text);
            if (number.signum() < 0) {
                throw new IllegalArgumentException("expected 0 or more, found " + quoted(text));
            }
            return percent
                    ? new Tolerance(BigDecimal.ZERO, number.movePointLeft(2))
                    : new Tolerance(number, BigDecimal.ZERO);
        }
    }

    /** A currency's code. */
    static final class OfCurrency extends Checked<String> {
        @Override
        String parse(String text) {
            return ExchangeRates.code(text);
        }
    }

    /** A place in the list of records. */
    static final class OfCursor extends Checked<RecordQuery.Cursor> {
        @Override
        RecordQuery.Cursor parse(String text) {
            return RecordQuery.Cursor.parse(text);
        }
    }

    /** A closed choice, written in lower case. */
    static final class Choice<E extends Enum<E>> extends Checked<E> {

        private final String what;
        private final E[] values;

        Choice(String what, E[] values) {
            this.what = what;
            this.values = values;
        }

        @Override
        E parse(String text) {
            return Words.parse(what, values, text);
        }
    }

    /** The values of a closed choice as they are written. */
    static <E extends Enum<E>> List<String> names(E[] values) {
        return Words.names(values);
    }

    static String quoted(String text) {
        return Words.quoted(text);
    }
}
