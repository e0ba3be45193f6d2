package dev.tokenledger.sql.records;

import dev.tokenledger.usage.TokenCounts;
import java.util.ArrayList;
import java.util.List;

/** Passes as a text: their twelve counts with commas between, a semicolon between two; counts of 0 are left out of it. */
public final class Passes {

    private static final int COUNTS = 12;

    private Passes() {}

    /** A text of passes; empty for none. */
    public static String text(List<TokenCounts> passes) {
        StringBuilder text = new StringBuilder();
        for (TokenCounts pass : passes) {
            text.append(text.isEmpty() ? "" : ";");
            long[] counts = {
                pass.input(),
                pass.output(),
                pass.cacheCreation(),
                pass.cacheCreation5m(),
                pass.cacheCreation1h(),
                pass.cacheRead(),
                pass.reasoning(),
                pass.audioInput(),
                pass.imageInput(),
                pass.audioOutput(),
                pass.imageOutput(),
                pass.cachedAudioRead()
            };
            for (int i = 0; i < COUNTS; i++) {
                text.append(i == 0 ? "" : ",").append(counts[i] == 0 ? "" : Long.toString(counts[i]));
            }
        }
        return text.toString();
    }

    /**
     * The passes of a text.
     *
     * @throws IllegalArgumentException if it is none of {@link #text}
     */
    public static List<TokenCounts> parse(String text) {
        if (text.isEmpty()) {
            return List.of();
        }
        List<TokenCounts> passes = new ArrayList<>();
        for (String pass : text.split(";", -1)) {
            String[] parts = pass.split(",", -1);
            if (parts.length != COUNTS) {
                throw new IllegalArgumentException("passes: expected " + COUNTS + " counts, found " + parts.length);
            }
            long[] counts = new long[COUNTS];
            for (int i = 0; i < COUNTS; i++) {
                counts[i] = parts[i].isEmpty() ? 0 : Long.parseLong(parts[i]);
            }
            passes.add(TokenCounts.builder()
                    .input(counts[0])
                    .output(counts[1])
                    .cacheCreation(counts[2])
                    .cacheCreation5m(counts[3])
                    .cacheCreation1h(counts[4])
                    .cacheRead(counts[5])
                    .reasoning(counts[6])
                    .audioInput(counts[7])
                    .imageInput(counts[8])
                    .audioOutput(counts[9])
                    .imageOutput(counts[10])
                    .cachedAudioRead(counts[11])
                    .build());
        }
        return passes;
    }
}
