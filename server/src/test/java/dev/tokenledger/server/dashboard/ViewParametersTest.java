package dev.tokenledger.server.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenledger.server.http.Operation;
import dev.tokenledger.server.http.Operation.Parameter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ViewParametersTest {

    /** What an address may say is what the OpenAPI document lists. */
    @Test
    void parameters_areThoseOfAView() {
        List<String> listed = ViewParameters.of(Operation.of("view", "A view")).parameters().stream()
                .map(Parameter::name)
                .map(name -> name.equals("where") ? "where." : name)
                .toList();
        assertThat(listed).doesNotHaveDuplicates().containsExactlyInAnyOrderElementsOf(View.KNOWN);
    }
}
