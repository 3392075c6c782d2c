package org.flinksidecar.removable;

import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.FileAppender;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilder;
import org.apache.logging.log4j.core.config.builder.api.ConfigurationBuilderFactory;
import org.apache.logging.log4j.core.config.builder.impl.BuiltConfiguration;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A line at INFO for each record, against DEBUG with parameters while the level is INFO. The lines go to /dev/null: a disk
 * makes the part that the change removes larger.
 */
public class Logging extends Pair {
    private LoggerContext context;
    private Logger log;
    private long number;

    @Setup
    public void setUp() {
        ConfigurationBuilder<BuiltConfiguration> built = ConfigurationBuilderFactory.newConfigurationBuilder();
        built.add(
                built.newAppender("file", FileAppender.PLUGIN_NAME)
                        .addAttribute("fileName", "/dev/null")
                        .addAttribute("append", false)
                        .add(built.newLayout("PatternLayout").addAttribute("pattern", "%d{ISO8601} %-5p %c [%t] - %m%n")));
        built.add(built.newRootLogger(Level.INFO).add(built.newAppenderRef("file")));
        context = Configurator.initialize(built.build());
        log = context.getLogger("removable");
    }

    @TearDown
    public void tearDown() {
        context.stop();
    }

    @Benchmark
    public long before() {
        log.info("order " + ++number + " of customer " + number % 1000 + " is enriched");
        return number;
    }

    @Benchmark
    public long after() {
        number++;
        log.debug("order {} of customer {} is enriched", number, number % 1000);
        return number;
    }
}
