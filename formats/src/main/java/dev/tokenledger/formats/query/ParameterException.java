package dev.tokenledger.formats.query;

/** A question that cannot be understood: which of its parameters, and why. */
public final class ParameterException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String parameter;

    /**
     * A mistake.
     *
     * @param parameter the parameter's name
     * @param problem what is wrong with it, and what was expected
     */
    public ParameterException(String parameter, String problem) {
        super(problem);
        this.parameter = parameter;
    }

    /** The parameter's name. */
    public String parameter() {
        return parameter;
    }
}
