package org.apache.flink.metrics.prometheus;

import java.net.InetSocketAddress;
import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/**
 * Makes the reporter from its options: {@code host} (default 127.0.0.1) and {@code port} (default 9249; 0 takes a free
 * one). The port is one number, not a range: each process of the local stack is given its own.
 */
public final class LoopbackPrometheusReporterFactory implements MetricReporterFactory {

    private static final String DEFAULT_HOST = "127.0.0.1";
    private static final String DEFAULT_PORT = "9249";

    @Override
    public LoopbackPrometheusReporter createMetricReporter(Properties options) {
        String host = option(options, "host", DEFAULT_HOST);
        int port = Integer.parseInt(option(options, "port", DEFAULT_PORT));
        return new LoopbackPrometheusReporter(new InetSocketAddress(host, port));
    }

    /** Flink may hand over an option as the number that its YAML parser made of it, which getProperty hides. */
    private static String option(Properties options, String name, String fallback) {
        Object value = options.get(name);
        return value == null ? fallback : value.toString();
    }
}
