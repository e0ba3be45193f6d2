package dev.tokenledger.spring;

import dev.tokenledger.Ledger;
import dev.tokenledger.LedgerException;
import dev.tokenledger.capture.OkHttpCapture;
import dev.tokenledger.formats.budgets.BudgetFile;
import dev.tokenledger.formats.budgets.BudgetGuard;
import dev.tokenledger.formats.prices.PriceFile;
import dev.tokenledger.pricing.PriceBook;
import dev.tokenledger.recorder.CallGuard;
import dev.tokenledger.recorder.Recorder;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.ai.anthropic.http.okhttp.AnthropicHttpClientBuilderCustomizer;
import org.springframework.ai.chat.client.ChatClientBuilderCustomizer;
import org.springframework.ai.chat.client.observation.ChatClientObservationContext;
import org.springframework.ai.chat.observation.ChatModelObservationContext;
import org.springframework.ai.openai.http.okhttp.OpenAiHttpClientBuilderCustomizer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A ledger, its prices, a recorder, and what records Spring AI's calls by it. Backs off for beans of the host's own: a {@link
 * Ledger}, a {@link PriceBook}, a {@link Recorder}, a {@link BudgetGuard}, a {@link CallGuard}. A price or budget file with mistakes stops the start; a ledger that cannot
 * be opened does not: its calls are kept in the spool until it can.
 */
