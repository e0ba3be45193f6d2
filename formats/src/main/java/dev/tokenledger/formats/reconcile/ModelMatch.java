package dev.tokenledger.formats.reconcile;

import dev.tokenledger.model.ModelIdentity;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.text.ModelNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of a bill's models a record's model is: as the caller says, by its exact name, as a dated snapshot one of the other, as an alias
 * of the price that the record was priced by, or by the same words and numbers in another order and writing ({@code Claude4.6Sonnet},
 * {@code anthropic/claude-4.6-sonnet-20260217} and {@code claude-sonnet-4-6}). Not safe for use by several threads.
 */
final class ModelMatch {

    private static final Pattern DATE = Pattern.compile("20[0-9]{2}-?[01][0-9]-?[0-3][0-9]");
    private static final Pattern REVISION = Pattern.compile("-v[0-9]+(:[0-9]+)?$");
    private static final Pattern WORD = Pattern.compile("[a-z]+|[0-9]+");

    /** Whose model it is, or where; not which. */
    private static final Set<String> NO_WORDS = Set.of(
            "anthropic",
            "openai",
            "google",
            "amazon",
            "meta",
            "mistral",
            "cohere",
            "deepseek",
            "us",
            "eu",
            "apac",
            "global",
            "models",
            "publishers",
            "preview",
            "latest",
            "it");

    private final Set<String> models;
    private final Map<String, String> stated;
    private final Map<List<String>, String> byWords = new HashMap<>();
    private final Map<ModelIdentity, String> known = new HashMap<>();

    /**
     * @param models those of the bill
     * @param stated by a bill's model, the ledger's that it is
     */
    ModelMatch(Collection<String> models, Map<String, String> stated) {
        this.models = new TreeSet<>(models);
        this.stated = stated;
        for (String model : this.models) {
            byWords.putIfAbsent(words(model), model);
        }
    }

    /** The bill's name; a record's own, where the bill has no such model. */
    String of(ModelIdentity identity, Optional<PriceEntry> price) {
        String before = known.get(identity);
        if (before != null) {
            return before;
        }
        String found = find(identity, price);
        known.put(identity, found);
        return found;
    }

    private String find(ModelIdentity identity, Optional<PriceEntry> price) {
        String upstream = identity.upstreamModel().isEmpty() ? identity.model() : identity.upstreamModel();
        for (Map.Entry<String, String> pair : stated.entrySet()) {
            if (pair.getValue().equals(upstream) || pair.getValue().equals(identity.model())) {
                return pair.getKey();
            }
        }
        if (models.contains(upstream)) {
            return upstream;
        }
        if (models.contains(identity.model())) {
            return identity.model();
        }
        for (String model : models) {
            if (ModelNames.isVersionOf(model, upstream) || ModelNames.isVersionOf(upstream, model)) {
                return model;
            }
        }
        if (price.isPresent()) {
            for (String model : models) {
                if (price.get().model().equals(model) || price.get().aliases().contains(model)) {
                    return model;
                }
            }
        }
        String byOtherWriting = byWords.get(words(upstream));
        return byOtherWriting == null ? upstream : byOtherWriting;
    }

    static List<String> words(String model) {
        String name = model.toLowerCase(Locale.ROOT);
        name = name.substring(name.lastIndexOf('/') + 1);
        name = REVISION.matcher(DATE.matcher(name).replaceAll("")).replaceAll("");
        List<String> words = new ArrayList<>();
        Matcher word = WORD.matcher(name);
        while (word.find()) {
            if (!NO_WORDS.contains(word.group()) && !word.group().equals("0")) {
                words.add(word.group());
            }
        }
        Collections.sort(words);
        return words;
    }
}
