package dev.tokenledger.formats.reconcile;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerEntry;
import dev.tokenledger.RecordPage;
import dev.tokenledger.RecordQuery;
import dev.tokenledger.formats.bills.Bill;
import dev.tokenledger.formats.bills.BillLine;
import dev.tokenledger.formats.bills.UsageWords;
import dev.tokenledger.formats.reconcile.Buckets.Bucket;
import dev.tokenledger.formats.reconcile.Reconciliation.BucketTotal;
import dev.tokenledger.pricing.Cost;
import dev.tokenledger.pricing.Explanation;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceId;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.text.Decimals;
import dev.tokenledger.text.Providers;
import dev.tokenledger.usage.RecordId;
import dev.tokenledger.usage.UsageRecord;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One comparison. First the bill's lines and the records are added up in cells; what one side never states is not told apart. Then
 * records of cells whose tokens differ are looked for in other cells ({@link Moves}). What remains of tokens is calls or classes that
 * one side lacks, and what remains of money is prices ({@link Remainders}). Used once, by one thread.
 */
final class Comparison {

    /** The most records that are held to be told apart. */
    static final int MAX_HELD = 200_000;

    /** How far from a bucket's edge a call may be that the bill dates on its other side: it may have begun or ended there. */
    static final Duration EDGE = Duration.ofMinutes(15);

    private static final long LONG_CONTEXT = 200_000;

    private final Ledger ledger;
    private final Reconciliation.Question question;
    private final Instant start;
    private final Instant end;
    private final List<BillLine> lines = new ArrayList<>();
    private final Buckets buckets;
    private final ModelMatch models;
    private final Set<String> classes = new TreeSet<>();
    private final Set<String> providers = new TreeSet<>();
    private final Map<String, BillLine> byCall = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    private final Map<PriceId, Optional<PriceEntry>> prices = new HashMap<>();
    private final BigDecimal slack;
    private final boolean namesModels;
    private final boolean statesTiers;
    private final boolean statesMoney;
    private final boolean statesToolCalls;
    private boolean statesLongContext;
    private boolean tellsProjects;
    private boolean tellsRegions;
    private final Set<String> usageBuckets = new HashSet<>();
    private Map<CellKey, Cell> cells = new LinkedHashMap<>();
    private final Map<String, BigDecimal> billed = new HashMap<>();
    private final Map<String, BigDecimal> recorded = new HashMap<>();
    private final Map<String, Long> records = new HashMap<>();
    private final List<Cause> causes = new ArrayList<>();
    private final Map<RecordId, LedgerEntry> adjustments = new LinkedHashMap<>();

