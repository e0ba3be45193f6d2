package dev.tokenledger.imports.agents;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.usage.Doubt;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class NotesTest {

    /** What says how figures were read, or what else was read, and leaves no doubt about them. */
    private static final Set<String> NO_DOUBTS =
            Set.of(Notes.COMPACTION_INCLUDED, Notes.LABELS_INCOMPLETE, Notes.REASONING_ADDED_TO_OUTPUT);

    /** A new note is a doubt that totals count, or one of those that are none: somebody has to decide. */
    @Test
    void everyNote_isADoubt_orNamedAsNone() throws IllegalAccessException {
        List<String> notes = new ArrayList<>();
        for (Field field : Notes.class.getDeclaredFields()) {
            if (field.getType() == String.class) {
                notes.add((String) field.get(null));
            }
        }
        assertThat(notes)
                .hasSizeGreaterThan(NO_DOUBTS.size())
                .allSatisfy(note ->
                        assertThat(Doubt.of(Set.of(note)).isEmpty()).as(note).isEqualTo(NO_DOUBTS.contains(note)));
    }
}
