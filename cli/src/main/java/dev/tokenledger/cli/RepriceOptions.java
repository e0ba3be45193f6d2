package dev.tokenledger.cli;

import dev.tokenledger.Ledger;
import dev.tokenledger.cli.Table.Column;
import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.formats.present.Figures;
import dev.tokenledger.formats.reprice.RepricePlan;
import dev.tokenledger.formats.reprice.RepriceRun;
import dev.tokenledger.formats.reprice.Repricing;
import dev.tokenledger.money.Usd;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.OptionSpec;
import tools.jackson.core.JsonGenerator;

/** What a run of repricing and its undoing have in common: a reason, a plan, and that only --apply writes. */
final class RepriceOptions {

    private enum Format {
        TABLE,
        JSON
    }

    private static final int MAX_SHOWN = 10;

    private final Argument<String> reason;
    private final Argument<String> apply;
    private final Argument<Format> format;

    RepriceOptions(Subcommand command) {
        reason = command.option("--reason", "TEXT", "Why, for whoever reads the history.");
        apply = command.add(OptionSpec.builder("--apply")
                .type(String.class)
                .arity("0..1")
                .fallbackValue("")
                .paramLabel("DIGEST")
                .description("Write it. With the digest that the plan printed, only if it is still that plan."));
        format = command.option(
                "--format",
                "FORMAT",
                new Converters.Choice<>("format", Format.values()),
                Converters.names(Format.values()),
                "table (the default) or json.");
    }

    String reason() {
        String why = reason.or("");
        if (why.isBlank()) {
            throw new UsageException("say why, with --reason TEXT");
        }
        return why;
    }

    Ledger open(Session session) {
        return apply.stated().isPresent() ? session.existingLedgerForWriting() : session.existingLedger();
    }

    int run(Ledger ledger, Repricing repricing, Session session) {
        boolean json = format.or(Format.TABLE) == Format.JSON;
        if (apply.stated().isPresent()) {
            return apply(repricing, json, session);
        }
        RepricePlan plan = repricing.plan();
        if (json) {
            session.out().line(json(plan));
        } else {
            table(plan, session);
        }
        repricing
                .unfinished()
                .ifPresent(run -> session.say("the run " + run.id() + " has done " + Figures.count(run.records())
                        + " of this and was stopped; --apply completes it"));
        return Action.DONE;
    }

    private int apply(Repricing repricing, boolean json, Session session) {
        Optional<String> digest = apply.stated().filter(text -> !text.isEmpty());
        Repricing.Result result = repricing.apply(digest, session.environment().clock(), done -> {});
        RepriceRun run = result.run();
        if (result.outcome() == Repricing.Outcome.OUT_OF_DATE) {
            throw new CommandException("the plan is out of date: calls or prices have changed, and its digest is now "
                    + result.digest() + "; nothing was written. Look at it again without --apply");
        }
        if (json) {
            session.out().line(json(result));
        } else if (run == null) {
            session.out().line("nothing to reprice; nothing was written");
        } else if (result.outcome() == Repricing.Outcome.BEFORE) {
            session.out().line("the run " + run.id() + " has done this before; nothing was written");
        } else {
            session.out()
                    .line("run " + run.id() + ": " + Figures.count(run.records(), "call", "calls") + " repriced, "
                            + Figures.count(run.filled()) + " filled in, " + Figures.count(run.corrected())
                            + " corrected; " + Figures.exactUsd(run.before()) + " before, "
                            + Figures.exactUsd(run.after()) + " now");
        }
        if (result.skipped() > 0) {
            session.warn(Figures.count(result.skipped(), "call was", "calls were")
                    + " reversed, repriced or closed by somebody else meanwhile, and stayed as they were");
        }
        return Action.DONE;
    }

    private static void table(RepricePlan plan, Session session) {
        Output out = session.out();
        RepricePlan.Figures total = plan.total();
        if (total.records() > 0) {
            Table table = new Table(List.of(
                    new Column("model", Table.Kind.NAME),
                    new Column("month", Table.Kind.WHOLE_NAME),
                    new Column("change", Table.Kind.WHOLE_NAME),
                    new Column("calls", Table.Kind.FIGURE),
                    new Column("old", Table.Kind.FIGURE),
                    new Column("new", Table.Kind.FIGURE),
                    new Column("difference", Table.Kind.FIGURE)));
            int decimals =
                    Figures.decimals(total.after().compareTo(total.before()) > 0 ? total.after() : total.before());
            for (RepricePlan.Row row : plan.rows()) {
                table.row(List.of(
                        row.model(),
                        row.month().toString(),
                        word(row.change()),
                        Figures.count(row.figures().records()),
                        cost(row.figures().before(), row.figures().gapsBefore(), decimals, session),
                        cost(row.figures().after(), row.figures().gapsAfter(), decimals, session),
                        Figures.usd(row.figures().after().minus(row.figures().before()), decimals)));
            }
            table.rule();
            table.strongRow(List.of(
                    "total",
                    "",
                    "",
                    Figures.count(total.records()),
                    cost(total.before(), total.gapsBefore(), decimals, session),
                    cost(total.after(), total.gapsAfter(), decimals, session),
                    Figures.usd(total.after().minus(total.before()), decimals)));
            table.write(out, session.terminal());
            out.line("");
        }
        remarks(plan, session);
    }

