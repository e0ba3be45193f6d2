package dev.tokenledger.formats.budgets;

/** A call was not made because its budget has no room for it. Thrown where a host asks for it, before the call. */
public final class BudgetExceededException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Admission admission;

    /** Of a refused call. */
    public BudgetExceededException(Admission admission) {
        super(admission.reason());
        this.admission = admission;
    }

    /** What the guard said. */
    public Admission admission() {
        return admission;
    }
}
