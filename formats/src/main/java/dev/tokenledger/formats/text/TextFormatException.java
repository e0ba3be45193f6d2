package dev.tokenledger.formats.text;

/** A text is not what its format allows. The message repeats nothing of the text but names. */
public final class TextFormatException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final transient Place place;

    /**
     * A mistake in a text.
     *
     * @param place where it is
     * @param message what is wrong, without the place
     */
    public TextFormatException(Place place, String message) {
        super(message);
        this.place = place;
    }

    /** Where the mistake is. */
    public Place place() {
        return place;
    }
}
