package dev.tokenledger.server.http;

import java.nio.ByteBuffer;

/**
 * A method of a gRPC service that the server answers: one message in, one message out. Where the server listens for gRPC, its
 * calls pass what every request passes, and count against the same limits.
 *
 * @param service the service's full name, such as {@code opentelemetry.proto.collector.trace.v1.TraceService}
 * @param name such as {@code Export}
 * @param access who may call it
 * @param handler what answers; called only after {@code access} was checked
 */
public record GrpcMethod(String service, String name, Access access, Handler handler) {

    /** What answers calls. Called by many threads. */
    @FunctionalInterface
    public interface Handler {
        /**
         * The answer to a call. What it throws is turned into a status: a {@link Problem} says which, the ledger's exceptions are
         * known, any other is an error of the server.
         *
         * @param caller who calls
         * @param message the call's message, unpacked, in an array of its own or a part of one
         */
        byte[] answer(Caller caller, ByteBuffer message) throws Exception;
    }

    /** Where HTTP/2 has it. */
    String path() {
        return "/" + service + "/" + name;
    }
}
