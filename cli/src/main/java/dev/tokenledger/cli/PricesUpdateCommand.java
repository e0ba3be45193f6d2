package dev.tokenledger.cli;

import dev.tokenledger.formats.pricelists.PriceChanges.Change;
import dev.tokenledger.formats.pricelists.PriceList;
import dev.tokenledger.formats.pricelists.PriceListFormat;
import dev.tokenledger.formats.pricelists.PriceUpdate;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.formats.text.DocumentException;
import dev.tokenledger.formats.text.SharedFile;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.pricing.PriceEntry;
import dev.tokenledger.pricing.PriceLayer;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Fetches a price list, and keeps what it changes from now on. */
final class PricesUpdateCommand extends Subcommand implements Action {

    private static final Map<PriceListFormat, String> URLS = Map.of(
            PriceListFormat.LITELLM,
            "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json",
            PriceListFormat.MODELS_DEV,
            "https://models.dev/api.json",
            PriceListFormat.GENAI_PRICES,
            "https://raw.githubusercontent.com/pydantic/genai-prices/main/prices/data.json",
            PriceListFormat.OPENROUTER,
            "https://openrouter.ai/api/v1/models");

    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final int MAX_ETAG = 256;

    private final Argument<String> from = option(
            "--from", "LIST", "Whose list: " + String.join(", ", PriceListFormat.names()) + ". Default: litellm.");
    private final Argument<String> url =
            option("--url", "URL", "Where the list is, by https. Default: where its project publishes it.");
    private final Argument<String> provider =
            option("--provider", "NAME", "The provider of a portkey list. Default: the last part of its address.");
    private final Argument<Boolean> all = flag("--all", "Tell every changed price, not just the first.");

    PricesUpdateCommand() {
        super("update", "Fetches newer prices, which count from now on.", "prices update [OPTION]...");
        description(
                "What the list changes is kept in prices-updated.yaml in the configuration folder, between the bundled prices",
                "and your own; calls of the time before keep the prices of then. A download that is broken, cut, too large",
                "or late changes nothing.");
        examples("  tokenledger prices update", "  tokenledger prices update --from models.dev");
    }

    @Override
    public int run(Session session) {
        PriceListFormat format = PricesImportCommand.format("--from", from.or(PriceListFormat.LITELLM.text()));
        URI uri = uri(format);
        Path file = session.places().updatedPrices();
        Optional<UpdatedPrices> known = UpdatedPrices.head(file)
                .filter(head -> head.url().equals(uri.toString()) && head.list().equals(format.text()));
        Instant now = session.now().truncatedTo(ChronoUnit.SECONDS);
        try {
            Download.Answer answer = new Download(TIMEOUT, PriceListFormat.MAX_BYTES)
                    .fetch(uri, known.map(UpdatedPrices::etag).orElse(""));
            List<String> report = answer.body().isEmpty()
                    ? unchanged(file, known.orElseThrow(), now)
                    : keep(file, format, uri, answer, now);
            report.forEach(session.out()::line);
        } catch (IOException | DocumentException e) {
            throw new CommandException(
                    "cannot update prices from " + Display.safe(shown(uri), false) + ": "
                            + Display.safe(reason(e), true) + "; nothing was changed",
                    e);
        }
        return DONE;
    }

    /** The list is as it was: that it still is so is news, too. */
    private static List<String> unchanged(Path file, UpdatedPrices known, Instant now) throws IOException {
        new SharedFile(file)
                .update(current -> new UpdatedPrices(known.list(), known.url(), known.etag(), known.sha256(), now)
                        .content(UpdatedPrices.layer(file)
                                .map(PriceLayer::entries)
                                .orElse(List.of())));
        return List.of("the list is as it was, sha256 " + known.sha256());
    }

    private List<String> keep(Path file, PriceListFormat format, URI uri, Download.Answer answer, Instant now)
            throws IOException {
        byte[] body = answer.body().orElseThrow();
        PriceList list = format.read(
                shown(uri),
                body,
                provider.or(PricesImportCommand.stem(lastSegment(uri))),
                now.atOffset(ZoneOffset.UTC).toLocalDate());
        String sha256 = sha256(body);
        UpdatedPrices head = new UpdatedPrices(format.text(), uri.toString(), etag(answer.etag()), sha256, now);
        List<Change> changes = new ArrayList<>();
        new SharedFile(file).update(current -> {
            List<PriceEntry> present =
                    UpdatedPrices.layer(file).map(PriceLayer::entries).orElse(List.of());
            PriceUpdate update = PriceUpdate.of(PriceBook.bundled(), present, list.entries(), now);
            byte[] content = head.content(update.entries());
            if (content.length > PriceFile.MAX_BYTES) {
                throw new IOException(file + " would be larger than " + PriceFile.MAX_BYTES + " bytes");
            }
            // What cannot be read back must not take the place of what can.
            PriceFile.parse(file.toString(), content);
            changes.addAll(update.changes());
            return content;
        });
        List<String> lines = new ArrayList<>();
        lines.add("fetched   " + shown(uri));
        lines.add("sha256    " + sha256);
        lines.addAll(PriceReport.lines(list, changes, all.or(false)));
        lines.add("kept in   " + Display.safe(file.toString(), false));
        return lines;
    }

    private URI uri(PriceListFormat format) {
        String text = url.stated().orElse(URLS.getOrDefault(format, ""));
        if (text.isEmpty()) {
            throw new UsageException(
                    "--url: " + format.title() + " publishes a file for each provider; name the one to fetch");
        }
        try {
            URI uri = new URI(text);
            if (!"https".equalsIgnoreCase(uri.getScheme()) || uri.getHost() == null || uri.getUserInfo() != null) {
                throw new UsageException("--url: expected an address that begins with https:// and holds no password");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw new UsageException("--url: not an address: " + Converters.quoted(text));
        }
    }

    /** The address without its query, which may hold a key. */
    private static String shown(URI uri) {
        return uri.getScheme() + "://" + uri.getRawAuthority() + (uri.getRawPath() == null ? "" : uri.getRawPath());
    }

    private static String lastSegment(URI uri) {
        String path = uri.getPath() == null ? "" : uri.getPath();
        return path.substring(path.lastIndexOf('/') + 1);
    }

    private static String etag(String given) {
        boolean plain = given.length() <= MAX_ETAG && given.chars().allMatch(c -> c > ' ' && c < 0x7f);
        return plain ? given : "";
    }

    private static String reason(Exception failure) {
        return failure instanceof IOException io ? InputFiles.reason(io) : String.valueOf(failure.getMessage());
    }

    private static String sha256(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
