package dev.tokenledger.cli;

import dev.tokenledger.clickhouse.ClickHouseAddress;
import dev.tokenledger.clickhouse.ClickHouseExporter;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine;

/** The copy of a PostgreSQL ledger in ClickHouse. */
final class ClickHouseCommand extends Subcommand {

    /** What the option for the copy's address says. */
    static final String TO =
            "The copy: clickhouse://user@host:8123/database, or the same with https://; default: what the"
                    + " ledger's address has as 'copy'. The password is $$CLICKHOUSE_PASSWORD, or in $$CLICKHOUSE_PASSWORD_FILE.";

    ClickHouseCommand() {
        super(
                "clickhouse",
                "Feeds and checks a copy of a PostgreSQL ledger in ClickHouse.",
                "clickhouse COMMAND [OPTION]...");
        description(
                "The copy answers long questions that read records, and analysts' SQL; the ledger's answers stay exact"
                        + " whatever becomes of it.");
        for (Subcommand command : List.of(new ClickHouseExportCommand(), new ClickHouseStatusCommand())) {
            spec().addSubcommand(command.spec().name(), new CommandLine(command.spec()));
        }
        examples(
                "  tokenledger clickhouse export --to clickhouse://db.example:8123/usage --follow 2>> export.log",
                "  tokenledger clickhouse status --format json | jq .lag_seconds");
    }

    /** What exports the session's ledger. */
    static ClickHouseExporter exporter(Session session, Argument<String> to) {
        LedgerLocation.Database database = session.ledgerDatabase();
        Optional<String> stated = to.stated();
        String text = stated.or(database::copy)
                .orElseThrow(() -> new UsageException("--to is missing: name the copy, such as"
                        + " clickhouse://user@host:8123/database, or have the ledger's address name it as 'copy'"));
        ClickHouseAddress address;
        try {
            address = ClickHouseAddress.parse(text, session.environment().variables(), session::warn);
        } catch (IllegalArgumentException e) {
            throw new UsageException((stated.isPresent() ? "--to: " : "--ledger: ") + e.getMessage());
        }
        return ClickHouseExporter.of(database.source(), database.schema().orElse(null), session.ledgerName(), address);
    }
}
