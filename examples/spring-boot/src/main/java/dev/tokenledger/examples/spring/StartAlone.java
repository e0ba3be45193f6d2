package dev.tokenledger.examples.spring;

import java.lang.management.ManagementFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;

/** A program that starts, prints after how many milliseconds it was ready, and ends: to measure what a dependency adds to that. */
@EnableAutoConfiguration
final class StartAlone {

    StartAlone() {}

    public static void main(String[] arguments) {
        SpringApplication program = new SpringApplication(StartAlone.class);
        program.setWebApplicationType(WebApplicationType.NONE);
        ConfigurableApplicationContext started = program.run(arguments);
        System.out.println(ManagementFactory.getRuntimeMXBean().getUptime());
        started.close();
    }
}
