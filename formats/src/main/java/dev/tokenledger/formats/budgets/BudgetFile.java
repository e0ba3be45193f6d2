package dev.tokenledger.formats.budgets;

import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.FileKind;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Budgets in a file, YAML or, with the ending {@code .json}, JSON with the same keys, which may change while a program runs.
 *
 * <pre>{@code
 * budgets:
 *   - name: Search team
 *     where: { attribute.team: search }   # optional; all of them must hold
 *     period: month                       # or day
 *     usd: 500
 *     zone: Europe/Berlin                 # optional
 *     enforcement: hard                   # or soft; optional
 *     thresholds: [50%, 80%, 100%, forecast, unpriced]   # optional
 *     notify: [hook]                      # optional; all channels unless stated
 * notify:                                 # optional
 *   - { name: hook, type: webhook, url: "https://example.org/hook", secret_file: /run/secrets/hook }
 *   - { name: chat, type: slack, url_env: SLACK_URL }   # or teams
 *   - { name: mail, type: smtp, host: mail.example.org, user: ledger, password_env: MAIL_PASSWORD,
 *       from: ledger@example.org, to: [team@example.org] }
 * }</pre>
 *
 * <p>A file of unknown keys or with a single mistake is refused as a whole: a budget that is left out in silence is never
 * exceeded. Safe for use by many threads.
 */
public final class BudgetFile {

    /** The largest file, in bytes: 1 MiB. */
    public static final int MAX_BYTES = 1 << 20;

    /** The most budgets in a file. Each may be a question to the ledger, every time that they are looked at. */
    public static final int MAX_BUDGETS = 100;

    private static final FileKind KIND = new FileKind("budget file", MAX_BYTES);

    private final Path file;

    /** What was read last, and what it says; so that a file that stays the same is taken apart once. */
    private byte @Nullable [] content;

    private BudgetPlan plan = BudgetPlan.EMPTY;

    /** The budgets in this file, which need not be there yet. */
    public BudgetFile(Path file) {
        this.file = file;
    }

    /**
     * The budgets that are in the file now, in its order.
     *
     * @throws DocumentException if the file cannot be read, or has mistakes; all mistakes that can be told apart are listed
     */
    public List<Budget> read() {
        return readPlan().budgets();
    }

    /**
     * The budgets and channels that are in the file now.
     *
     * @throws DocumentException if the file cannot be read, or has mistakes; all mistakes that can be told apart are listed
     */
    public synchronized BudgetPlan readPlan() {
        byte[] now = KIND.content(file);
        if (!Arrays.equals(now, content)) {
            plan = parsePlan(file.toString(), now);
            content = now;
        }
        return plan;
    }

    /**
     * Reads the budgets of a file's content.
     *
     * @param name the file's name, for messages, and by its ending for the format
     * @throws DocumentException if the content has mistakes
     */
    public static List<Budget> parse(String name, byte[] content) {
        return parsePlan(name, content).budgets();
    }

    /**
     * Reads a file's content.
     *
     * @param name the file's name, for messages, and by its ending for the format; names of files in it are seen from its folder
     * @throws DocumentException if the content has mistakes
     */
    public static BudgetPlan parsePlan(String name, byte[] content) {
        return new BudgetFileReader(name).read(KIND.parse(name, content));
    }
}
