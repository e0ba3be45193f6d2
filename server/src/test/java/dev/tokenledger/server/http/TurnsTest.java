package dev.tokenledger.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** So many at a time, so many that wait, and that for so long. */
class TurnsTest {

    @Test
    void noMoreAreAnsweredAtOnceThanStated_andAllInTheEnd() throws Exception {
        Turns turns = new Turns(3, 100, 600_000);
        AtomicInteger now = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<FutureTask<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            FutureTask<Integer> task = new FutureTask<>(() -> {
                turns.run(() -> {
                    most.accumulateAndGet(now.incrementAndGet(), Math::max);
                    // Gives another thread the time to come in, were it let.
                    LockSupport.parkNanos(1_000);
                    now.decrementAndGet();
                });
                return 1;
            });
            tasks.add(task);
        }
        tasks.forEach(task -> new Thread(task).start());
        for (FutureTask<Integer> task : tasks) {
            task.get();
        }
        assertThat(most.get()).isLessThanOrEqualTo(3);
    }

    @Test
    void moreThanMayWait_areToldToAskAgain_asIsOneThatWaitsTooLong_andATurnIsGivenBackAfterAFailure() throws Exception {
        for (Turns turns : List.of(new Turns(1, 0, 600_000), new Turns(1, 5, 1))) {
            CountDownLatch begun = new CountDownLatch(1);
            CountDownLatch end = new CountDownLatch(1);
            FutureTask<Integer> first = new FutureTask<>(() -> {
                turns.run(() -> {
                    begun.countDown();
                    end.await();
                    throw new IllegalStateException("failed");
                });
                return 1;
            });
            new Thread(first).start();
            begun.await();
            assertThatThrownBy(() -> turns.run(() -> {}))
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.status()).isEqualTo(503));
            end.countDown();
            assertThatThrownBy(first::get).hasRootCauseMessage("failed");
            turns.run(() -> {});
        }
    }
}