    Comparison(Ledger ledger, Bill bill, Reconciliation.Question question) {
        this.ledger = ledger;
        this.question = question;
        TimeWindow window = question.window();
        start = later(bill.start(), window.start());
        Instant last = bill.end().isBefore(window.end()) ? bill.end() : window.end();
        end = last.isBefore(start) ? start : last;
        namesModels = bill.lines().stream().anyMatch(line -> !line.model().isEmpty());
        for (BillLine line : bill.lines()) {
            if (!line.start().isBefore(start) && !line.end().isAfter(end)) {
                lines.add(line);
            }
        }
        buckets = new Buckets(lines, start, end, question.zone());
        Set<String> names = new TreeSet<>();
        boolean tiers = false;
        boolean money = false;
        boolean tools = false;
        for (BillLine line : lines) {
            names.add(line.model());
            tiers |= !line.tier().isEmpty();
            money |= line.amount().isPresent();
            statesLongContext |= line.longContext();
            if (line.tokens() && !line.what().isEmpty()) {
                classes.add(line.what());
            }
            tools |= !line.tokens();
            if (!line.callId().isEmpty()) {
                byCall.putIfAbsent(line.callId(), line);
            }
        }
        int digits = lines.stream()
                .flatMap(line -> line.amount().stream())
                .mapToInt(BigDecimal::scale)
                .max()
                .orElse(0);
        slack = new BigDecimal("0.5").movePointLeft(Math.max(digits, 0));
        names.remove("");
        statesTiers = tiers;
        statesMoney = money;
        statesToolCalls = tools;
        models = new ModelMatch(names, question.models());
        bill.format().providers().forEach(name -> providers.add(Providers.canonical(name)));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    Reconciliation run() {
        bucketsOfTheWholeSpan();
        boolean projectsOnBill = addBill();
        boolean regionsOnBill =
                cells.keySet().stream().anyMatch(key -> !key.region().isEmpty());
        Set<String> regionsInLedger = new HashSet<>();
        Set<String> projectsInLedger = new HashSet<>();
        eachRecord(use -> {
            regionsInLedger.add(use.key.region());
            projectsInLedger.add(use.key.project());
            if (!use.key.bucket().isEmpty()) {
                add(use);
            }
        });
        adjustments.values().forEach(this::addAdjustment);
        tellsProjects = projectsOnBill && projectsInLedger.stream().anyMatch(name -> !name.isEmpty());
        tellsRegions = regionsOnBill && regionsInLedger.stream().anyMatch(name -> !name.isEmpty());
        collapse();
        chooseQuantities();
        Set<CellKey> open = new HashSet<>();
        cells.forEach((key, cell) -> {
            if (!key.calls() && !cell.residual().isZero()) {
                open.add(key);
            }
        });
        if (!open.isEmpty()) {
            List<Use> held = new ArrayList<>();
            eachRecord(use -> {
                boolean edge = use.key.bucket().isEmpty();
                Use collapsed = use.as(collapsed(use.key));
                if (held.size() < MAX_HELD && (edge || open.contains(collapsed.key))) {
                    held.add(collapsed);
                }
            });
            new Moves(cells, buckets, causes).make(held);
        }
        for (Cell cell : cells.values()) {
            if (!statesMoney) {
                priceByLedger(cell);
            }
            if (cell.key.calls() && !statesToolCalls) {
                untold(cell);
            } else {
                new Remainders(cell, causes, unseenCalls(cell.key)).add();
            }
        }
        return result();
    }

    /** Fees of tool calls, where the bill is a report of something else. */
    private void untold(Cell cell) {
        BigDecimal fees = cell.ourTotal();
        if (fees.signum() != 0) {
            causes.add(new Cause(
                    Cause.Kind.OTHER,
                    cell.key.bucket(),
                    "",
                    "",
                    "",
                    cell.key.project(),
                    Decimals.plain(fees),
                    0,
                    cell.ourQuantity.asMap(),
                    List.of(),
                    "fees of tool calls, of which the bill's files state nothing"));
        }
    }

    /** What was booked before counts in the ledger, and explains as much of the difference. */
    private void addAdjustment(LedgerEntry entry) {
        Bucket bucket = buckets.of(entry.occurred());
        if (bucket == null) {
            return;
        }
        BigDecimal amount = entry.cost().amount().toBigDecimal();
        recorded.merge(bucket.name(), amount, BigDecimal::add);
        causes.add(new Cause(
                Cause.Kind.ADJUSTMENT,
                bucket.name(),
                "",
                "",
                "",
                project(entry.record()),
                amount,
                0,
                Map.of(),
                List.of(entry.id().value()),
                entry.adjustment().map(LedgerEntry.Adjustment::reason).orElse("")));
    }

    private void bucketsOfTheWholeSpan() {
        Instant at = start;
        while (at.isBefore(end)) {
            Bucket bucket = buckets.of(at);
            if (bucket == null) {
                return;
            }
            at = bucket.end();
        }
    }

    private boolean addBill() {
        boolean projects = false;
        Map<Cause.Kind, Map<List<String>, BigDecimal>> others = new EnumMap<>(Cause.Kind.class);
        for (BillLine line : lines) {
            Bucket bucket = buckets.of(line.start());
            if (bucket == null) {
                continue;
            }
            BigDecimal amount = line.amount().orElse(BigDecimal.ZERO);
            billed.merge(bucket.name(), amount, BigDecimal::add);
            if (line.kind() == BillLine.Kind.USAGE) {
                projects |= !line.project().isEmpty();
                addUsage(line, bucket.name());
            } else {
                others.computeIfAbsent(kind(line.kind()), kind -> new LinkedHashMap<>())
                        .merge(List.of(bucket.name(), line.project(), line.text()), amount, BigDecimal::add);
            }
        }
        others.forEach((kind, amounts) -> amounts.forEach((what, amount) -> causes.add(new Cause(
                kind, what.get(0), "", "", "", what.get(1), amount.negate(), 0, Map.of(), List.of(), what.get(2)))));
        return projects;
    }

    private static Cause.Kind kind(BillLine.Kind kind) {
        return switch (kind) {
            case CREDIT -> Cause.Kind.CREDIT;
            case DISCOUNT -> Cause.Kind.DISCOUNT;
            case TAX -> Cause.Kind.TAX;
            case ROUNDING -> Cause.Kind.ROUNDING;
            case OTHER, USAGE -> Cause.Kind.OTHER;
        };
    }

    private void addUsage(BillLine line, String bucket) {
        CellKey key = line.tokens() ? key(line, bucket) : key(line, bucket).ofCalls();
        Cell cell = cell(key);
        if (line.quantity().isPresent() && line.amount().isEmpty()) {
            cell.usageQuantity.add(line.what(), line.quantity().get());
            Cell.of(cell.usageByRegion, line.region())
                    .add(line.what(), line.quantity().get());
            if (line.tokens()) {
                usageBuckets.add(bucket);
            }
        } else if (line.quantity().isPresent()) {
            cell.costQuantity.add(line.what(), line.quantity().get());
            Cell.of(cell.costQuantityByRegion, line.region())
                    .add(line.what(), line.quantity().get());
        }
        if (line.amount().isPresent()) {
            cell.billMoney.add(line.what(), line.amount().get());
            Cell.of(cell.moneyByRegion, line.region())
                    .add(line.what(), line.amount().get());
            cell.billAmounts++;
            cell.billSlack = cell.billSlack.add(slack);
            cell.moneyWithoutClass |= line.what().isEmpty();
        }
        line.requests()
                .ifPresent(requests ->
                        cell.billRequests = cell.billRequests == null ? requests : cell.billRequests.add(requests));
    }

    private CellKey key(BillLine line, String bucket) {
        return new CellKey(
                bucket,
                line.model(),
                UsageWords.tier(line.tier()),
                line.region(),
                line.longContext(),
                line.project(),
                false);
    }

    private Cell cell(CellKey key) {
        return cells.computeIfAbsent(key, Cell::new);
    }

    private void add(Use use) {
        cell(use.key).add(use, 1);
        if (!use.calls.isZero()) {
            cell(use.key.ofCalls()).add(use, 1);
        }
        Bucket own = buckets.of(use.occurred);
        String bucket = own == null ? use.key.bucket() : own.name();
        recorded.merge(bucket, use.cost.toBigDecimal(), BigDecimal::add);
        records.merge(bucket, 1L, Long::sum);
        if (!bucket.equals(use.key.bucket())) {
            boundary(use, bucket);
        }
    }

    /** A call that the bill names, in another bucket. */
    private void boundary(Use use, String own) {
        List<String> ids = List.of(use.record.id().value());
        BigDecimal cost = use.cost.toBigDecimal();
        for (String bucket : List.of(own, use.key.bucket())) {
            causes.add(new Cause(
                    Cause.Kind.BUCKET_BOUNDARY,
                    bucket,
                    use.key.model(),
                    use.key.tier(),
                    use.key.region(),
                    use.key.project(),
                    bucket.equals(own) ? cost : cost.negate(),
                    1,
                    Map.of(),
                    ids,
                    "the ledger has it in " + own + ", the bill in " + use.key.bucket()));
        }
    }

    /** Hands over each record of the span, and those near its edges with an empty bucket. */
    private void eachRecord(Consumer<Use> each) {
        TimeWindow window = TimeWindow.of(start.minus(EDGE), start.equals(end) ? start.plus(EDGE) : end.plus(EDGE));
        RecordQuery.Builder query = RecordQuery.over(window).limit(RecordQuery.MAX_LIMIT);
        question.filters().forEach(query::where);
        while (true) {
            RecordPage page = ledger.records(query.build());
            for (LedgerEntry entry : page.entries()) {
                if (!isOfProvider(entry.record())) {
                    continue;
                }
                if (entry.kind() == LedgerEntry.Kind.ADJUSTMENT) {
                    adjustments.put(entry.id(), entry);
                } else {
                    each.accept(use(entry));
                }
            }
            if (page.next().isEmpty()) {
                return;
            }
            query.after(page.next().get());
        }
    }

    private boolean isOfProvider(UsageRecord record) {
        String provider = record.identity().provider();
        return providers.isEmpty()
                || question.filters().containsKey(Dimension.PROVIDER)
                || providers.contains(provider)
                || providers.contains(Providers.canonical(provider));
    }

    private Use use(LedgerEntry entry) {
        UsageRecord record = entry.record();
        Cost cost = entry.effectiveCost();
        Optional<PriceEntry> price = price(entry, cost);
        BillLine named = named(record);
        CellKey key;
        Bucket bucket = buckets.of(named == null ? entry.occurred() : named.start());
        if (named != null && bucket != null) {
            key = key(named, bucket.name());
        } else {
            key = new CellKey(
                    bucket == null ? "" : bucket.name(),
                    models.of(record.identity(), price),
                    statesTiers ? tier(record) : "",
                    region(record),
                    statesLongContext && record.tokens().totalInput() > LONG_CONTEXT,
                    project(record),
                    false);
        }
        return new Use(record, entry.occurred(), cost, price, key, this::classOnBill);
    }

    private @Nullable BillLine named(UsageRecord record) {
        if (byCall.isEmpty()) {
            return null;
        }
        String id = record.id().value();
        for (String name :
                List.of(record.upstreamRequestId(), record.requestId(), id, id.substring(id.lastIndexOf(':') + 1))) {
            BillLine line = byCall.get(name);
            if (line != null) {
                seen.add(name);
                return line;
            }
        }
        return null;
    }

    private Optional<PriceEntry> price(LedgerEntry entry, Cost cost) {
        Optional<PriceId> id = cost.priceId();
        if (cost instanceof Cost.Given || id.isEmpty()) {
            return Optional.empty();
        }
        Optional<PriceEntry> known = prices.get(id.get());
        if (known == null) {
            known = ledger.explain(
                            entry.revaluation().map(LedgerEntry.Revaluation::id).orElse(entry.id()))
                    .flatMap(Explanation::entry)
                    .filter(found -> found.id().equals(id.get()));
            prices.put(id.get(), known);
        }
        return known;
    }

    private static String tier(UsageRecord record) {
        return UsageWords.tier(record.serviceTier().isEmpty() ? record.requestedServiceTier() : record.serviceTier());
    }

    private static String region(UsageRecord record) {
        String stated = record.attributes().getOrDefault("inference_geo", "");
        return UsageWords.region(stated.isEmpty() ? record.region() : stated);
    }

    private static String project(UsageRecord record) {
        String project = record.attributes().getOrDefault("workspace", "");
        return project.isEmpty() ? record.attributes().getOrDefault("project", "") : project;
    }

    /** A price file's class of tokens as the bill has it: its whole, where the bill does not tell the part apart. */
    private String classOnBill(String name) {
        if (classes.contains(name)) {
            return name;
        }
        if (classes.contains(BillLine.PROMPT)
                && (name.equals("input") || name.startsWith("cache") || name.endsWith("_input"))) {
            return BillLine.PROMPT;
        }
        String whole = switch (name) {
            case "audio_input", "image_input" -> "input";
            case "cached_audio_read" -> "cache_read";
            case "reasoning", "audio_output", "image_output" -> "output";
            default -> "";
        };
        return whole.isEmpty() ? name : classOnBill(whole);
    }

    private CellKey collapsed(CellKey key) {
        return new CellKey(
                key.bucket(),
                namesModels ? key.model() : "",
                key.tier(),
                tellsRegions ? key.region() : "",
                namesModels && key.longContext(),
                tellsProjects ? key.project() : "",
                namesModels && key.calls());
    }

    private void collapse() {
        Map<CellKey, Cell> merged = new LinkedHashMap<>();
        cells.forEach((key, cell) -> {
            merged.computeIfAbsent(collapsed(key), Cell::new).merge(cell);
        });
        cells = merged;
    }

    /** Usage reports state quantities; where there is none, those beside amounts, or what amounts come to at our rates, are taken. */
    private void chooseQuantities() {
        for (Cell cell : cells.values()) {
            boolean usage = cell.key.calls() ? !cell.usageQuantity.isZero() : usageBuckets.contains(cell.key.bucket());
            Amounts stated = usage ? cell.usageQuantity : cell.costQuantity;
            cell.billQuantity.add(stated, 1);
            if (stated.isZero() && !cell.billMoney.isZero() && !cell.moneyWithoutClass) {
                infer(cell);
            }
        }
    }

    private static void infer(Cell cell) {
        Amounts inferred = new Amounts();
        for (Map.Entry<String, BigDecimal> money : cell.billMoney.asMap().entrySet()) {
            BigDecimal rate = cell.rate(money.getKey());
            if (rate == null || rate.signum() == 0 || money.getValue().signum() < 0) {
                cell.unknownQuantities = cell.hasOurs();
                return;
            }
            BigDecimal[] count = money.getValue().divideAndRemainder(rate);
            if (count[1].signum() != 0) {
                cell.unknownQuantities = true;
                return;
            }
            inferred.add(money.getKey(), count[0]);
        }
        cell.billQuantity.add(inferred, 1);
    }

    private static void priceByLedger(Cell cell) {
        cell.billQuantity.asMap().forEach((name, count) -> {
            BigDecimal rate = cell.rate(name);
            if (rate != null) {
                cell.billMoney.add(name, rate.multiply(count));
            }
        });
    }

    /** The bill's calls of a cell that no record is of. */
    private List<String> unseenCalls(CellKey key) {
        if (byCall.isEmpty() || key.calls()) {
            return List.of();
        }
        return byCall.values().stream()
                .filter(line -> !seen.contains(line.callId()))
                .filter(line -> {
                    Bucket bucket = buckets.of(line.start());
                    return bucket != null && collapsed(key(line, bucket.name())).equals(key);
                })
                .map(BillLine::callId)
                .sorted()
                .toList();
    }

    private Reconciliation result() {
        if (!statesMoney) {
            billed.clear();
            cells.forEach((key, cell) -> billed.merge(key.bucket(), cell.billMoney.total(), BigDecimal::add));
        }
        List<BucketTotal> totals = new ArrayList<>();
        Map<String, Integer> order = new HashMap<>();
        for (Bucket bucket : buckets.all()) {
            order.put(bucket.name(), order.size());
            BigDecimal calls = null;
            for (Cell cell : cells.values()) {
                if (cell.key.bucket().equals(bucket.name()) && cell.billRequests != null) {
                    calls = calls == null ? cell.billRequests : calls.add(cell.billRequests);
                }
            }
            totals.add(new BucketTotal(
                    bucket.name(),
                    bucket.start(),
                    bucket.end(),
                    Decimals.plain(billed.getOrDefault(bucket.name(), BigDecimal.ZERO)),
                    Decimals.plain(recorded.getOrDefault(bucket.name(), BigDecimal.ZERO)),
                    Optional.ofNullable(calls).map(Decimals::plain),
                    records.getOrDefault(bucket.name(), 0L)));
        }
        causes.sort(Comparator.comparing((Cause cause) -> order.getOrDefault(cause.bucket(), order.size()))
                .thenComparing(cause -> cause.usd().abs(), Comparator.reverseOrder())
                .thenComparing(Cause::kind)
                .thenComparing(Cause::model)
                .thenComparing(Cause::tier)
                .thenComparing(Cause::region)
                .thenComparing(Cause::project)
                .thenComparing(Cause::note));
        return new Reconciliation(start, end, !statesMoney, totals, causes);
    }
}
