package dev.tokenledger.formats.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.InMemoryLedger;
import dev.tokenledger.Ledger;
import dev.tokenledger.formats.bills.Bill;
import dev.tokenledger.formats.bills.BillFormat;
import dev.tokenledger.formats.reconcile.Reconciliation.BucketTotal;
import dev.tokenledger.formats.reconcile.Reconciliation.Question;
import dev.tokenledger.formats.reconcile.Reconciliation.Tolerance;
import dev.tokenledger.money.Usd;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.Rates;
import dev.tokenledger.pricing.ServiceTierRates;
import dev.tokenledger.pricing.TokenClass;
import dev.tokenledger.summary.Dimension;
import dev.tokenledger.summary.TimeWindow;
import dev.tokenledger.testkit.Seeds;
import dev.tokenledger.usage.Outcome;
import dev.tokenledger.usage.UsageRecord;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each cause is planted by itself and found with its amount; all together add up. */
class ReconciliationTest {

    private static final String DAY1 = "2026-10-05";
    private static final String DAY2 = "2026-10-06";
    private static final String HEAD =
            "date,model,service_tier,region,project,class,quantity,requests,amount,kind,description\n";

    private static final PriceBook PRICES = PriceBook.of(List.of(PriceEntry.builder("lamp-2")
            .provider("house")
            .rates(Rates.of(Map.of(
                    TokenClass.INPUT, new BigDecimal("4"),
                    TokenClass.OUTPUT, new BigDecimal("20"),
                    TokenClass.CACHE_READ, new BigDecimal("0.4"),
                    TokenClass.CACHE_WRITE_5M, new BigDecimal("5"),
                    TokenClass.CACHE_WRITE_1H, new BigDecimal("8"))))
            .serviceTier("batch", new ServiceTierRates.Multiplier(new BigDecimal("0.5")))
            .perCall("web_search", new BigDecimal("0.01"))
            .build()));

    @TempDir
    Path folder;

    private Ledger ledger;
    private int files;

    @BeforeEach
    void setUp() {
        ledger = InMemoryLedger.open(PRICES, InstantSource.fixed(Instant.parse("2026-11-01T00:00:00Z")));
    }

    private static UsageRecord.Builder call(String id, String time, long input, long output) {
        return UsageRecord.builder()
                .id(id)
                .timestamp(Instant.parse(time))
                .provider("house")
                .model("lamp-2")
                .inputTokens(input)
                .outputTokens(output);
    }

    private Reconciliation compare(String... rows) throws IOException {
        return compareTable(HEAD + String.join("\n", rows) + "\n");
    }

    private Reconciliation compareTable(String table) throws IOException {
        Path file = Files.writeString(folder.resolve("bill" + files++ + ".csv"), table);
        Bill bill = Bill.read(BillFormat.CSV, List.of(file), ZoneId.of("UTC"));
        Reconciliation result =
                Reconciliation.of(ledger, bill, new Question(TimeWindow.all(), Map.of(), Map.of(), ZoneId.of("UTC")));
        addsUp(result);
        return result;
    }

    /** Whatever is found: the causes of each bucket are its difference, digit for digit. */
    private static void addsUp(Reconciliation result) {
        for (BucketTotal bucket : result.buckets()) {
            BigDecimal causes = result.causes().stream()
                    .filter(cause -> cause.bucket().equals(bucket.name()))
                    .map(Cause::usd)
                    .reduce(BigDecimal.ZERO, BigDecimal::add);
            assertThat(causes).as(bucket.name()).isEqualByComparingTo(bucket.difference());
        }
    }

    private static List<String> causes(Reconciliation result) {
        return result.causes().stream()
                .map(cause -> cause.kind().text() + " " + cause.bucket() + " "
                        + cause.usd().toPlainString() + " " + cause.calls() + " " + cause.ids())
                .toList();
    }

