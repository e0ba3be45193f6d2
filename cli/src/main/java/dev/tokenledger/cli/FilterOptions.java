package dev.tokenledger.cli;

import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.SummaryQuery;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Which calls a question is about, by what is known of them. */
final class FilterOptions {

    private final Argument<List<String>> conditions;

    FilterOptions(Subcommand command) {
        command.group("Which calls, by what is known of them:");
        conditions = command.repeated(
                "--where",
                "DIM=VALUE",
                "Only calls with this value, such as role=delegate; an empty one means calls without any. "
                        + "May be given several times: all must hold.");
    }

    Map<Dimension, String> filters() {
        Map<Dimension, String> filters = new LinkedHashMap<>();
        for (String condition : conditions.or(List.of())) {
            int equals = condition.indexOf('=');
            if (equals < 0) {
                throw new UsageException("Invalid value for option '--where': expected DIM=VALUE, found "
                        + Converters.quoted(condition));
            }
            Dimension dimension;
            try {
                dimension = Dimension.parse(condition.substring(0, equals));
            } catch (IllegalArgumentException e) {
                throw new UsageException("Invalid value for option '--where': " + e.getMessage());
            }
            if (filters.putIfAbsent(dimension, condition.substring(equals + 1).strip()) != null) {
                throw new UsageException("--where names the dimension " + dimension + " twice");
            }
        }
        if (filters.size() > SummaryQuery.MAX_DIMENSIONS) {
            throw new UsageException("--where can be given " + SummaryQuery.MAX_DIMENSIONS + " times at most");
        }
        return filters;
    }

    /** The filters in words, for a title; empty for none. */
    static String describe(Map<Dimension, String> filters) {
        List<String> words = new ArrayList<>();
        filters.forEach((dimension, value) -> words.add(dimension + " = " + (value.isEmpty() ? "(none)" : value)));
        return words.isEmpty() ? "" : " where " + String.join(" and ", words);
    }
}
