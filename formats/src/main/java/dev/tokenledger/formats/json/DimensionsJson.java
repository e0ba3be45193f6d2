package dev.tokenledger.formats.json;

import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.GroupedSummary;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;

/**
 * Writes what calls can be grouped and filtered by as one JSON object: {@code {"dimensions":[…],"attributes":[…],
 * "more_attributes":false}}, and where values were asked for {@code "values":[{"value":…,"total_records":…,"total_cost_usd":…}],
 * "more_values":false}.
 */
public final class DimensionsJson {

    /** How many keys of attributes are written, the first in order. */
    public static final int MAX_KEYS = 1_000;

    private DimensionsJson() {}

    /**
     * Names and values as one line of JSON, without a line break.
     *
     * @param keys the keys of attributes
     * @param values a dimension's values, if they were asked for
     */
    public static String write(SortedSet<String> keys, Optional<List<GroupedSummary>> values) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeArrayPropertyStart("dimensions");
            Dimension.all().forEach(dimension -> json.writeString(dimension.name()));
            json.writeEndArray();
            json.writeArrayPropertyStart("attributes");
            keys.stream().limit(MAX_KEYS).forEach(json::writeString);
            json.writeEndArray();
            json.writeBooleanProperty("more_attributes", keys.size() > MAX_KEYS);
            values.ifPresent(groups -> {
                json.writeArrayPropertyStart("values");
                groups.stream().filter(group -> !group.other()).forEach(group -> {
                    json.writeStartObject();
                    json.writeStringProperty("value", group.key());
                    json.writeNumberProperty("total_records", group.summary().totalRecords());
                    json.writeNumberProperty(
                            "total_cost_usd", group.summary().totalCost().toBigDecimal());
                    json.writeEndObject();
                });
                json.writeEndArray();
                json.writeBooleanProperty("more_values", groups.stream().anyMatch(GroupedSummary::other));
            });
            json.writeEndObject();
        });
    }
}
