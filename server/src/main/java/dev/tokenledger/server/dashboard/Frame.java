package dev.tokenledger.server.dashboard;

import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.summary.CalendarBucket;
import dev.tokenledger.summary.Dimension;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What stands around every page: its title, the navigation, and the controls that choose what is shown.
 *
 * @param tabs the pages
 * @param presets the spans by name
 * @param backwards whether {@code from} is after {@code through}
 * @param filters those in force, each with the address without it
 * @param hidden what the form of controls carries along unseen
 */
record Frame(
        Assets assets,
        String title,
        List<Link> tabs,
        List<Link> presets,
        String from,
        String through,
        boolean backwards,
        List<Option> groupings,
        List<Option> measures,
        List<Option> buckets,
        List<Option> limits,
        String zone,
        List<String> zones,
        List<Option> dimensions,
        List<Link> filters,
        List<Field> hidden,
        String path,
        String version) {

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

    static Frame of(View view, String path, String title, Assets assets, ZoneId usualZone, String version) {
        return new Frame(
                assets,
                title,
                tabs(view, path),
                presets(view, path),
                view.from().map(Object::toString).orElse(""),
                view.through().map(Object::toString).orElse(""),
                view.isBackwards(),
                groupings(view),
                Arrays.stream(Measure.values())
                        .map(measure -> new Option(measure.text(), measure.title(), measure == view.measure()))
                        .toList(),
                buckets(view),
                limits(view),
                TimeText.name(view.zone()).equals(TimeText.name(usualZone)) ? "" : TimeText.name(view.zone()),
                zones(usualZone),
                Dimension.all().stream()
                        .map(dimension -> new Option(dimension.name(), title(dimension), false))
                        .toList(),
                filters(view, path),
                hidden(view),
                path,
                version);
    }

    /** With a further page, if there is one. */
    Frame with(Optional<Link> tab) {
        if (tab.isEmpty()) {
            return this;
        }
        List<Link> all = new ArrayList<>(tabs);
        all.add(tab.get());
        return new Frame(
                assets,
                title,
                all,
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
                dimensions,
                filters,
                hidden,
                path,
                version);
    }

    private static List<Link> tabs(View view, String path) {
        Address here = view.on("").without("after");
        List<Link> tabs = new ArrayList<>();
        tabs.add(new Link("Overview", "/" + here, path.equals("/")));
        tabs.add(new Link("Calls", "/calls" + here, path.equals("/calls")));
        tabs.add(new Link("Bill", "/reconcile", path.equals("/reconcile")));
        return tabs;
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

    private static List<Option> groupings(View view) {
        List<Option> options = new ArrayList<>();
        if (view.by().attributeKey().isPresent()) {
            options.add(new Option(view.by().name(), title(view.by()), true));
        }
        for (Dimension dimension : Dimension.all()) {
            options.add(new Option(dimension.name(), title(dimension), dimension.equals(view.by())));
        }
        return options;
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

    private static List<Link> filters(View view, String path) {
        List<Link> links = new ArrayList<>();
        view.filters()
                .forEach((dimension, value) -> links.add(new Link(
                        title(dimension) + ": " + Units.name(value),
                        view.on(path).without(View.where(dimension), "after").toString(),
                        false)));
        return links;
    }

    private static List<Field> hidden(View view) {
        List<Field> fields = new ArrayList<>();
        view.range()
                .filter(range -> range != Range.USUAL)
                .ifPresent(range -> fields.add(new Field("period", range.text())));
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
