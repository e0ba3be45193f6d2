package dev.tokenledger.server.dashboard;

import dev.tokenledger.formats.query.Words;
import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import dev.tokenledger.server.http.Operation.Place;
import dev.tokenledger.summary.CalendarBucket;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The parameters of a {@link View}, as the OpenAPI document tells them. */
final class ViewParameters {

    private static final String TEXT = "{\"type\":\"string\"}";
    private static final String DATE = "{\"type\":\"string\",\"format\":\"date\"}";

    private ViewParameters() {}

    /** An operation that shows a view: with all of its parameters, and what becomes of addresses that are not the best. */
    static Operation of(Operation operation) {
        return operation
                .describedAs("An address that says more than it must is answered with a redirect to its one best form.")
                .with(of(
                        "period",
                        "A span of the calendar; goes without dates.",
                        words(Words.names(Range.values())),
                        "month"))
                .with(of("from", "The first day.", DATE, ""))
                .with(of("through", "The last day, which is part of it.", DATE, ""))
                .query("zone", "The time zone of days; default: the server's.", "Europe/Berlin")
                .query("group_by", "A dimension, or attribute.<key>; default: model.", "provider")
                .with(of("attribute", "The key of an attribute to group by, as a form sends it.", TEXT, ""))
                .query("then_by", "A second dimension that groups are told apart by.", "role")
                .with(of(
                        "order",
                        "What a table is ordered by, highest first; names from the first on. Calls: by cost or tokens.",
                        words(Words.names(Sort.values())),
                        "cost"))
                .with(of("compare", "Shows the period before beside.", words(List.of("yes")), "yes"))
                .with(of(
                        "measure",
                        "What is shown.",
                        words(Stream.of(Measure.values()).map(Measure::text).toList()),
                        "tokens"))
                .with(of(
                        "every",
                        "The length of a bar.",
                        words(Stream.of(CalendarBucket.values())
                                .map(CalendarBucket::text)
                                .toList()),
                        "day"))
                .with(of(
                        "limit",
                        "So many groups.",
                        "{\"type\":\"integer\",\"minimum\":1,\"maximum\":" + View.MAX_ROWS + ",\"default\":"
                                + View.USUAL_LIMIT + "}",
                        "10"))
                .with(of(
                        "whole",
                        "Adds up single calls, however many they are; where it makes no difference it is left out.",
                        words(List.of("yes")),
                        ""))
                .with(of("filter", "A dimension to filter by, as a form sends it.", TEXT, ""))
                .with(of("value", "The value of filter.", TEXT, ""))
                .with(of("after", "Where a page of calls goes on, as the page before says.", TEXT, ""))
                .filters()
                .answer(302, "The same view at its best address.", "", "")
                .answer(400, "A page that says what was not understood.", "text/html", "");
    }

    /** A parameter; without an example where that is empty. */
    static Parameter of(String name, String text, String type, String example) {
        return new Parameter(
                Place.QUERY, name, text, type, example.isEmpty() ? Optional.empty() : Optional.of(example));
    }

    private static String words(List<String> words) {
        return words.stream()
                .map(word -> '"' + word + '"')
                .collect(Collectors.joining(",", "{\"type\":\"string\",\"enum\":[", "]}"));
    }
}