@AutoConfiguration(
        beforeName = {
            "org.springframework.ai.model.anthropic.autoconfigure.AnthropicChatAutoConfiguration",
            "org.springframework.ai.model.openai.autoconfigure.OpenAiChatAutoConfiguration",
            "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration"
        },
        afterName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
@ConditionalOnProperty(name = "tokenledger.enabled", matchIfMissing = true)
@EnableConfigurationProperties(TokenledgerProperties.class)
public final class TokenledgerAutoConfiguration {

    private static final System.Logger LOG = System.getLogger("dev.tokenledger.spring");

    /** For Spring. */
    public TokenledgerAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    PriceBook tokenledgerPrices(TokenledgerProperties properties) {
        PriceBook prices = PriceBook.bundled();
        for (Path file : properties.prices()) {
            prices = prices.with(PriceFile.read(file));
        }
        return prices;
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Ledger tokenledgerLedger(
            TokenledgerProperties properties, PriceBook prices, ObjectProvider<DataSource> dataSource) {
        boolean hostsOwn = properties.ledger().equals(TokenledgerProperties.DATA_SOURCE);
        Ledger ledger = OpeningLedger.of(
                hostsOwn ? Ledgers.opener(dataSource.getObject(), prices) : Ledgers.opener(properties.ledger(), prices),
                prices);
        if (hostsOwn) {
            // A database of another product stops the start.
            open(ledger, properties);
        } else {
            Thread opening = new Thread(() -> openBeside(ledger, properties), "tokenledger-opening");
            opening.setDaemon(true);
            opening.start();
        }
        return ledger;
    }

    private static void open(Ledger ledger, TokenledgerProperties properties) {
        try {
            ledger.readerState("tokenledger-spring");
        } catch (LedgerException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the ledger cannot be opened; calls are kept in " + properties.spoolFolder() + " until it can: "
                            + e.getMessage());
        }
    }

    /** Beside the application's start, which neither the opening of a file nor a database that is away is to delay. */
    private static void openBeside(Ledger ledger, TokenledgerProperties properties) {
        try {
            open(ledger, properties);
        } catch (IllegalStateException e) {
            LOG.log(System.Logger.Level.DEBUG, "the application ended before its ledger was open", e);
        }
    }

    @Bean(destroyMethod = "close")
    @ConditionalOnMissingBean
    Recorder tokenledgerRecorder(TokenledgerProperties properties, Ledger ledger) throws IOException {
        return Recorder.builder(ledger, properties.spoolFolder())
                .maxDelay(properties.maxDelay())
                .build();
    }

    @Bean
    TokenledgerBudgets tokenledgerBudgets(TokenledgerProperties properties) {
        Optional<BudgetFile> file = Optional.ofNullable(properties.budgets()).map(BudgetFile::new);
        // A file with mistakes is to be known at the start, and not when somebody looks at the endpoint.
        file.ifPresent(BudgetFile::read);
        return new TokenledgerBudgets(file);
    }

    /** What the host asks before a call, by the budgets of the file; without one every call is allowed. */
    @Bean
    @ConditionalOnMissingBean
    BudgetGuard tokenledgerBudgetGuard(Ledger ledger, TokenledgerBudgets budgets, TokenledgerProperties properties) {
        return BudgetGuard.builder(
                        ledger, () -> budgets.file().map(BudgetFile::read).orElse(List.of()))
                .zone(properties.zone())
                .build();
    }

    /** What asks by that guard before the calls that a framework makes. */
    @Bean
    @ConditionalOnMissingBean
    CallGuard tokenledgerCallGuard(BudgetGuard budgets, Recorder recorder, TokenledgerProperties properties) {
        return CallGuard.builder(budgets, recorder)
                .maxDelay(properties.guard().maxDelay())
                .maxOutputTokens(properties.guard().maxOutputTokens())
                .refuseUnasked(properties.guard().refuseUnasked())
                .build();
    }

    /**
     * The budgets to tell of.
     *
     * @param file read anew when it has changed; empty if there is none
     */
    record TokenledgerBudgets(Optional<BudgetFile> file) {}

    /** Records what Spring AI observes. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ChatModelObservationContext.class, ChatClientObservationContext.class})
    static final class SpringAi {

        SpringAi() {}

        @Bean(destroyMethod = "close")
        Answers tokenledgerAnswers(Recorder recorder) {
            return Answers.swept(recorder, InstantSource.system());
        }

        @Bean
        SpringAiRecords tokenledgerSpringAiRecords(
                TokenledgerProperties properties, Recorder recorder, Answers answers) {
            return new SpringAiRecords(recorder, answers, answers.clock(), properties.everywhere());
        }

        /** Asks before each call of a chat client, if there are budgets to ask. */
        @Configuration(proxyBeanMethods = false)
        @ConditionalOnProperty("tokenledger.budgets")
        @ConditionalOnProperty(name = "tokenledger.guard.on-exceeded", havingValue = "refuse", matchIfMissing = true)
        static final class Budgets {

            Budgets() {}

            @Bean
            @ConditionalOnMissingBean
            BudgetAdvisor tokenledgerBudgetAdvisor(CallGuard guard, TokenledgerProperties properties) {
                return new BudgetAdvisor(guard, properties.everywhere());
            }

            @Bean
            ChatClientBuilderCustomizer tokenledgerBudgetCustomizer(BudgetAdvisor advisor) {
                return builder -> builder.defaultAdvisors(advisor);
            }
        }

        /** Reads along what Anthropic answers. */
        @Configuration(proxyBeanMethods = false)
        @ConditionalOnClass({AnthropicHttpClientBuilderCustomizer.class, okhttp3.Interceptor.class})
        static final class Anthropic {

            Anthropic() {}

            @Bean
            AnthropicHttpClientBuilderCustomizer tokenledgerAnthropicCapture(Answers answers) {
                return builder -> builder.interceptor(OkHttpCapture.interceptor(answers.capture("anthropic")));
            }
        }

        /** Reads along what OpenAI answers. */
        @Configuration(proxyBeanMethods = false)
        @ConditionalOnClass({OpenAiHttpClientBuilderCustomizer.class, okhttp3.Interceptor.class})
        static final class OpenAi {

            OpenAi() {}

            @Bean
            OpenAiHttpClientBuilderCustomizer tokenledgerOpenAiCapture(Answers answers) {
                return builder -> builder.interceptor(OkHttpCapture.interceptor(answers.capture("openai")));
            }
        }
    }

    /** Meters. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(MeterBinder.class)
    static final class Meters {

        Meters() {}

        @Bean
        LedgerMeters tokenledgerMeters(Ledger ledger, Recorder recorder, CallGuard guard) {
            return new LedgerMeters(ledger, recorder, guard, InstantSource.system());
        }
    }

    /** The actuator's endpoint. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
    static final class Actuator {

        Actuator() {}

        @Bean
        @ConditionalOnMissingBean
        @ConditionalOnAvailableEndpoint
        TokenledgerEndpoint tokenledgerEndpoint(
                TokenledgerProperties properties, Ledger ledger, Recorder recorder, TokenledgerBudgets budgets) {
            return new TokenledgerEndpoint(ledger, recorder, budgets.file(), InstantSource.system(), properties.zone());
        }
    }

    /** The application's health: a ledger that is away makes it unknown, not down, for the program does its work without. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(HealthIndicator.class)
    static final class InHealth {

        InHealth() {}

        @Bean
        @ConditionalOnMissingBean(name = "tokenledgerHealthIndicator")
        HealthIndicator tokenledgerHealthIndicator(Recorder recorder) {
            return () -> {
                var statistics = recorder.statistics();
                Status status = statistics.ledgerAwaySince().isEmpty() ? Status.UP : Status.UNKNOWN;
                return Health.status(status)
                        .withDetails(TokenledgerEndpoint.health(statistics))
                        .build();
            };
        }
    }
}
