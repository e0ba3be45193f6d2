package dev.tokenledger.server.http;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Messages in the binary form of Protocol Buffers, written field by field: those of an answer are few. */
public final class ProtobufMessage {

    private ProtobufMessage() {}

    /** The fields of a message. */
    public interface Content {
        /** Writes them. */
        void write(CodedOutputStream out) throws IOException;
    }

    /** The bytes of a message. */
    public static byte[] of(Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            content.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
