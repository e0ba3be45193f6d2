package dev.tokenledger.imports.agents;

import dev.tokenledger.formats.text.LabelText;
import dev.tokenledger.imports.agents.JsonScanner.Token;
import dev.tokenledger.payloads.AnthropicMessages;
import dev.tokenledger.payloads.UnknownMembers;
import dev.tokenledger.text.Texts;
import dev.tokenledger.text.Texts.Bound;
import dev.tokenledger.usage.TokenCounts;
import dev.tokenledger.usage.UsageRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A {@code usage} object being read, by the rules of {@link AnthropicMessages}; read here without making an object of every
 * value, because an import reads hundreds of thousands. Filled again row by row.
 */
final class ClaudeUsage {

    private static final int MAX_SHOWN_LENGTH = 32;
    private static final int MAX_COUNT_LENGTH = 18;

    private static final int INPUT = 0;
    private static final int OUTPUT = 1;
    private static final int THINKING = 2;
    private static final int READS = 3;
    private static final int WRITES = 4;
    private static final int WRITES_5M = 5;
    private static final int WRITES_1H = 6;
    private static final int SEARCHES = 7;
    private static final int COUNTS = 8;
    /** Types of passes whose tokens are in the message's figures. */
    private static final Set<String> PASSES = Set.of("message", "compaction", "fallback_message");

    private static final int MAX_ADVICE = 16;

    /** The counts of which one must be there. */
    private static final int ANY =
            1 << INPUT | 1 << OUTPUT | 1 << READS | 1 << WRITES | 1 << WRITES_5M | 1 << WRITES_1H;

    private final String path;
    private final long[] counts = new long[COUNTS];
    private final Memo tiers = new Memo();
    private final Memo places = new Memo();
    private final Memo speeds = new Memo();
    private final Memo types = new Memo();
    private final Memo models = new Memo();

    /** Made when it is needed, which is seldom. */
    private @Nullable ClaudeUsage pass;

    /** Made when it is needed, which is never as long as all members are known. */
    private @Nullable UnknownMembers unknown;

    private int seen;
    private boolean several;
    private boolean advised;
    private boolean fast;
    private boolean splitAboveTotal;
    private boolean thinkingAboveOutput;
    private List<Advice> advice = List.of();
    private List<TokenCounts> passes = List.of();
    private List<String> passModels = List.of();
    private String tier = "";
    private String region = "";
    private String type = "";
    private String model = "";
    private String problem = "";

    /** @param path what the object is called in messages, with a dot at its end */
    ClaudeUsage(String path) {
        this.path = path;
    }

    /** What is wrong with it, beginning with the field's name; empty if nothing is. */
    String problem() {
        return problem;
    }

    /** The tier that served the call; empty if it is not stated. */
    String tier() {
        return fast ? "fast" : tier;
    }

    /**
     * What another model was asked during the turn: a call of its own, whose tokens are not in the figures.
     *
     * @param model the model that was asked
     */
    record Advice(String model, ClaudeFigures figures) {}

    /** The calls to advisers. */
    List<Advice> advice() {
        return advice;
    }

    /** Whether another model gave advice of which too little is said to make a call of it. */
    boolean advised() {
        return advised;
    }

    /** Whether a pass whose tokens are in the figures, or may be, ran on another model than this. */
    boolean ranElsewhere(String modelOfMessage) {
        return passModels.stream().anyMatch(each -> !each.equals(modelOfMessage));
    }

    /** Whether writes by their time to live were more than all writes; their sum is taken for all then. */
    boolean splitAboveTotal() {
        return splitAboveTotal;
    }

    /** Whether more was thought than written; what was thought is not told then. */
    boolean thinkingAboveOutput() {
        return thinkingAboveOutput;
    }

    /** The place that served the call, where it has a price of its own; else empty. */
    String region() {
        return region;
    }

    private static String region(String place) {
        return AnthropicMessages.ordinaryPlace(place) ? "" : LabelText.sanitize(place, Bound.TEXT);
    }

