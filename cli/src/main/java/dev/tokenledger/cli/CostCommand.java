package dev.tokenledger.cli;

import dev.tokenledger.formats.json.RecordJson;
import dev.tokenledger.formats.text.Lines;
import dev.tokenledger.payloads.CostLine;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;

/** Prices usage without storing it. */
final class CostCommand extends Subcommand implements Action {

    private static final String STANDARD_INPUT = "-";

    private final Argument<String> input = optionalParameter("PATH", "A file; default: standard input, as -.");

    CostCommand() {
        super("cost", "Prices usage without storing it: NDJSON in, NDJSON out.", "cost [PATH] [OPTION]...");
        description(
                "",
                "Each line in is a JSON object with a model and token counts, or, in place of the counts, a",
                "provider's own usage object and its format: anthropic-messages, openai-chat, openai-responses,",
                "gemini, bedrock-converse, mistral, deepseek, cohere, ollama.",
                "Each line in gives one line out, in order; a bad one gives {\"error\":…,\"line\":N}, the others still",
                "come, and the exit code is 1.");
        examples(
                "  tokenledger cost examples/october.ndjson",
                "  echo '{\"model\":\"claude-sonnet-4-5\",\"input_tokens\":1000,\"output_tokens\":100}' | tokenledger cost",
                "  echo '{\"model\":\"o3\",\"format\":\"openai-chat\",\"usage\":{\"prompt_tokens\":9,\"completion_tokens\":3}}' \\",
                "      | tokenledger cost");
    }

    @Override
    public int run(Session session) {
        CostLine pricing = CostLine.of(session.prices(), session.environment().clock());
        String path = input.or(STANDARD_INPUT);
        String name = path.equals(STANDARD_INPUT) ? "standard input" : path;
        try (Lines lines = new Lines(new Answering(open(path, session), session.out()), RecordJson.MAX_BYTES)) {
            return price(lines, pricing, session.out());
        } catch (IOException e) {
            throw InputFiles.unreadable(name, e);
        }
    }

    private static InputStream open(String path, Session session) throws IOException {
        return path.equals(STANDARD_INPUT)
                ? session.environment().in()
                : Files.newInputStream(InputFiles.readable(path));
    }

    private static int price(Lines lines, CostLine pricing, Output out) throws IOException {
        int code = DONE;
        while (lines.next()) {
            CostLine.Result result = pricing.price(lines);
            out.line(result.json());
            if (result.failed()) {
                code = FAILED;
            }
        }
        return code;
    }

    /** Sends all answers off before it waits for more questions, so that a program can ask line by line. */
    private static final class Answering extends FilterInputStream {

        private final Output out;

        Answering(InputStream in, Output out) {
            super(in);
            this.out = out;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            out.flush();
            return super.read(buffer, offset, length);
        }
    }
}
