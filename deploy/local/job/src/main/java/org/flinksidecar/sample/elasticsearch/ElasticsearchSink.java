package org.flinksidecar.sample.elasticsearch;

import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.connector.sink2.StatefulSinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.config.AsyncSinkWriterConfiguration;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** Indexes what it is given, as the documents that a converter makes of it, in batches. */
public final class ElasticsearchSink<T> extends BatchingSink<T, Document> {

    /**
     * Per subtask. Two versions of a document may overtake each other, which is nothing to a job whose documents never
     * change once they are there.
     */
    private static final int MAX_REQUESTS_UNDER_WAY = 4;

    /** What a subtask holds while Elasticsearch is slow, before it holds back the job. */
    private static final int MAX_BUFFERED_DOCUMENTS = 2_000;

    private static final long serialVersionUID = 1;

    private final URI elasticsearch;
    private final String index;

    /** The URL is Elasticsearch's own and must end in a slash. */
    public ElasticsearchSink(
            ElementConverter<T, Document> converter, URI elasticsearch, String index, Batching batching) {
        super(
                converter,
                batching.maxDocuments(),
                MAX_REQUESTS_UNDER_WAY,
                MAX_BUFFERED_DOCUMENTS,
                batching.maxBytes(),
                batching.maxWait().toMillis(),
                batching.maxBytes());
        this.elasticsearch = elasticsearch;
        this.index = index;
    }

    @Override
    public StatefulSinkWriter<T, BufferedRequestState<Document>> createWriter(WriterInitContext context) {
        return restoreWriter(context, List.of());
    }

    @Override
    public StatefulSinkWriter<T, BufferedRequestState<Document>> restoreWriter(
            WriterInitContext context, Collection<BufferedRequestState<Document>> state) {
        return new BulkWriter<>(getElementConverter(), context, configuration(), state, elasticsearch, index);
    }

    private AsyncSinkWriterConfiguration configuration() {
        return AsyncSinkWriterConfiguration.builder()
                .setMaxBatchSize(getMaxBatchSize())
                .setMaxBatchSizeInBytes(getMaxBatchSizeInBytes())
                .setMaxInFlightRequests(getMaxInFlightRequests())
                .setMaxBufferedRequests(getMaxBufferedRequests())
                .setMaxTimeInBufferMS(getMaxTimeInBufferMS())
                .setMaxRecordSizeInBytes(getMaxRecordSizeInBytes())
                .build();
    }

    @Override
    public SimpleVersionedSerializer<BufferedRequestState<Document>> getWriterStateSerializer() {
        return new DocumentsSerializer();
    }
}
