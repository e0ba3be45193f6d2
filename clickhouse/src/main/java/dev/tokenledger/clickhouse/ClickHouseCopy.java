package dev.tokenledger.clickhouse;

import dev.tokenledger.sql.engine.RecordCopy;
import dev.tokenledger.sql.engine.RecordCopy.Failure.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * The copy of a ledger in ClickHouse, as a ledger asks it: give it to {@code PostgresLedger.builder().copy(…)}. {@link
 * ClickHouseExporter} feeds it. What is asked is answered by the first server of the address, whose cluster answers whole or not at
 * all. Safe for use by many threads.
 */
public final class ClickHouseCopy implements RecordCopy {

    /** PostgreSQL adds up so many in the time that it takes to ask. */
    private static final long MIN_RECORDS = 50_000;

    private static final Duration MIN_WAIT = Duration.ofSeconds(2);

    /** More than the numbers of 100,000 combinations, as a text. */
    private static final int MAX_STATEMENT = 4 << 20;

    /**
     * What ClickHouse says if a server that it needs does not answer: no address, no connection, none of several, a network's error,
     * end of stream, time-out of a socket.
     */
    private static final Set<Integer> AWAY = Set.of(0, 198, 210, 279, 32, 209, 425, 999);

    /** The time that was given to the statement is over, or somebody stopped it. */
    private static final Set<Integer> SLOW = Set.of(159, 160, 394);

    /** There is no such table, column or database. */
    private static final Set<Integer> UNFIT = Set.of(60, 47, 16, 81);

    private final ClickHouseAddress address;
    private final long minRecords;
    private final Duration minWait;
    private @Nullable ClickHouseClient client;

    private ClickHouseCopy(ClickHouseAddress address, long minRecords, Duration minWait) {
        this.address = address;
        this.minRecords = minRecords;
        this.minWait = minWait;
    }

    /** The copy at this address. Nothing is asked until a question is. */
    public static ClickHouseCopy at(ClickHouseAddress address) {
        return new ClickHouseCopy(address, MIN_RECORDS, MIN_WAIT);
    }

    /** The same, asked whatever the number of records, and waited for so long, for tests of what it answers. */
    static ClickHouseCopy at(ClickHouseAddress address, Duration minWait) {
        return new ClickHouseCopy(address, 0, minWait);
    }

    @Override
    public String name() {
        return address.copy();
    }

    @Override
    public long minRecords() {
        return minRecords;
    }

    @Override
    public Duration minWait() {
        return minWait;
    }

    @Override
    public Answer ask(Question question) throws Failure, InterruptedException {
        CopyQuestion asked = new CopyQuestion(question);
        String statement = asked.statement(question.state().relation());
        if (statement.length() > MAX_STATEMENT) {
            throw new Failure(Reason.ERROR, "the question is longer than " + MAX_STATEMENT + " characters");
        }
        try {
            SpooledBytes answer = client().query(
                            statement,
                            Map.of("max_query_size", Integer.toString(2 * MAX_STATEMENT)),
                            SpooledBytes::subscriber,
                            question.limit());
            return new CopyAnswer(answer, asked.values(), question.state().entries());
        } catch (ClickHouseException e) {
            throw failure(e);
        }
    }

    /** Made when it is needed: a client of HTTP has a thread, and takes a command as long as a question does. */
    private synchronized ClickHouseClient client() {
        ClickHouseClient made = client;
        if (made == null) {
            made = new ClickHouseClient(address);
            client = made;
        }
        return made;
    }

    /** Its message may hold a part of the statement, with values of records. */
    private static Failure failure(ClickHouseException cause) {
        int code = cause.code();
        if (code == 0) {
            return new Failure(
                    cause.getCause() instanceof TimeoutException ? Reason.SLOW : Reason.AWAY,
                    String.valueOf(cause.getMessage()),
                    cause);
        }
        Reason reason = AWAY.contains(code)
                ? Reason.AWAY
                : SLOW.contains(code) ? Reason.SLOW : UNFIT.contains(code) ? Reason.UNFIT : Reason.ERROR;
        return new Failure(
                reason,
                "error " + code + " of ClickHouse"
                        + switch (reason) {
                            case AWAY -> ", a server of it is away";
                            case SLOW -> ", it took too long";
                            case UNFIT -> ", its table is not there";
                            case ERROR -> "";
                        },
                cause);
    }

    /** The client's connections end by themselves. */
    @Override
    public void close() {}
}