    private static void remarks(RepricePlan plan, Session session) {
        Output out = session.out();
        if (plan.closed() > 0) {
            out.line(Figures.count(plan.closed(), "call lies", "calls lie")
                    + " in a closed period and would not be repriced.");
        }
        if (plan.leftRecords() > 0) {
            out.line(Figures.count(plan.leftRecords(), "call was", "calls were")
                    + " reversed or repriced since, and would be left alone:");
            plan.left().stream()
                    .limit(MAX_SHOWN)
                    .forEach(left -> out.line(Display.safe("  " + left.id() + "  " + left.why(), false)));
            if (plan.leftRecords() > MAX_SHOWN) {
                out.line("  and " + Figures.count(plan.leftRecords() - MAX_SHOWN, "more", "more")
                        + "; --format json names " + RepricePlan.MAX_LEFT);
            }
        }
        if (plan.withoutPrice() > 0) {
            out.line(Figures.count(plan.withoutPrice(), "call has", "calls have")
                    + " no whole price in today's prices either.");
        }
        if (plan.worse() > 0) {
            out.line(Figures.count(plan.worse(), "call keeps its", "calls keep their")
                    + " cost, because today's prices know less of them.");
        }
        out.line(
                plan.total().records() == 0
                        ? "Nothing to reprice."
                        : "Nothing was written. --apply " + plan.digest()
                                + " writes this plan, --apply whatever is due then.");
    }

    private static String cost(Usd amount, long gaps, int decimals, Session session) {
        return (gaps == 0 ? "" : session.terminal().atLeast()) + Figures.usd(amount, decimals);
    }

    private static String word(RepricePlan.Change change) {
        return switch (change) {
            case FILL -> "fill";
            case CORRECT -> "correct";
            case UNDO -> "undo";
        };
    }

    private static String json(RepricePlan plan) {
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty("digest", plan.digest());
            json.writeObjectPropertyStart("total");
            figures(plan.total(), json);
            json.writeEndObject();
            json.writeArrayPropertyStart("changes");
            for (RepricePlan.Row row : plan.rows()) {
                json.writeStartObject();
                json.writeStringProperty("model", row.model());
                json.writeStringProperty("month", row.month().toString());
                json.writeStringProperty("change", word(row.change()));
                figures(row.figures(), json);
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeNumberProperty("filled_records", plan.filled());
            json.writeNumberProperty("closed_records", plan.closed());
            json.writeNumberProperty("left_records", plan.leftRecords());
            json.writeArrayPropertyStart("left");
            for (RepricePlan.Left left : plan.left()) {
                json.writeStartObject();
                json.writeStringProperty("id", left.id().value());
                json.writeStringProperty("why", left.why());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeNumberProperty("records_without_price", plan.withoutPrice());
            json.writeNumberProperty("records_keeping_cost", plan.worse());
            json.writeEndObject();
        });
    }

    private static void figures(RepricePlan.Figures figures, JsonGenerator json) {
        json.writeNumberProperty("records", figures.records());
        json.writeNumberProperty("old_cost_usd", figures.before().toBigDecimal());
        json.writeNumberProperty("new_cost_usd", figures.after().toBigDecimal());
        json.writeNumberProperty(
                "difference_usd", figures.after().minus(figures.before()).toBigDecimal());
        json.writeNumberProperty("old_price_gaps", figures.gapsBefore());
        json.writeNumberProperty("new_price_gaps", figures.gapsAfter());
    }

    private static String json(Repricing.Result result) {
        RepriceRun run = result.run();
        return JsonText.write(json -> {
            json.writeStartObject();
            json.writeStringProperty(
                    "result",
                    switch (result.outcome()) {
                        case APPLIED -> "applied";
                        case BEFORE -> "applied_before";
                        case NOTHING -> "nothing";
                        case OUT_OF_DATE -> "out_of_date";
                    });
            json.writeStringProperty("digest", result.digest());
            if (run != null) {
                json.writeStringProperty("run", run.id());
                json.writeNumberProperty("filled_records", run.filled());
                json.writeNumberProperty("corrected_records", run.corrected());
                json.writeNumberProperty("old_cost_usd", run.before().toBigDecimal());
                json.writeNumberProperty("new_cost_usd", run.after().toBigDecimal());
            }
            json.writeNumberProperty("skipped_records", result.skipped());
            json.writeEndObject();
        });
    }
}
