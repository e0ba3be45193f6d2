package dev.tokenledger.server.dashboard;

import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Supplier;

/**
 * What stands around every page: its title, the navigation, and the controls that choose what is shown.
 *
 * @param tabs the pages
 * @param presets the spans by name
 * @param backwards whether {@code from} is after {@code through}
 * @param filters those in force, each with the address without it
 * @param hidden what the form of controls carries along unseen
 * @param missing which of several ledgers the page is without, once it is made; empty for none
 * @param values where a script asks for the values of a dimension, its name to be added
 */
record Frame(
        Assets assets,
        String title,
        List<Link> tabs,
        List<Link> presets,
        String from,
        String through,
        boolean backwards,
        Groupings groupings,
        List<Option> measures,
        List<Option> buckets,
        List<Option> limits,
        String zone,
        List<String> zones,
        List<Filter> filters,
        List<Field> hidden,
        String values,
        String path,
        String version,
        Supplier<String> missing) {

    /** The most keys of attributes that are offered; any other can be written. */
    static final int MAX_KEYS = 200;

    /**
     * What groups and filters can be by.
     *
     * @param dimensions those of every ledger
     * @param attributes those that this ledger's records have
     * @param first the chosen one
     * @param then the chosen second one; empty for none
     * @param compared whether the period before is shown beside
     */
    record Groupings(List<Option> dimensions, List<Option> attributes, String first, String then, boolean compared) {}

    /**
     * A filter in force.
     *
     * @param address the address without it
     */
    record Filter(String title, String value, String address) {}

    /**
     * A link.
     *
     * @param current whether it leads to where one is
     */
    record Link(String text, String address, boolean current) {}

    /** A choice of a control. */
    record Option(String value, String text, boolean chosen) {}

    /** A parameter of a form. */
    record Field(String name, String value) {}

    /**
     * The frame of a page.
     *
     * @param keys the attributes that are offered to choose from
     */
    static Frame of(
            View view,
            String path,
            String title,
            Assets assets,
            ZoneId usualZone,
            String version,
            SortedSet<String> keys) {
        return new Frame(
                assets,
                title,
                tabs(view, path),
                presets(view, path),
                view.from().map(Object::toString).orElse(""),
                view.through().map(Object::toString).orElse(""),
                view.isBackwards(),
                groupings(view, keys),
                Arrays.stream(Measure.values())
                        .map(measure -> new Option(measure.text(), measure.title(), measure == view.measure()))
                        .toList(),
                buckets(view),
                limits(view),
                TimeText.name(view.zone()).equals(TimeText.name(usualZone)) ? "" : TimeText.name(view.zone()),
                zones(usualZone),
                filters(view, path),
                hidden(view),
                values(view),
                path,
                version,
                () -> "");
    }

    /** With a further page, if there is one. */
    Frame with(Optional<Link> tab) {
        if (tab.isEmpty()) {
            return this;
        }
        List<Link> all = new ArrayList<>(tabs);
        all.add(tab.get());
        return new Frame(
                assets, title, all, presets, from, through, backwards, groupings, measures, buckets, limits, zone,
                zones, filters, hidden, values, path, version, missing);
    }

    /** With a word about what is missing, asked for when the page is made. */
    Frame noting(Supplier<String> missingLedgers) {
        return new Frame(
                assets,
                title,
                tabs,
                presets,
                from,
                through,
                backwards,
                groupings,
                measures,
                buckets,
                limits,
                zone,
                zones,
                filters,
                hidden,
                values,
                path,
                version,
                missingLedgers);
    }

    private static List<Link> tabs(View view, String path) {
        Address here = view.on("").without("after", "order");
        boolean sessions = path.equals("/") && view.by().equals(Dimension.SESSION);
        Address overview = view.by().equals(Dimension.SESSION) ? here.without("group_by") : here;
        return List.of(
                new Link("Overview", "/" + overview, path.equals("/") && !sessions),
                new Link(
                        "Sessions",
                        "/" + here.with("group_by", Dimension.SESSION.name()).without("then_by"),
                        sessions),
                new Link("Calls", "/calls" + here, path.equals("/calls")),
                new Link("Calendar", "/calendar" + here, path.equals("/calendar")),
                new Link("Bill", "/reconcile", path.equals("/reconcile")));
    }

    private static List<Link> presets(View view, String path) {
        List<Link> presets = new ArrayList<>();
        for (Range range : Range.values()) {
            Address address = view.on(path).without("from", "through", "after", "period");
            presets.add(new Link(
                    range.title(),
                    (range == Range.USUAL ? address : address.with("period", range.text())).toString(),
                    view.range().filter(range::equals).isPresent()));
        }
        return presets;
    }

    private static Groupings groupings(View view, SortedSet<String> keys) {
        Set<String> offered = new TreeSet<>();
        keys.stream().limit(MAX_KEYS).forEach(offered::add);
        view.dimensions().forEach(dimension -> dimension.attributeKey().ifPresent(offered::add));
        return new Groupings(
                Dimension.all().stream()
                        .map(dimension -> new Option(dimension.name(), title(dimension), false))
                        .toList(),
                offered.stream()
                        .map(key -> new Option(Dimension.attribute(key).name(), key, false))
                        .toList(),
                view.by().name(),
                view.then().map(Dimension::name).orElse(""),
                view.compared());
    }

    /** The values that a filter can have are those of the calls that are shown. */
    private static String values(View view) {
        Address address = new Address("/v1/dimensions", Map.of("limit", "200"));
        if (view.window().start().isAfter(TimeWindow.MIN)) {
            address = address.with("from", view.window().start().toString());
        }
        if (view.window().end().isBefore(TimeWindow.MAX)) {
            address = address.with("to", view.window().end().toString());
        }
        return View.narrowed(address, view.filters()).toString();
    }

    private static List<Option> buckets(View view) {
        List<Option> options = new ArrayList<>();
        options.add(new Option("", "Automatic", view.every().isEmpty()));
        for (CalendarBucket bucket : CalendarBucket.values()) {
            options.add(new Option(
                    bucket.text(),
                    title(bucket.text()),
                    view.every().filter(bucket::equals).isPresent()));
        }
        return options;
    }

    private static List<Option> limits(View view) {
        List<Option> options = new ArrayList<>();
        for (int limit : new int[] {10, View.USUAL_LIMIT, 100, View.MAX_ROWS}) {
            options.add(new Option(Integer.toString(limit), "Top " + limit, limit == view.limit()));
        }
        if (options.stream().noneMatch(Option::chosen)) {
            options.add(new Option(Integer.toString(view.limit()), "Top " + view.limit(), true));
        }
        return options;
    }

    /** The zones that are suggested; any other can be written. */
    private static List<String> zones(ZoneId usual) {
        List<String> zones = new ArrayList<>(List.of(
                "UTC",
                "America/Los_Angeles",
                "America/New_York",
                "America/Sao_Paulo",
                "Asia/Kolkata",
                "Asia/Shanghai",
                "Asia/Tokyo",
                "Australia/Sydney",
                "Europe/Berlin",
                "Europe/London"));
        zones.remove(TimeText.name(usual));
        zones.add(0, TimeText.name(usual));
        return zones;
    }

    private static List<Filter> filters(View view, String path) {
        List<Filter> filters = new ArrayList<>();
        view.filters()
                .forEach((dimension, value) -> filters.add(new Filter(
                        title(dimension),
                        Units.name(value),
                        view.on(path).without(View.where(dimension), "after").toString())));
        return filters;
    }

    private static List<Field> hidden(View view) {
        List<Field> fields = new ArrayList<>();
        view.range()
                .filter(range -> range != Range.USUAL)
                .ifPresent(range -> fields.add(new Field("period", range.text())));
        view.order().ifPresent(order -> fields.add(new Field("order", order.text())));
        view.filters().forEach((dimension, value) -> fields.add(new Field(View.where(dimension), value)));
        return fields;
    }

    /** A dimension's name for people. */
    static String title(Dimension dimension) {
        return dimension.attributeKey().map(key -> "Attribute " + key).orElseGet(() -> title(dimension.name()));
    }

    private static String title(String name) {
        return Character.toUpperCase(name.charAt(0)) + name.substring(1).replace('_', ' ');
    }
}
