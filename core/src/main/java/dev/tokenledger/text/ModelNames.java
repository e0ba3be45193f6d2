package dev.tokenledger.text;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What can be told from a model's name by declared rules, never by likeness. */
public final class ModelNames {

    /** What instrumentations send where an answer named no model. */
    private static final Set<String> NO_NAMES = Set.of("", "none", "unknown", "null", "undefined");

    /** A Bedrock profile or model: {@code arn:aws:bedrock:REGION:ACCOUNT:KIND/ID}. */
    private static final Pattern ARN =
            Pattern.compile("arn:aws[a-z-]*:bedrock:(?<region>[a-z0-9-]*):[0-9]*:(?<kind>[a-z-]+)/(?<id>.+)");

    /** A model in Vertex AI's long form, with or without its project and place. */
    private static final Pattern VERTEX = Pattern.compile(
            "(?:projects/[^/]+/locations/(?<region>[^/]+)/)?publishers/(?<publisher>[^/]+)/models/(?<id>[^/]+)");

    private static final Pattern VERSIONS = Pattern.compile("(?:[-@:]"
            + "(?:(?<year>20[0-9]{2})-?(?<month>[0-9]{2})-?(?<day>[0-9]{2})" // 2025-04-14, 20250514
            + "|(?<date>[0-9]{2}-20[0-9]{2}|[0-9]{2}-[0-9]{2}|[0-9]{4})" // 04-17, 0613, 2407, 09-2025
            + "|0[0-9]{2}" // 001
            + "|v[0-9]{1,2}(?::[0-9]{1,2})?" // v1:0
            + "))");

    private ModelNames() {}

    /** Whether a text names a model; {@code unknown}, {@code none} and nothing do not, in any letter case. */
    public static boolean isName(String model) {
        return !NO_NAMES.contains(model.strip().toLowerCase(Locale.ROOT));
    }

    /**
     * Whether a name is another one followed by a date or a version and nothing else, as a provider answers with a snapshot of
     * what was asked for: {@code gpt-4.1-2025-04-14} of {@code gpt-4.1}, {@code claude-opus-4@20250514}, {@code …-v1:0}.
     */
    public static boolean isVersionOf(String served, String requested) {
        if (!isName(requested) || served.length() <= requested.length() || !served.startsWith(requested)) {
            return false;
        }
        Matcher version = VERSIONS.matcher(served).region(requested.length(), served.length());
        int end = requested.length();
        while (version.lookingAt()) {
            if (!isPossible(version)) {
                return false;
            }
            end = version.end();
            if (end == served.length()) {
                return true;
            }
            version.region(end, served.length());
        }
        return false;
    }

    /** Whether the digits can be a date, so that {@code model-4096} is none. */
    private static boolean isPossible(Matcher version) {
        if (version.group("year") != null) {
            try {
                LocalDate.of(
                        Integer.parseInt(version.group("year")),
                        Integer.parseInt(version.group("month")),
                        Integer.parseInt(version.group("day")));
                return true;
            } catch (DateTimeException e) {
                return false;
            }
        }
        String date = version.group("date");
        if (date == null) {
            return true;
        }
        int first = Integer.parseInt(date.substring(0, 2));
        if (date.length() == 7) {
            return isMonth(first);
        }
        int second = Integer.parseInt(date.substring(date.length() - 2));
        boolean monthAndDay = isMonth(first) && second >= 1 && second <= 31;
        return monthAndDay || (date.length() == 4 && first >= 20 && first <= 39 && isMonth(second));
    }

    private static boolean isMonth(int number) {
        return number >= 1 && number <= 12;
    }

    /**
     * The name that a price is kept under for a cloud's long form: a Bedrock ARN's model or inference profile, the model of
     * {@code models/…} and {@code publishers/google/models/…}; any other name as it is. An ARN of an application's own profile
     * says nothing of its model and stays.
     */
    public static String bare(String model) {
        if (!isLongForm(model)) {
            // Nearly every name, at nearly every pricing: prefixes cost less than patterns.
            return model;
        }
        Matcher arn = ARN.matcher(model);
        if (arn.matches()) {
            String kind = arn.group("kind");
            return kind.equals("foundation-model") || kind.equals("inference-profile") ? arn.group("id") : model;
        }
        Matcher vertex = VERTEX.matcher(model);
        if (vertex.matches()) {
            return vertex.group("id");
        }
        return model.startsWith("models/") && model.length() > 7 ? model.substring(7) : model;
    }

    /** The region that a cloud's long form names; empty for other names. */
    public static String region(String model) {
        if (!isLongForm(model)) {
            return "";
        }
        Matcher arn = ARN.matcher(model);
        if (arn.matches()) {
            return arn.group("region");
        }
        Matcher vertex = VERTEX.matcher(model);
        String region = vertex.matches() ? vertex.group("region") : null;
        return region == null ? "" : region;
    }

    /** Whether a name is a cloud's long form, whose slashes part no resource from a model. */
    public static boolean isLongForm(String model) {
        return model.startsWith("arn:")
                || model.startsWith("models/")
                || model.startsWith("publishers/")
                || model.startsWith("projects/")
                || model.startsWith("accounts/")
                || model.startsWith("@cf/")
                || model.startsWith("@hf/");
    }
}
