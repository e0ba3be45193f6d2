package dev.tokenledger.clickhouse;

import dev.tokenledger.LedgerException;
import java.time.Duration;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/** A process that exports until it is killed: with the port of the ledger's server, its schema, and the copy's address. */
final class ExporterChild {

    private static final int STEP = 30;

    private ExporterChild() {}

    public static void main(String[] arguments) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {Integer.parseInt(arguments[0])});
        source.setDatabaseName("postgres");
        source.setUser("postgres");
        ClickHouseAddress address = ClickHouseAddress.parse(arguments[2], Map.of(), System.err::println);
        try (ClickHouseExporter exporter = new ClickHouseExporter(source, arguments[1], "the ledger", address, STEP)) {
            exporter.follow(Duration.ofMillis(1), new ClickHouseExporter.Listener() {
                @Override
                public void exported(long entries) {
                    System.out.println(entries);
                }

                @Override
                public void hindered(LedgerException why) {
                    System.err.println(why.getMessage());
                }
            });
        }
    }
}