    ClaudeFigures figures() {
        return new ClaudeFigures(
                counts[INPUT],
                counts[OUTPUT],
                counts[THINKING],
                counts[READS],
                counts[WRITES],
                counts[WRITES_5M],
                counts[WRITES_1H],
                counts[SEARCHES],
                passes,
                several);
    }

    /** Reads the object that a scanner stands on, and leaves it on the object's end. */
    void read(JsonScanner json) {
        Arrays.fill(counts, 0);
        seen = 0;
        several = false;
        advised = false;
        region = "";
        unknown = null;
        fast = false;
        splitAboveTotal = false;
        thinkingAboveOutput = false;
        advice = List.of();
        passes = List.of();
        passModels = List.of();
        tier = "";
        type = "";
        model = "";
        problem = "";
        long[] compacted = null;
        for (String name = json.member(); name != null; name = json.member()) {
            switch (name) {
                case "input_tokens" -> count(json, name, INPUT);
                case "output_tokens" -> count(json, name, OUTPUT);
                case "cache_read_input_tokens" -> count(json, name, READS);
                case "cache_creation_input_tokens" -> count(json, name, WRITES);
                case "cache_creation", "server_tool_use", "output_tokens_details" -> inner(json, name);
                case "service_tier" -> tier = json.text(tiers);
                case "inference_geo" -> region = region(json.text(places));
                case "speed" -> fast = json.text(speeds).equals("fast");
                case "type" -> type = json.text(types);
                case "model" -> model = json.text(models);
                case "iterations" -> compacted = iterations(json);
                default -> unknown(json, name);
            }
        }
        finish(compacted);
    }

    private void finish(long @Nullable [] compacted) {
        if ((seen & 1 << WRITES) == 0) {
            counts[WRITES] = counts[WRITES_5M] + counts[WRITES_1H];
        } else if (counts[WRITES_5M] + counts[WRITES_1H] > counts[WRITES]) {
            counts[WRITES] = counts[WRITES_5M] + counts[WRITES_1H];
            splitAboveTotal = true;
            if (counts[WRITES] > TokenCounts.LIMIT) {
                refuse("cache_creation", "the sum of its counts is more than " + TokenCounts.LIMIT);
            }
        }
        if (counts[THINKING] > counts[OUTPUT]) {
            counts[THINKING] = 0;
            thinkingAboveOutput = true;
        }
        if ((seen & ANY) == 0) {
            refuse("", "none of its counts is there");
        }
        if (compacted != null) {
            several = true;
            for (int i = 0; i < COUNTS; i++) {
                counts[i] += compacted[i];
                if (counts[i] > TokenCounts.LIMIT) {
                    refuse("iterations", "the sum of a count is more than " + TokenCounts.LIMIT);
                }
            }
        }
        if (passes.size() > 1 && passes.size() <= UsageRecord.MAX_PASSES && problem.isEmpty()) {
            passes = AnthropicMessages.passesOf(passes, figures().tokens());
        } else {
            passes = List.of();
        }
    }

    private void inner(JsonScanner json, String name) {
        if (!json.enter()) {
            if (json.token() != Token.NULL) {
                refuse(name, "expected an object");
            }
            return;
        }
        for (String field = json.member(); field != null; field = json.member()) {
            switch (field) {
                case "ephemeral_5m_input_tokens" -> count(json, field, WRITES_5M);
                case "ephemeral_1h_input_tokens" -> count(json, field, WRITES_1H);
                case "web_search_requests" -> count(json, field, SEARCHES);
                case "thinking_tokens" -> count(json, field, THINKING);
                // Not charged by the call.
                case "web_fetch_requests" -> json.pass();
                default -> unknown(json, name + "." + field);
            }
        }
    }

    /** Looks at a member that is not known, and at those within it. */
    private void unknown(JsonScanner json, String member) {
        switch (json.next()) {
            case OBJECT -> {
                for (String field = json.member(); field != null; field = json.member()) {
                    unknown(json, member + "." + field);
                }
            }
            case INTEGER, FRACTION, TEXT -> add(member, json.text());
            case TRUE -> add(member, "true");
            default -> json.skip();
        }
    }

