package org.flinksidecar.sample.customers;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks customers up at the customer service, {@code GET BASE/<customer id>}.
 *
 * <p>A lookup never fails: where the service has no good answer within three seconds, the customer is {@link
 * Customer#UNKNOWN} and the counter {@code lookupFailures} tells. An order about whose customer nothing is known is
 * worth more than one that is late, and a service that is down must not take the job with it.
 */
public final class CustomerClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CustomerClient.class);
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final ObjectReader READER = new ObjectMapper().readerFor(Customer.class);

    private final URI base;
    private final ExecutorService executor = Executors.newSingleThreadExecutor(CustomerClient::newThread);
    private final HttpClient http;
    private final Counter lookups;
    private final Counter failures;

    /** The base must end in a slash. */
    public CustomerClient(URI base, MetricGroup metrics) {
        this.base = base;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(TIMEOUT)
                .executor(executor)
                .build();
        // Answers arrive on the client's thread, Flink reads on another.
        this.lookups = metrics.counter("lookups", new ThreadSafeSimpleCounter());
        this.failures = metrics.counter("lookupFailures", new ThreadSafeSimpleCounter());
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "customer-lookup");
        thread.setDaemon(true);
        return thread;
    }

    /** Waits for the answer. */
    public Customer find(String customerId) throws InterruptedException {
        lookups.inc();
        try {
            return read(http.send(request(customerId), BodyHandlers.ofByteArray()));
        } catch (IOException | UncheckedIOException e) {
            return unknown(e);
        }
    }

    /** Answers later; the future never fails. */
    public CompletableFuture<Customer> findAsync(String customerId) {
        lookups.inc();
        return http.sendAsync(request(customerId), BodyHandlers.ofByteArray())
                .thenApply(CustomerClient::read)
                .exceptionally(this::unknown);
    }

    private HttpRequest request(String customerId) {
        // Form encoding differs from a path's in one character.
        String segment = URLEncoder.encode(customerId, StandardCharsets.UTF_8).replace("+", "%20");
        return HttpRequest.newBuilder(base.resolve(segment)).timeout(TIMEOUT).build();
    }

    private static Customer read(HttpResponse<byte[]> response) {
        try {
            if (response.statusCode() != 200) {
                throw new IOException("the customer service answered with status " + response.statusCode());
            }
            return READER.readValue(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Customer unknown(Throwable cause) {
        failures.inc();
        // Once is news, twice is again, a thousand times is noise.
        if (Long.bitCount(failures.getCount()) == 1) {
            LOG.warn("{} lookups of customers failed so far, the last for {}", failures.getCount(), cause.toString());
        }
        return Customer.UNKNOWN;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
