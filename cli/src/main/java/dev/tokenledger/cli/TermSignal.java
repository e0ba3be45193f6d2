package dev.tokenledger.cli;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;

/**
 * Has SIGTERM end the program's work instead of the process, which then ends by itself. By reflection, because the compiler
 * warns of the class (module jdk.unsupported), which has no successor; where it is not there, SIGTERM ends the process as usual,
 * with 143.
 */
final class TermSignal {

    private static final int TERMINATED = 143;

    private TermSignal() {}

    /** From now on the first SIGTERM opens the latch; the next one ends the process. */
    static void handle(CountDownLatch end) {
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> handler = Class.forName("sun.misc.SignalHandler");
            Object ours = Proxy.newProxyInstance(
                    TermSignal.class.getClassLoader(), new Class<?>[] {handler}, (proxy, method, arguments) -> {
                        if (method.getDeclaringClass() != handler) {
                            return method.invoke(end, arguments);
                        }
                        if (end.getCount() == 0) {
                            System.exit(TERMINATED);
                        }
                        end.countDown();
                        return null;
                    });
            signal.getMethod("handle", signal, handler)
                    .invoke(null, signal.getConstructor(String.class).newInstance("TERM"), ours);
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // Another virtual machine, or one that keeps the signal to itself (-Xrs).
        }
    }
}
