package org.apache.flink.metrics.prometheus;

import io.prometheus.client.exporter.HTTPServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;

/**
 * Flink's Prometheus reporter on an address of our choice.
 *
 * <p>The stock {@link PrometheusReporter} opens its port on every interface of the machine, in its constructor, so
 * neither an option nor a subclass can hold it to loopback. What it reports is all in {@link
 * AbstractPrometheusReporter}, whose registry is visible only inside this package: hence the package name.
 */
final class LoopbackPrometheusReporter extends AbstractPrometheusReporter {

    private final HTTPServer server;

    LoopbackPrometheusReporter(InetSocketAddress address) {
        try {
            server = new HTTPServer(address, registry, true);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot listen on " + address + " (choose another metrics.reporter.<name>.port)", e);
        }
    }

    @Override
    public void close() {
        server.stop();
        super.close();
    }
}
