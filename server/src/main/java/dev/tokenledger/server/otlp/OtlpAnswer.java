package dev.tokenledger.server.otlp;

import dev.tokenledger.formats.json.JsonText;
import dev.tokenledger.server.http.ProtobufMessage;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What OTLP answers, in the format of the request. The answers for spans and for events differ in one name alone. */
enum OtlpAnswer {
    /** The binary form. */
    PROTOBUF("application/x-protobuf") {
        @Override
        byte[] stored(String items, int refused, String reason) {
            return ProtobufMessage.of(out -> {
                if (!reason.isEmpty()) {
                    out.writeByteArray(
                            ExportTraceServiceResponse.PARTIAL_SUCCESS_FIELD_NUMBER, ProtobufMessage.of(partial -> {
                                partial.writeInt64(ExportTracePartialSuccess.REJECTED_SPANS_FIELD_NUMBER, refused);
                                partial.writeString(ExportTracePartialSuccess.ERROR_MESSAGE_FIELD_NUMBER, reason);
                            }));
                }
            });
        }

        @Override
        byte[] failed(int code, String reason) {
            return ProtobufMessage.of(out -> {
                out.writeInt32(STATUS_CODE, code);
                out.writeString(STATUS_MESSAGE, reason);
            });
        }
    },

    /** The JSON form. */
    JSON("application/json") {
        @Override
        byte[] stored(String items, int refused, String reason) {
            return JsonText.write(json -> {
                        json.writeStartObject();
                        if (!reason.isEmpty()) {
                            json.writeObjectPropertyStart("partialSuccess");
                            // 64-bit integers are texts in protobuf's JSON.
                            json.writeStringProperty("rejected" + items, Integer.toString(refused));
                            json.writeStringProperty("errorMessage", reason);
                            json.writeEndObject();
                        }
                        json.writeEndObject();
                    })
                    .getBytes(StandardCharsets.UTF_8);
        }

        @Override
        byte[] failed(int code, String reason) {
            return JsonText.write(json -> {
                        json.writeStartObject();
                        json.writeNumberProperty("code", code);
                        json.writeStringProperty("message", reason);
                        json.writeEndObject();
                    })
                    .getBytes(StandardCharsets.UTF_8);
        }
    };

    /** The fields of {@code google.rpc.Status}. */
    private static final int STATUS_CODE = 1;

    private static final int STATUS_MESSAGE = 2;

    private final String mediaType;

    OtlpAnswer(String mediaType) {
        this.mediaType = mediaType;
    }

    /** The format's media type. */
    String mediaType() {
        return mediaType;
    }

    /**
     * All but {@code refused} of them are stored; a reason without any refused is a warning.
     *
     * @param items {@code Spans} or {@code LogRecords}
     */
    abstract byte[] stored(String items, int refused, String reason);

    /**
     * Nothing is stored.
     *
     * @param code of {@code google.rpc.Code}
     */
    abstract byte[] failed(int code, String reason);

    /** The format of a media type; JSON for one that is none of them, to say so. */
    static OtlpAnswer of(String mediaType) {
        return mediaType.toLowerCase(Locale.ROOT).equals(PROTOBUF.mediaType) ? PROTOBUF : JSON;
    }
}
