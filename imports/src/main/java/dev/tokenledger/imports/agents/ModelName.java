package dev.tokenledger.imports.agents;

import dev.tokenledger.usage.UsageRecord;

/** The model of a call whose log may not say it. */
final class ModelName {

    private static final String UNKNOWN = "unknown";

    private ModelName() {}

    /** Names a record's model as the log does; where that is blank, as unknown, which is noted. */
    static void set(UsageRecord.Builder record, String model) {
        if (model.isBlank()) {
            record.upstreamModel(UNKNOWN).note(Notes.MODEL_MISSING);
        } else {
            record.upstreamModel(model);
        }
    }
}
