package dev.tokenledger.payloads.telemetry;

import dev.tokenledger.money.Usd;
import dev.tokenledger.payloads.UnknownMembers;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.ModelNames;
import dev.tokenledger.text.Texts;
import dev.tokenledger.usage.TokenCounts;
import java.math.BigDecimal;
import java.util.Map;
import java.util.Optional;

/** Reads attributes by their names, the newest first; every refusal begins with the name at fault. */
final class Attributes {

    private static final int MAX_SHOWN_LENGTH = 32;

    private final Map<String, Object> values;

    Attributes(Map<String, Object> values) {
        this.values = values;
    }

    /** Whether one of these names has a value. */
    boolean has(String... names) {
        for (String name : names) {
            Object value = values.get(name);
            if (value != null && !value.toString().isBlank()) {
                return true;
            }
        }
        return false;
    }

    /** The first of these names' text; empty where none has one. */
    String text(String... names) {
        for (String name : names) {
            Object value = values.get(name);
            if (value != null && !value.toString().isBlank()) {
                return value.toString().strip();
            }
        }
        return "";
    }

    /** The first of these names' count; 0 where none has one. Some instrumentations send numbers as texts. */
    long count(String... names) {
        for (String name : names) {
            Object value = values.get(name);
            // An empty text is how some write "not known".
            if (value != null && !value.toString().isBlank()) {
                return count(name, value);
            }
        }
        return 0;
    }

    private static long count(String name, Object value) {
        try {
            BigDecimal number = number(value);
            if (number.stripTrailingZeros().scale() > 0) {
                throw refused(name, "a count is a whole number, found " + shown(value));
            }
            if (number.signum() >= 0 && number.compareTo(BigDecimal.valueOf(TokenCounts.LIMIT)) <= 0) {
                return number.longValueExact();
            }
        } catch (NumberFormatException e) {
            throw refused(name, "expected a number");
        }
        throw refused(name, "a count is 0 to " + TokenCounts.LIMIT + ", found " + shown(value));
    }

    /** The amount under the first of these names; empty where there is none. */
    Optional<Usd> usd(String... names) {
        for (String name : names) {
            Object value = values.get(name);
            if (value != null && !value.toString().isBlank()) {
                try {
                    return Optional.of(Usd.rounded(number(value)));
                } catch (NumberFormatException e) {
                    throw refused(name, "expected an amount");
                }
            }
        }
        return Optional.empty();
    }

    /** The first of these names' text that names a model. */
    String model(String... names) {
        for (String name : names) {
            String text = text(name);
            if (ModelNames.isName(text)) {
                return text;
            }
        }
        return "";
    }

    /** The members of usage that nobody reads, by name. */
    void unknown(UnknownMembers unknown) {
        values.forEach((name, value) -> {
            String member = Names.unreadMember(name);
            if (!member.isEmpty()) {
                unknown.add(member, value.toString());
            }
        });
    }

    /** Whether anything counts tokens in a form that is usage's, read or not. */
    boolean hasAnyUsage() {
        return values.entrySet().stream()
                .anyMatch(entry -> Names.isUsage(entry.getKey())
                        && UnknownMembers.bearing(
                                        entry.getKey(), entry.getValue().toString())
                                == UnknownMembers.Bearing.PRICE);
    }

    /** Exactly as it was written: a floating point number's shortest decimal form is what its sender wrote. */
    private static BigDecimal number(Object value) {
        try {
            return Decimals.parse(value.toString().strip());
        } catch (IllegalArgumentException e) {
            // Not the parser's own words, which repeat the value.
            NumberFormatException unreadable = new NumberFormatException("no decimal number");
            unreadable.initCause(e);
            throw unreadable;
        }
    }

    static IllegalArgumentException refused(String name, String problem) {
        return new IllegalArgumentException(name + ": " + problem);
    }

    private static String shown(Object value) {
        return Texts.cut(value.toString(), MAX_SHOWN_LENGTH);
    }
}
