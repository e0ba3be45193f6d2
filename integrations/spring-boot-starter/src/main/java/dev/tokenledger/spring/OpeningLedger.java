package dev.tokenledger.spring;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.pricing.PriceBook;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A ledger that is opened when it is first asked for something, and again until it can be: one that is away when the program
 * starts neither stops the start nor has to be waited for. Until then every method throws what opening it threw.
 */
final class OpeningLedger implements InvocationHandler {

    private final Supplier<Ledger> opener;
    private final PriceBook prices;
    private @Nullable Ledger open;
    private boolean closed;

    private OpeningLedger(Supplier<Ledger> opener, PriceBook prices) {
        this.opener = opener;
        this.prices = prices;
    }

    /**
     * A ledger with these prices.
     *
     * @param opener opens it, or throws a {@link LedgerException}
     */
    static Ledger of(Supplier<Ledger> opener, PriceBook prices) {
        return (Ledger) Proxy.newProxyInstance(
                Ledger.class.getClassLoader(), new Class<?>[] {Ledger.class}, new OpeningLedger(opener, prices));
    }

    /** A ledger is equal to itself alone. */
    @Override
    @SuppressWarnings("ReferenceEquality")
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return switch (method.getName()) {
                case "equals" -> arguments != null && self == arguments[0];
                case "hashCode" -> System.identityHashCode(self);
                default -> "ledger of " + opener;
            };
        }
        if (method.getName().equals("close")) {
            close();
            return null;
        }
        if (method.getName().equals("prices")) {
            return prices;
        }
        try {
            return method.invoke(opened(), arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    private synchronized Ledger opened() {
        if (closed) {
            throw new IllegalStateException("the ledger is closed");
        }
        Ledger ledger = open;
        if (ledger == null) {
            ledger = opener.get();
            open = ledger;
        }
        return ledger;
    }

    private synchronized void close() {
        closed = true;
        if (open != null) {
            open.close();
            open = null;
        }
    }
}
