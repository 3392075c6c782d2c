package org.flinksidecar.sample.elasticsearch;

import java.io.Serializable;
import org.apache.flink.connector.base.sink.AsyncSinkBase;
import org.apache.flink.connector.base.sink.writer.ElementConverter;

/** {@link AsyncSinkBase} as a sink for Flink 2 has it; there is another of this class for Flink 1.20. */
abstract class BatchingSink<T, D extends Serializable> extends AsyncSinkBase<T, D> {

    private static final long serialVersionUID = 1;

    BatchingSink(
            ElementConverter<T, D> converter,
            int maxBatchSize,
            int maxInFlightRequests,
            int maxBufferedRequests,
            long maxBatchSizeInBytes,
            long maxTimeInBufferMillis,
            long maxRecordSizeInBytes) {
        super(
                converter,
                maxBatchSize,
                maxInFlightRequests,
                maxBufferedRequests,
                maxBatchSizeInBytes,
                maxTimeInBufferMillis,
                maxRecordSizeInBytes);
    }
}
