package org.flinksidecar.sample.kafka;

import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.flinksidecar.sample.orders.Order;

/** Makes Kafka records of orders, under the key they came in with, and stamps them with the time they go out. */
public final class OrderSerializer implements KafkaRecordSerializationSchema<Order> {

    private static final long serialVersionUID = 1;

    private final String topic;

    public OrderSerializer(String topic) {
        this.topic = topic;
    }

    /** The timestamp is left to the producer: a record is as old as its topic's entry, not as its source's. */
    @Override
    public ProducerRecord<byte[], byte[]> serialize(Order order, KafkaSinkContext context, Long timestamp) {
        order.setIndexedAt(System.currentTimeMillis());
        return new ProducerRecord<>(topic, order.key(), order.toJson());
    }
}
