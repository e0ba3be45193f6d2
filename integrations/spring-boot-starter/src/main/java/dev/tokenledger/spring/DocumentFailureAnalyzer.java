package dev.tokenledger.spring;

import dev.tokenledger.formats.text.DocumentException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Tells a price or budget file's mistakes, in place of the stack of the beans that wanted it. */
final class DocumentFailureAnalyzer extends AbstractFailureAnalyzer<DocumentException> {

    DocumentFailureAnalyzer() {}

    @Override
    protected FailureAnalysis analyze(Throwable root, DocumentException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()),
                "Correct the file, or what tokenledger.prices and tokenledger.budgets name.",
                cause);
    }
}
