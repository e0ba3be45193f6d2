package dev.tokenledger.benchmarks;

/** The empty Java program that starting {@code tokenledger} is compared with. */
final class Empty {

    private Empty() {}

    /** Does nothing. */
    public static void main(String[] arguments) {}
}
