package dev.tokenledger.server.http;

/**
 * Where to listen for gRPC.
 *
 * @param number the port, 0 for any that is free
 * @param required whether a server that cannot listen there does not start; else it goes on without gRPC
 */
public record GrpcPort(int number, boolean required) {

    /**
     * Checks the number.
     *
     * @throws IllegalArgumentException if it is not 0 to 65535
     */
    public GrpcPort {
        if (number < 0 || number > 65_535) {
            throw new IllegalArgumentException("port: expected 0 to 65535, found " + number);
        }
    }
}
