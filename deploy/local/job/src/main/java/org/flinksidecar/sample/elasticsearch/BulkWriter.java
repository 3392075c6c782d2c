package org.flinksidecar.sample.elasticsearch;

import java.net.URI;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.AsyncSinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.ResultHandler;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.ThreadSafeSimpleCounter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches of documents and sees to it that each is indexed, or refused as unreadable and counted. Its counters:
 * {@code bulkRequests}, {@code bulkRetries} (requests after which something had to be sent again) and {@code
 * documentsRefused}.
 */
final class BulkWriter<T> extends AsyncSinkWriter<T, Document> {

    private static final Logger LOG = LoggerFactory.getLogger(BulkWriter.class);
    private static final long FIRST_DELAY_MILLIS = 100;
    private static final long LONGEST_DELAY_MILLIS = 5_000;
    private static final int DELAY_DOUBLINGS = 10;

    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(BulkWriter::newThread);
    private final BulkClient client;
    private final Counter requests;
    private final Counter retries;
    private final Counter refused;

    /** How many requests in a row left something to be sent again. Only the executor's thread touches it. */
    private int setbacks;

    BulkWriter(
            ElementConverter<T, Document> converter,
            WriterInitContext context,
            AsyncSinkWriterConfiguration configuration,
            Collection<BufferedRequestState<Document>> state,
            URI elasticsearch,
            String index) {
        super(converter, context, configuration, state);
        client = new BulkClient(elasticsearch, index, executor);
        requests = counter(context.metricGroup(), "bulkRequests");
        retries = counter(context.metricGroup(), "bulkRetries");
        refused = counter(context.metricGroup(), "documentsRefused");
    }

    /** Answers are counted on the executor's thread. */
    private static Counter counter(MetricGroup metrics, String name) {
        return metrics.counter(name, new ThreadSafeSimpleCounter());
    }

    private static Thread newThread(Runnable work) {
        Thread thread = new Thread(work, "elasticsearch-bulk");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    protected void submitRequestEntries(List<Document> documents, ResultHandler<Document> handler) {
        requests.inc();
        client.index(documents, System.currentTimeMillis()).whenCompleteAsync((result, failure) -> {
            if (failure == null) {
                settle(result, handler);
            } else {
                settle(documents, cause(failure), handler);
            }
        }, executor);
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException ? failure.getCause() : failure;
    }

    private void settle(BulkClient.Result result, ResultHandler<Document> handler) {
        if (result.refused() > 0) {
            refused.inc(result.refused());
            LOG.warn("Elasticsearch cannot read {} documents: {}", result.refused(), result.reason());
        }
        if (result.again().isEmpty()) {
            setbacks = 0;
            handler.complete();
        } else {
            sendAgain(result.again(), result.reason(), handler);
        }
    }

    private void settle(List<Document> documents, Throwable failure, ResultHandler<Document> handler) {
        if (failure instanceof BulkClient.BadRequestException) {
            handler.completeExceptionally((Exception) failure);
        } else {
            sendAgain(documents, failure.toString(), handler);
        }
    }

    private void sendAgain(List<Document> documents, String reason, ResultHandler<Document> handler) {
        retries.inc();
        long delay = delay(setbacks++);
        LOG.warn("{} documents go to Elasticsearch again in {} ms: {}", documents.size(), delay, reason);
        executor.schedule(() -> handler.retryForEntries(documents), delay, TimeUnit.MILLISECONDS);
    }

    private static long delay(int setbacks) {
        return Math.min(FIRST_DELAY_MILLIS << Math.min(setbacks, DELAY_DOUBLINGS), LONGEST_DELAY_MILLIS);
    }

    @Override
    protected long getSizeInBytes(Document document) {
        return document.sizeInBytes();
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
