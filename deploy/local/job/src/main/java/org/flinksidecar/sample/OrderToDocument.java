package org.flinksidecar.sample;

import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.flinksidecar.sample.elasticsearch.Document;
import org.flinksidecar.sample.orders.Order;

/** Makes a document of an order under the order's own id, so that a second delivery overwrites the first. */
final class OrderToDocument implements ElementConverter<Order, Document> {

    private static final long serialVersionUID = 1;

    @Override
    public Document apply(Order order, SinkWriter.Context context) {
        return new Document(order.id(), order.toJson());
    }
}
