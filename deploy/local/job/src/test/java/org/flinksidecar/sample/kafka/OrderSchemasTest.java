package org.flinksidecar.sample.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.functions.util.ListCollector;
import org.apache.flink.api.common.serialization.DeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.SimpleCounter;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.UserCodeClassLoader;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.flinksidecar.sample.orders.Order;
import org.flinksidecar.sample.orders.OrderFormat;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OrderSchemasTest {

    private static final byte[] KEY = {0, -1, 7};
    private static final String ORDER = "{\"order_id\":\"o\",\"customer_id\":\"c\",\"amount\":1.5,\"seed\":\"S\"}";

    @ParameterizedTest
    @EnumSource
    void ordersPassWithKeyAndTimes(OrderFormat format) throws Exception {
        List<Order> orders = new ArrayList<>();
        long before = System.currentTimeMillis();
        deserializer(format, new SimpleCounter()).deserialize(record(ORDER), new ListCollector<>(orders));

        ProducerRecord<byte[], byte[]> out = new OrderSerializer("out").serialize(orders.get(0), null, 5L);

        assertEquals("out", out.topic());
        assertArrayEquals(KEY, out.key());
        String json = new String(out.value(), UTF_8);
        assertTrue(json.startsWith(ORDER.substring(0, ORDER.length() - 1)), json);
        long ingestedAt = number(json, "ingested_at");
        long indexedAt = number(json, "indexed_at");
        assertTrue(before <= ingestedAt && ingestedAt <= indexedAt, json);
        assertTrue(indexedAt <= System.currentTimeMillis(), json);
    }

    @ParameterizedTest
    @EnumSource
    void malformedRecordsAreCounted(OrderFormat format) throws Exception {
        List<Order> orders = new ArrayList<>();
        Counter malformed = new SimpleCounter();
        OrderDeserializer deserializer = deserializer(format, malformed);

        deserializer.deserialize(record("{nope"), new ListCollector<>(orders));
        deserializer.deserialize(record(null), new ListCollector<>(orders));
        deserializer.deserialize(record(ORDER), new ListCollector<>(orders));

        assertEquals(2, malformed.getCount());
        assertEquals(1, orders.size());
    }

    private static long number(String json, String field) {
        String rest = json.substring(json.indexOf("\"" + field + "\":") + field.length() + 3);
        return Long.parseLong(rest.split("[,}]")[0]);
    }

    private static ConsumerRecord<byte[], byte[]> record(String value) {
        return new ConsumerRecord<>("orders", 0, 0, KEY, value == null ? null : value.getBytes(UTF_8));
    }

    /** A mapper for each order reads what the one mapper reads, and refuses what it refuses. */
    @ParameterizedTest
    @EnumSource
    void newMappersReadTheSame(OrderFormat format) throws Exception {
        List<Order> orders = new ArrayList<>();
        Counter malformed = new SimpleCounter();
        OrderDeserializer deserializer = deserializer(format, malformed, true);

        deserializer.deserialize(record(ORDER), new ListCollector<>(orders));
        deserializer.deserialize(record(ORDER.replace("1.5", "\"1.5\"")), new ListCollector<>(orders));

        assertEquals(1, malformed.getCount());
        orders.get(0).setIngestedAt(7);
        assertEquals(
                ORDER.replace("}", ",\"ingested_at\":7}"),
                new String(orders.get(0).toJson(), UTF_8));
    }

    private static OrderDeserializer deserializer(OrderFormat format, Counter malformed) {
        return deserializer(format, malformed, false);
    }

    private static OrderDeserializer deserializer(OrderFormat format, Counter malformed, boolean newMappers) {
        OrderDeserializer deserializer = new OrderDeserializer(format, format.typeInformation(), newMappers);
        deserializer.open(new DeserializationSchema.InitializationContext() {
            @Override
            public MetricGroup getMetricGroup() {
                return new UnregisteredMetricsGroup() {
                    @Override
                    public Counter counter(String name) {
                        return malformed;
                    }
                };
            }

            @Override
            public UserCodeClassLoader getUserCodeClassLoader() {
                throw new UnsupportedOperationException();
            }
        });
        return deserializer;
    }
}
