package dev.tokenledger.benchmarks;

import dev.tokenledger.Ledger;
import dev.tokenledger.usage.UsageRecord;
import java.util.List;
import org.postgresql.ds.PGSimpleDataSource;

/** One of several processes that append to the same ledger: warms up, waits for a line, and prints its records a second. */
final class SharedWriter {

    static final String READY = "ready";

    private static final int CALLERS = 64;
    private static final int LEADERS = 4;
    private static final int MAX_A_SECOND = 30_000;

    private SharedWriter() {}

    /** Takes the server's port, the schema, a seed, and for how many seconds. */
    public static void main(String[] arguments) throws Exception {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"127.0.0.1"});
        source.setPortNumbers(new int[] {Integer.parseInt(arguments[0])});
        source.setDatabaseName("postgres");
        source.setUser("postgres");
        Workload workload = new Workload(Long.parseLong(arguments[2]), 5_000_000, Workload.Labels.NONE);
        int seconds = Integer.parseInt(arguments[3]);
        int count = Math.multiplyExact(MAX_A_SECOND, seconds);
        List<UsageRecord> warmUp = workload.records(0, count);
        List<UsageRecord> records = workload.records(count, count);
        try (Ledger ledger = Servers.openLedger(source, arguments[1], LEADERS)) {
            Load.run(CALLERS, count, seconds, number -> ledger.append(warmUp.get(number)));
            System.out.println(READY);
            System.out.flush();
            if (System.in.read() < 0) {
                return;
            }
            System.out.println(Load.run(CALLERS, count, seconds, number -> ledger.append(records.get(number)))
                    .recordsASecond());
            System.out.flush();
        }
    }
}
