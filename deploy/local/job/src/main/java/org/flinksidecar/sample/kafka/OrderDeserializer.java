package org.flinksidecar.sample.kafka;

import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.flinksidecar.sample.orders.MalformedOrderException;
import org.flinksidecar.sample.orders.Order;
import org.flinksidecar.sample.orders.OrderFormat;

/**
 * Makes orders of Kafka records and stamps them with the time they were read. What is no order is counted ({@code
 * deserializer.malformedRecords}) and skipped: to fail on it would be to fail on it again after each restart.
 */
public final class OrderDeserializer implements KafkaRecordDeserializationSchema<Order> {

    private static final long serialVersionUID = 1;

    private final OrderFormat format;
    private final TypeInformation<Order> type;
    private final boolean newMappers;
    private transient Counter malformed;

    /** With newMappers, each order is parsed by a JSON mapper made for it alone. */
    public OrderDeserializer(OrderFormat format, TypeInformation<Order> type, boolean newMappers) {
        this.format = format;
        this.type = type;
        this.newMappers = newMappers;
    }

    @Override
    public void open(DeserializationSchema.InitializationContext context) {
        malformed = context.getMetricGroup().counter("malformedRecords");
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Order> out) {
        try {
            Order order = parse(record.key(), record.value());
            order.setIngestedAt(System.currentTimeMillis());
            out.collect(order);
        } catch (MalformedOrderException e) {
            malformed.inc();
        }
    }

    private Order parse(byte[] key, byte[] json) throws MalformedOrderException {
        return newMappers ? format.parseWithNewMapper(key, json) : format.parse(key, json);
    }

    @Override
    public TypeInformation<Order> getProducedType() {
        return type;
    }
}
