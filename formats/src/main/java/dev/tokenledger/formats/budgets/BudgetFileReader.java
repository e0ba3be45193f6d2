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

    private static final List<String> TOP = List.of("budgets");
    private static final List<String> BUDGET = List.of("name", "where", "period", "usd", "zone");

    private final NodeReader nodes = new NodeReader();
    private final List<Budget> budgets = new ArrayList<>();
    private final Map<String, Integer> linesByName = new HashMap<>();

    /** The parts of a budget, as far as they were read. */
    private static final class Parts {
        private @Nullable String name;
        private final Map<Dimension, String> filters = new LinkedHashMap<>();
        private Budget.@Nullable Period period;
        private @Nullable Usd limit;
        private @Nullable ZoneId zone;
    }

    List<Budget> read(String file, Node document) {
        Spot top = new Spot(document.place(), "");
        nodes.members(document, top, TOP, (name, list) -> {
            nodes.items(list.node(), list.spot(), this::budget);
            if (budgets.size() > BudgetFile.MAX_BUDGETS) {
                nodes.mistake(list.spot(), "at most " + BudgetFile.MAX_BUDGETS + " budgets, found " + budgets.size());
            }
        });
        if (document instanceof Node.Mapping mapping && mapping.members().isEmpty()) {
            nodes.mistake(top, "expected budgets: and a list");
        }
        nodes.refuseMistakes(file);
        return List.copyOf(budgets);
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
        nodes.built(() -> new Budget(name, parts.filters, period, limit, Optional.ofNullable(parts.zone)), spot, known)
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
            default -> throw new IllegalStateException("a key of a budget that is not read: " + name);
        }
    }

    private static void filter(Map<Dimension, String> filters, String name, String value) {
        Dimension dimension = Dimension.parse(name);
        if (filters.putIfAbsent(dimension, value.strip()) != null) {
            throw new IllegalArgumentException("the dimension " + dimension + " is a duplicate");
        }
    }
}