    private void add(String member, String value) {
        if (UnknownMembers.bearing(member, value) != UnknownMembers.Bearing.NONE) {
            unknown = unknown == null ? new UnknownMembers() : unknown;
            unknown.add(member, value);
        }
    }

    /** What is to be noted of members that are not known. */
    Set<String> unknownMembers() {
        return unknown == null ? Set.of() : unknown.notes();
    }

    /** Adds up the passes that the counts at the top leave out; null if there is none. */
    private long @Nullable [] iterations(JsonScanner json) {
        if (json.next() != Token.ARRAY) {
            json.skip();
            return null;
        }
        long[] sum = null;
        for (Token item = json.next(); item != Token.END_ARRAY; item = json.next()) {
            if (item != Token.OBJECT) {
                json.skip();
                continue;
            }
            ClaudeUsage each = pass == null ? new ClaudeUsage(path + "iterations[].") : pass;
            pass = each;
            each.read(json);
            if (each.unknown != null) {
                add("iterations.unknown_tokens", "1");
            }
            if (PASSES.contains(each.type) && each.problem.isEmpty() && passes.size() <= UsageRecord.MAX_PASSES) {
                passes = with(passes, each.figures().tokens());
            }
            if (each.type.equals("compaction")) {
                sum = sum == null ? new long[COUNTS] : sum;
                for (int i = 0; i < COUNTS; i++) {
                    sum[i] += each.counts[i];
                }
                if (!each.problem.isEmpty()) {
                    problem = each.problem;
                }
            }
            if (each.type.equals("advisor_message")) {
                addAdvice(each);
            } else if (!each.model.isEmpty()) {
                passModels = with(passModels, each.model);
            }
        }
        return sum;
    }

    private void addAdvice(ClaudeUsage each) {
        boolean known = !each.model.isBlank()
                && each.model.length() <= Bound.TEXT.characters()
                && each.problem.isEmpty()
                && !each.figures().none();
        if (known && advice.size() < MAX_ADVICE) {
            advice = with(advice, new Advice(each.model, each.figures()));
        } else {
            advised = true;
        }
    }

    private static <T> List<T> with(List<T> list, T item) {
        List<T> longer = new ArrayList<>(list);
        longer.add(item);
        return List.copyOf(longer);
    }

    private void count(JsonScanner json, String name, int count) {
        Token value = json.next();
        if ((seen & 1 << count) != 0) {
            refuse(name, "duplicate field");
        }
        if (value == Token.NULL) {
            return;
        }
        seen |= 1 << count;
        if (value != Token.INTEGER && value != Token.FRACTION) {
            refuse(name, "expected a number");
            json.skip();
            return;
        }
        String literal = value == Token.INTEGER && json.digits() < MAX_COUNT_LENGTH ? "" : json.text();
        if (literal.isEmpty()) {
            counts[count] = json.integer();
        } else {
            counts[count] = whole(name, literal);
        }
        if (counts[count] < 0 || counts[count] > TokenCounts.LIMIT) {
            refuse(name, "a count is 0 to " + TokenCounts.LIMIT + ", found " + counts[count]);
            counts[count] = 0;
        }
    }

    /** The count of a literal with a fraction of zeros, which is what some serializers make of a whole number. */
    private long whole(String name, String literal) {
        int point = literal.indexOf('.');
        int end = point < 0 ? literal.length() : point;
        for (int i = 0; i < literal.length(); i++) {
            char c = literal.charAt(i);
            boolean fits = i < end ? c >= '0' && c <= '9' : i == point || c == '0';
            if (!fits || end > MAX_COUNT_LENGTH) {
                refuse(
                        name,
                        "a count is a whole number from 0 to " + TokenCounts.LIMIT + ", found "
                                + Texts.cut(literal, MAX_SHOWN_LENGTH));
                return 0;
            }
        }
        return Long.parseLong(literal.substring(0, end));
    }

    private void refuse(String field, String message) {
        if (problem.isEmpty()) {
            String name = path + field;
            problem = (field.isEmpty() ? path.substring(0, path.length() - 1) : name) + ": " + message;
        }
    }
}
