package dev.tokenledger.formats.budgets;

import dev.tokenledger.formats.query.TimeText;
import dev.tokenledger.formats.query.Words;
import dev.tokenledger.formats.text.Node;
import dev.tokenledger.formats.text.NodeReader;
import dev.tokenledger.formats.text.NodeReader.Member;
import dev.tokenledger.formats.text.NodeReader.Spot;
import dev.tokenledger.money.Usd;
import dev.tokenledger.summary.Dimension;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Turns a document into budgets. Every mistake is noted before the file is refused. */
final class BudgetFileReader {

    private static final List<String> TOP = List.of("budgets", "notify");
    private static final List<String> BUDGET =
            List.of("name", "where", "period", "usd", "zone", "enforcement", "thresholds", "notify");

    private final String file;
    private final NodeReader nodes = new NodeReader();
    private final List<Budget> budgets = new ArrayList<>();
    private final Map<String, Integer> linesByName = new HashMap<>();
    private final ChannelReader channels;

    /** Where budgets name channels, which may stand after them. */
    private final List<Named> named = new ArrayList<>();

    private record Named(String channel, Spot spot) {}

    BudgetFileReader(String file) {
        this.file = file;
        channels = new ChannelReader(nodes, file);
    }

    /** The parts of a budget, as far as they were read. */
    private static final class Parts {
        private @Nullable String name;
        private final Map<Dimension, String> filters = new LinkedHashMap<>();
        private Budget.@Nullable Period period;
        private @Nullable Usd limit;
        private @Nullable ZoneId zone;
        private BudgetPolicy.Enforcement enforcement = BudgetPolicy.DEFAULT.enforcement();
        private List<Threshold> thresholds = BudgetPolicy.DEFAULT.thresholds();
        private @Nullable List<String> notify;
    }

    BudgetPlan read(Node document) {
        Spot top = new Spot(document.place(), "");
        nodes.members(document, top, TOP, (name, list) -> {
            if (name.equals("notify")) {
                channels.read(list);
                return;
            }
            nodes.items(list.node(), list.spot(), this::budget);
            if (budgets.size() > BudgetFile.MAX_BUDGETS) {
                nodes.mistake(list.spot(), "at most " + BudgetFile.MAX_BUDGETS + " budgets, found " + budgets.size());
            }
        });
        if (document instanceof Node.Mapping mapping && mapping.members().isEmpty()) {
            nodes.mistake(top, "expected budgets: and a list");
        }
        for (Named reference : named) {
            if (!channels.names().contains(reference.channel)) {
                nodes.mistake(
                        reference.spot,
                        "there is no channel of the name " + Words.quoted(reference.channel)
                                + "; channels stand in the list notify of the file");
            }
        }
        nodes.refuseMistakes(file);
        return new BudgetPlan(budgets, channels.read());
    }

    private void budget(Node node, Spot spot) {
        int before = nodes.mistakes();
        Parts parts = new Parts();
        Map<String, Spot> known = nodes.members(node, spot, BUDGET, (name, member) -> part(parts, name, member));
        if (nodes.mistakes() > before) {
            return;
        }
        String name = parts.name;
        Budget.Period period = parts.period;
        Usd limit = parts.limit;
        if (name == null || period == null || limit == null) {
            nodes.mistake(spot, "expected a name, a period (day or month) and usd, the limit");
            return;
        }
        nodes.built(
                        () -> new Budget(
                                name,
                                parts.filters,
                                period,
                                limit,
                                Optional.ofNullable(parts.zone),
                                new BudgetPolicy(
                                        parts.enforcement, parts.thresholds, Optional.ofNullable(parts.notify))),
                        spot,
                        known)
                .ifPresent(budget -> add(budget, known.getOrDefault("name", spot)));
    }

    private void add(Budget budget, Spot name) {
        Integer first = linesByName.putIfAbsent(budget.name(), name.place().line());
        if (first != null) {
            nodes.mistake(name, "is the name of the budget in line " + first + " too; names tell budgets apart");
        }
        budgets.add(budget);
    }

    private void part(Parts parts, String name, Member member) {
        switch (name) {
            case "name" -> nodes.text(member, text -> parts.name = text);
            case "where" ->
                nodes.members(
                        member.node(),
                        member.spot(),
                        List.of(),
                        (dimension, value) -> nodes.text(value, text -> filter(parts.filters, dimension, text)));
            case "period" ->
                nodes.text(member, text -> parts.period = Words.parse("period", Budget.Period.values(), text));
            case "usd" -> nodes.decimal(member, usd -> parts.limit = Usd.of(usd));
            case "zone" -> nodes.text(member, text -> parts.zone = TimeText.zone(text));
            case "enforcement" ->
                nodes.text(
                        member,
                        text -> parts.enforcement =
                                Words.parse("enforcement", BudgetPolicy.Enforcement.values(), text));
            case "thresholds" -> parts.thresholds = thresholds(member);
            case "notify" -> {
                List<String> names = new ArrayList<>();
                nodes.items(
                        member.node(),
                        member.spot(),
                        (item, spot) -> nodes.text(new Member(item, spot), channel -> {
                            names.add(channel);
                            named.add(new Named(channel, spot));
                        }));
                parts.notify = names;
            }
            default -> throw new IllegalStateException("a key of a budget that is not read: " + name);
        }
    }

    private List<Threshold> thresholds(Member member) {
        List<Threshold> thresholds = new ArrayList<>();
        nodes.items(member.node(), member.spot(), (item, spot) -> {
            if (item instanceof Node.Number number) {
                nodes.guarded(spot, () -> thresholds.add(Threshold.parse(number.literal())));
            } else {
                nodes.text(new Member(item, spot), text -> thresholds.add(Threshold.parse(text)));
            }
        });
        return thresholds;
    }

    private static void filter(Map<Dimension, String> filters, String name, String value) {
        Dimension dimension = Dimension.parse(name);
        if (filters.putIfAbsent(dimension, value.strip()) != null) {
            throw new IllegalArgumentException("the dimension " + dimension + " is a duplicate");
        }
    }
}