    private static String tokens(String day, String tier, String tokenClass, long count, String amount) {
        return day + ",lamp-2," + tier + ",,," + tokenClass + "," + count + ",," + amount + ",,";
    }

    private static String requests(String day, String tier, long count) {
        return day + ",lamp-2," + tier + ",,,,," + count + ",,,";
    }

    @Test
    void sameOnBothSides_hasNoCause() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());

        Reconciliation result = compare(
                tokens(DAY1, "standard", "input", 1_000, "0.004"), tokens(DAY1, "standard", "output", 100, "0.002"));

        assertThat(result.causes()).isEmpty();
        assertThat(result.difference()).isZero();
        assertThat(result.within(Tolerance.DEFAULT)).isTrue();
    }

    @Test
    void callsThatTheLedgerLacks_areWhatTheBillHasMore() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());

        assertThat(causes(compare(
                        requests(DAY1, "standard", 3),
                        tokens(DAY1, "standard", "input", 1_700, "0.0068"),
                        tokens(DAY1, "standard", "output", 130, "0.0026"))))
                .containsExactly("missing_call 2026-10-05 -0.0034 2 []");
    }

    @Test
    void callsThatTheBillLacks_areNamed_andFailedOnesByThemselves() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());
        ledger.append(call("b", DAY1 + "T11:00:00Z", 31, 7).build());
        ledger.append(
                call("c", DAY1 + "T12:00:00Z", 500, 0).outcome(Outcome.ERROR).build());

        assertThat(causes(compare(
                        tokens(DAY1, "standard", "input", 1_000, "0.004"),
                        tokens(DAY1, "standard", "output", 100, "0.002"))))
                .containsExactly("extra_call 2026-10-05 0.002264 2 [b, c]");
        assertThat(causes(compare(
                        tokens(DAY1, "standard", "input", 1_031, "0.004124"),
                        tokens(DAY1, "standard", "output", 107, "0.00214"))))
                .containsExactly("failed_call 2026-10-05 0.002 1 [c]");
    }

    @Test
    void failedCall_isFoundBesideCallsThatTheLedgerLacks() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());
        ledger.append(
                call("f", DAY1 + "T12:00:00Z", 500, 0).outcome(Outcome.CANCELED).build());

        assertThat(causes(compare(
                        tokens(DAY1, "standard", "input", 1_200, "0.0048"),
                        tokens(DAY1, "standard", "output", 150, "0.003"))))
                .containsExactly("failed_call 2026-10-05 0.002 1 [f]", "missing_call 2026-10-05 -0.0018 0 []");
    }

    @Test
    void callsNearMidnight_areFoundInTheOtherDay() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());
        ledger.append(call("late", DAY2 + "T00:00:09Z", 300, 0).build());
        ledger.append(call("later", DAY2 + "T00:01:30Z", 20, 1).build());
        ledger.append(call("b", DAY2 + "T10:00:00Z", 50, 5).build());

        assertThat(causes(compare(
                        tokens(DAY1, "standard", "input", 1_320, "0.00528"),
                        tokens(DAY1, "standard", "output", 101, "0.00202"),
                        tokens(DAY2, "standard", "input", 50, "0.0002"),
                        tokens(DAY2, "standard", "output", 5, "0.0001"))))
                .containsExactly(
                        "bucket_boundary 2026-10-05 -0.0013 2 [late, later]",
                        "bucket_boundary 2026-10-06 0.0013 2 [late, later]");
    }

    @Test
    void callBeyondTheBillsEnd_mayBeOfItsLastDay() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());
        ledger.append(call("late", DAY2 + "T00:00:09Z", 300, 0).build());

        assertThat(causes(compare(
                        tokens(DAY1, "standard", "input", 1_300, "0.0052"),
                        tokens(DAY1, "standard", "output", 100, "0.002"))))
                .containsExactly("bucket_boundary 2026-10-05 -0.0012 1 [late]");
    }

    @Test
    void callsAtNoon_areNotTakenForOnesOfAnotherDay() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());
        ledger.append(call("b", DAY2 + "T12:00:00Z", 300, 0).build());

        assertThat(causes(compare(
                        tokens(DAY1, "standard", "input", 1_000, "0.004"),
                        tokens(DAY1, "standard", "output", 100, "0.002"),
                        requests(DAY2, "standard", 0))))
                .containsExactly("extra_call 2026-10-06 0.0012 1 [b]");
    }

    @Test
    void tier_isTheDifferenceOfBothPrices() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());
        ledger.append(call("b", DAY1 + "T11:00:00Z", 600, 60).build());

        assertThat(causes(compare(
                        tokens(DAY1, "standard", "input", 1_000, "0.004"),
                        tokens(DAY1, "standard", "output", 100, "0.002"),
                        tokens(DAY1, "batch", "input", 600, "0.0012"),
                        tokens(DAY1, "batch", "output", 60, "0.0006"))))
                .containsExactly("tier 2026-10-05 0.0018 1 [b]");
    }

    @Test
    void tierThatTheBillHasAnotherFactorFor_isTold() throws IOException {
        ledger.append(
                call("a", DAY1 + "T10:00:00Z", 1_000, 100).serviceTier("batch").build());

        assertThat(causes(compare(
                        tokens(DAY1, "batch", "input", 1_000, "0.0024"),
                        tokens(DAY1, "batch", "output", 100, "0.0012"))))
                .containsExactly("tier 2026-10-05 -0.0006 0 []");
    }

    @Test
    void region_isTheSameFactorOfAllClasses() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).region("us").build());
        String input = DAY1 + ",lamp-2,,us,,input,1000,,0.0044,,";
        String output = DAY1 + ",lamp-2,,us,,output,100,,0.0022,,";

        assertThat(causes(compare(input, output))).containsExactly("region 2026-10-05 -0.0006 0 []");
        // The ledger that never states a region is compared with all regions together, and told all the same.
        ledger = InMemoryLedger.open(PRICES, InstantSource.fixed(Instant.parse("2026-11-01T00:00:00Z")));
        ledger.append(call("a", DAY1 + "T10:00:00Z", 2_000, 100).build());
        assertThat(causes(compare(input, output, tokens(DAY1, "", "input", 1_000, "0.004"))))
                .containsExactly("region 2026-10-05 -0.0006 0 []");
    }

    @Test
    void cacheWritesOfAnotherLifetime_andTokensOfAnotherClass() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100)
                .cacheCreationInputTokens(400)
                .cacheCreation5mInputTokens(400)
                .build());

        assertThat(causes(compare(
                        tokens(DAY1, "", "input", 1_000, "0.004"),
                        tokens(DAY1, "", "output", 100, "0.002"),
                        tokens(DAY1, "", "cache_write_1h", 400, "0.0032"))))
                .containsExactly("cache_split 2026-10-05 -0.0012 0 []");
        assertThat(causes(
                        compare(tokens(DAY1, "", "input", 1_400, "0.0056"), tokens(DAY1, "", "output", 100, "0.002"))))
                .containsExactly("token_class 2026-10-05 0.0004 0 []");
    }

    @Test
    void price_isToldByClass() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());

        Reconciliation result =
                compare(tokens(DAY1, "", "input", 1_000, "0.0037"), tokens(DAY1, "", "output", 100, "0.002"));
        assertThat(causes(result)).containsExactly("price 2026-10-05 0.0003 0 []");
        assertThat(result.causes().get(0).note())
                .isEqualTo("input: the bill has 3.7 a million, the ledger 4 a million");
    }

    @Test
    void unpricedCalls_areAMatterOfPrice() throws IOException {
        ledger.append(
                call("a", DAY1 + "T10:00:00Z", 1_000, 100).model("unheard-of").build());

        assertThat(causes(
                        compare(DAY1 + ",unheard-of,,,,input,1000,,0.1,,", DAY1 + ",unheard-of,,,,output,100,,0.2,,")))
                .containsExactly("price 2026-10-05 -0.2 0 []", "price 2026-10-05 -0.1 0 []");
    }

    @Test
    void rounding_isToldFromAPrice() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_237, 0).build());

        assertThat(causes(compare(tokens(DAY1, "", "input", 1_237, "0.00495"))))
                .containsExactly("rounding 2026-10-05 -0.000002 0 []");
        assertThat(causes(compare(tokens(DAY1, "", "input", 1_237, "0.00496"))))
                .containsExactly("price 2026-10-05 -0.000012 0 []");
    }

    @Test
    void creditsDiscountsTaxesAndTheRest_areTheirOwnCauses() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 0).build());

        assertThat(causes(compare(
                        tokens(DAY1, "", "input", 1_000, "0.004"),
                        DAY1 + ",,,,,,,,-0.001,credit,Promotion",
                        DAY1 + ",,,,,,,,-0.0002,discount,Contract",
                        DAY1 + ",,,,,,,,0.0005,tax,VAT",
                        DAY1 + ",,,,,,,,0.3,other,Storage of a cache")))
                .containsExactly(
                        "other 2026-10-05 -0.3 0 []",
                        "credit 2026-10-05 0.001 0 []",
                        "tax 2026-10-05 -0.0005 0 []",
                        "discount 2026-10-05 0.0002 0 []");
    }

    @Test
    void projects_areToldApart_onlyWhereBothStateThem() throws IOException {
        String search = DAY1 + ",lamp-2,,,search,input,1000,,0.004,,";
        String support = DAY1 + ",lamp-2,,,support,input,300,,0.0012,,";
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 0).build());
        ledger.append(call("b", DAY1 + "T10:00:00Z", 300, 0).build());
        assertThat(compare(search, support).causes()).isEmpty();

        ledger = InMemoryLedger.open(PRICES, InstantSource.fixed(Instant.parse("2026-11-01T00:00:00Z")));
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 0)
                .attribute("project", "search")
                .build());
        ledger.append(call("b", DAY1 + "T10:00:00Z", 300, 0)
                .attribute("project", "search")
                .build());
        assertThat(causes(compare(search, support))).containsExactly("project 2026-10-05 0 1 [b]");
    }

    @Test
    void toolCalls_areComparedWithoutTheirModel() throws IOException {
        ledger.append(
                call("a", DAY1 + "T10:00:00Z", 1_000, 0).calls("web_search", 3).build());

        assertThat(causes(compare(tokens(DAY1, "", "input", 1_000, "0.004"), DAY1 + ",,,,,web_search,2,,0.02,,")))
                .containsExactly("extra_call 2026-10-05 0.01 0 []");
    }

    @Test
    void usageWithoutAmounts_isPricedByTheLedgersRates() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());

        Reconciliation result =
                compareTable("date,model,input_tokens,output_tokens,amount\n" + DAY1 + ",lamp-2,1500,100,\n");
        assertThat(result.pricedByLedger()).isTrue();
        assertThat(causes(result)).containsExactly("missing_call 2026-10-05 -0.002 0 []");
    }

    @Test
    void amountsWithoutTokens_areUnexplained_whereNothingTellsMore() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 100).build());

        assertThat(causes(compareTable("date,model,amount\n" + DAY1 + ",lamp-2,0.0065\n")))
                .containsExactly("unexplained 2026-10-05 -0.0005 0 []");
    }

    @Test
    void givenCosts_areComparedByTheirSum() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 0)
                .cost(Usd.parse("0.005"))
                .build());

        assertThat(causes(compare(tokens(DAY1, "", "input", 1_000, "0.004"))))
                .containsExactly("price 2026-10-05 0.001 0 []");
    }

    @Test
    void models_areTheSame_byDatesOtherWritingsAndTheCallersWord() throws IOException {
        for (String name : List.of("lamp-2", "lamp-2-20260101", "Lamp 2", "maker/lamp2-2026-01-01")) {
            setUp();
            ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 0).build());
            assertThat(compare(DAY1 + "," + name + ",,,,input,1000,,0.004,,").causes())
                    .as(name)
                    .isEmpty();
        }
        Path file = Files.writeString(folder.resolve("named.csv"), HEAD + DAY1 + ",SKU-17,,,,input,1000,,0.004,,\n");
        Bill bill = Bill.read(BillFormat.CSV, List.of(file), ZoneId.of("UTC"));
        assertThat(Reconciliation.of(
                                ledger,
                                bill,
                                new Question(TimeWindow.all(), Map.of(), Map.of("SKU-17", "lamp-2"), ZoneId.of("UTC")))
                        .causes())
                .isEmpty();
    }

    @Test
    void filtersAndWindow_leaveOutTheRestOfBothSides() throws IOException {
        ledger.append(call("a", DAY1 + "T10:00:00Z", 1_000, 0).build());
        ledger.append(call("b", DAY2 + "T10:00:00Z", 1_000, 0).build());
        ledger.append(call("c", DAY1 + "T10:00:00Z", 1_000, 0).provider("other").build());
        Path file = Files.writeString(
                folder.resolve("two.csv"),
                HEAD + tokens(DAY1, "", "input", 1_000, "0.004") + "\n" + tokens(DAY2, "", "input", 9, "1") + "\n");
        Reconciliation result = Reconciliation.of(
                ledger,
                Bill.read(BillFormat.CSV, List.of(file), ZoneId.of("UTC")),
                new Question(
                        TimeWindow.of(Instant.parse(DAY1 + "T00:00:00Z"), Instant.parse(DAY2 + "T00:00:00Z")),
                        Map.of(Dimension.PROVIDER, "house"),
                        Map.of(),
                        ZoneId.of("UTC")));
        assertThat(result.causes()).isEmpty();
        assertThat(result.buckets()).hasSize(1);
    }

    @Test
    void days_areThoseOfTheBill() throws IOException {
        // 23:30 of the fifth in UTC is the sixth in Berlin.
        ledger.append(call("a", DAY1 + "T23:30:00Z", 1_000, 0).build());
        Path file =
                Files.writeString(folder.resolve("zone.csv"), HEAD + tokens(DAY2, "", "input", 1_000, "0.004") + "\n");
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Reconciliation result = Reconciliation.of(
                ledger,
                Bill.read(BillFormat.CSV, List.of(file), berlin),
                new Question(TimeWindow.all(), Map.of(), Map.of(), berlin));
        assertThat(result.causes()).isEmpty();
        assertThat(result.buckets()).extracting(BucketTotal::name).containsExactly(DAY2);
    }

    /** Any bill against any ledger: no cause is lost, and none counts twice. */
    @Test
    void random_causesAddUp() {
        Seeds.run(60, random -> {
            setUp();
            TreeMap<String, long[]> bill = new TreeMap<>();
            for (int i = 0; i < 30; i++) {
                String day = random.nextBoolean() ? DAY1 : DAY2;
                boolean batch = random.nextInt(4) == 0;
                long input = random.nextInt(5_000);
                long output = random.nextInt(500);
                String time = random.nextInt(5) == 0
                        ? "T00:00:0" + random.nextInt(9) + "Z"
                        : "T1" + random.nextInt(9) + ":00:00Z";
                if (random.nextInt(8) != 0) {
                    ledger.append(call("c" + i, day + time, input, output)
                            .serviceTier(batch ^ random.nextInt(9) == 0 ? "batch" : "standard")
                            .outcome(random.nextInt(9) == 0 ? Outcome.ERROR : Outcome.SUCCESS)
                            .build());
                }
                if (random.nextInt(8) != 0) {
                    String billed = random.nextInt(9) == 0 ? DAY1 : day;
                    long[] counts =
                            bill.computeIfAbsent(billed + "," + (batch ? "batch" : "standard"), key -> new long[2]);
                    counts[0] += input;
                    counts[1] += output;
                }
            }
            List<String> rows = new ArrayList<>();
            bill.forEach((key, counts) -> {
                String[] parts = key.split(",");
                BigDecimal factor = parts[1].equals("batch") ? new BigDecimal("0.5") : BigDecimal.ONE;
                BigDecimal wrong = random.nextInt(5) == 0 ? new BigDecimal("1.07") : BigDecimal.ONE;
                rows.add(
                        tokens(parts[0], parts[1], "input", counts[0], amount(counts[0], "4", factor.multiply(wrong))));
                rows.add(tokens(parts[0], parts[1], "output", counts[1], amount(counts[1], "20", factor)));
            });
            if (!rows.isEmpty()) {
                booked(compare(rows.toArray(new String[0])), rows);
            }
        });
    }

    /** What remains is booked once, and then both totals are the same, to the last digit. */
    private void booked(Reconciliation result, List<String> rows) throws IOException {
        assertThat(result.buckets()).isNotEmpty();
        long records = ledger.summary(TimeWindow.all()).totalRecords();
        List<Booking.Booked> booked = Booking.enter(ledger, BillFormat.CSV, result, Map.of(), "");
        assertThat(booked).allMatch(one -> one.refusal().isEmpty());
        assertThat(booked).hasSize((int) result.buckets().stream()
                .filter(bucket -> bucket.difference().signum() != 0)
                .count());
        Reconciliation met = compare(rows.toArray(new String[0]));
        for (BucketTotal bucket : met.buckets()) {
            assertThat(bucket.difference()).as(bucket.name()).isZero();
            assertThat(ledger.summary(TimeWindow.of(bucket.start(), bucket.end()))
                            .totalCost()
                            .toBigDecimal())
                    .as(bucket.name())
                    .isEqualByComparingTo(bucket.billed());
        }
        assertThat(Booking.enter(ledger, BillFormat.CSV, met, Map.of(), "")).isEmpty();
        assertThat(ledger.summary(TimeWindow.all()).totalRecords()).isEqualTo(records);
    }

    @Test
    void booking_isTakenBackAndEnteredAnew_andCountsByWhatWasChosen() throws IOException {
        ledger.append(
                call("a", DAY1 + "T10:00:00Z", 1_000, 0).attribute("team", "x").build());
        Path file = Files.writeString(
                folder.resolve("chosen.csv"), HEAD + tokens(DAY1, "", "input", 1_000, "0.005") + "\n");
        Bill bill = Bill.read(BillFormat.CSV, List.of(file), ZoneId.of("UTC"));
        Map<Dimension, String> chosen = Map.of(Dimension.PROVIDER, "house", Dimension.attribute("team"), "x");
        Question question = new Question(TimeWindow.all(), chosen, Map.of(), ZoneId.of("UTC"));
        Booking.Booked first = book(bill, question).get(0);
        assertThat(first.amount()).isEqualTo(Usd.parse("0.001"));
        assertThat(ledger.summaryBy("attribute.team", TimeWindow.all()))
                .singleElement()
                .matches(row -> row.summary().totalCost().equals(Usd.parse("0.005")));
        assertThat(book(bill, question)).isEmpty();
        ledger.reverse(first.id(), "the bill was wrong");
        Booking.Booked second = book(bill, question).get(0);
        assertThat(second.amount()).isEqualTo(first.amount());
        assertThat(second.id()).isNotEqualTo(first.id());
    }

    private List<Booking.Booked> book(Bill bill, Question question) {
        return Booking.enter(
                ledger, BillFormat.CSV, Reconciliation.of(ledger, bill, question), question.filters(), "reviewed");
    }

    private static String amount(long count, String rate, BigDecimal factor) {
        return BigDecimal.valueOf(count)
                .multiply(new BigDecimal(rate))
                .multiply(factor)
                .movePointLeft(6)
                .toPlainString();
    }
}
