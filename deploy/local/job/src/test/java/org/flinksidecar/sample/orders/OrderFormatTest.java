package org.flinksidecar.sample.orders;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.typeutils.runtime.PojoSerializer;
import org.apache.flink.api.java.typeutils.runtime.kryo.KryoSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.flinksidecar.sample.customers.Customer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class OrderFormatTest {

    private static final byte[] KEY = "c1".getBytes(UTF_8);

    /** The note ends in half a surrogate pair, which is to come out as it came in. */
    private static final String ORDER = """
            {"order_id":"o1","customer_id":"c1","amount":12.5,"currency":"EUR",\
            "items":[{"sku":"s1","quantity":2.0,"price":6.25}],"note":"n\u00e9e \\n \\ud83d","created_at":7,\
            "seed":"S"}""";

    @ParameterizedTest
    @EnumSource
    void reads(OrderFormat format) throws Exception {
        Order order = format.parse(KEY, ORDER.getBytes(UTF_8));

        assertArrayEquals(KEY, order.key());
        assertEquals("o1", order.id());
        assertEquals("c1", order.customerId());
        assertEquals(12.5, order.amount());
        assertEquals("S", order.seed());
    }

    @ParameterizedTest
    @EnumSource
    void writesWhatItReadAndWhatWasAdded(OrderFormat format) throws Exception {
        Order order = format.parse(KEY, ORDER.getBytes(UTF_8));
        order.setIngestedAt(100);
        order.setCustomer(new Customer("gold", "eu"));
        order.setCustomerTotals(3, 40.5);
        order.setIndexedAt(200);

        String wanted = ORDER.substring(0, ORDER.length() - 1) + """
                ,"ingested_at":100,"indexed_at":200,"customer_tier":"gold","customer_region":"eu",\
                "customer_orders":3,"customer_amount":40.5}""";
        assertEquals(Json.MAPPER.readTree(wanted), Json.MAPPER.readTree(order.toJson()));
    }

    @ParameterizedTest
    @EnumSource
    void leavesOutWhatAnOrderLacks(OrderFormat format) throws Exception {
        String least = "{\"order_id\":\"o1\",\"customer_id\":\"c1\",\"amount\":1}";

        Order order = format.parse(null, least.getBytes(UTF_8));

        assertNull(order.key());
        assertNull(order.seed());
        assertEquals(least.replace(":1}", ":1.0}"), new String(order.toJson(), UTF_8).replace(":1}", ":1.0}"));
    }

    @ParameterizedTest
    @MethodSource("malformed")
    void malformed(OrderFormat format, String json) {
        byte[] value = json == null ? null : json.getBytes(UTF_8);

        assertThrows(MalformedOrderException.class, () -> format.parse(KEY, value));
    }

    static Stream<Arguments> malformed() {
        String order = "{\"order_id\":\"o\",\"customer_id\":\"c\",\"amount\":1%s}";
        return Stream.of(
                        null,
                        "",
                        "null",
                        "7",
                        "\"text\"",
                        "[]",
                        "{}",
                        "{\"order_id\":\"o\"",
                        order.formatted("") + " {}",
                        order.formatted("").replace("\"o\"", "5"),
                        order.formatted("").replace("\"o\"", "\"\""),
                        order.formatted("").replace("\"o\"", "\"" + "\u00e9".repeat(257) + "\""),
                        order.formatted("").replace("\"c\"", "null"),
                        order.formatted("").replace("\"c\"", "true"),
                        order.formatted("").replace("1", "\"1\""),
                        order.formatted("").replace("1", "null"),
                        order.formatted("").replace("1", "1e999"),
                        order.formatted(",\"seed\":5"),
                        order.formatted(",\"seed\":{}"),
                        order.formatted(",\"deep\":" + "[".repeat(40) + "]".repeat(40)))
                .flatMap(json -> Stream.of(OrderFormat.values()).map(format -> Arguments.of(format, json)));
    }

    @ParameterizedTest
    @EnumSource
    void survivesSerialization(OrderFormat format) throws Exception {
        String withGaps = ORDER.replace("\"items\":[", "\"items\":[null,");
        for (String json : new String[] {ORDER, withGaps, ORDER.replace("\"EUR\"", "null")}) {
            Order order = format.parse(KEY, json.getBytes(UTF_8));
            order.setIngestedAt(100);

            Order copy = copy(order, serializer(format, true));

            assertArrayEquals(KEY, copy.key());
            assertEquals(new String(order.toJson(), UTF_8), new String(copy.toJson(), UTF_8));
        }
    }

    @Test
    void treesTravelByKryoAndRecordsDoNot() {
        assertInstanceOf(KryoSerializer.class, serializer(OrderFormat.TREE, true));
        assertInstanceOf(PojoSerializer.class, serializer(OrderFormat.RECORD, false));
        assertThrows(UnsupportedOperationException.class, () -> serializer(OrderFormat.TREE, false));
    }

    private static TypeSerializer<Order> serializer(OrderFormat format, boolean genericTypes) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, genericTypes);
        return format.typeInformation().createSerializer(new SerializerConfigImpl(configuration));
    }

    private static Order copy(Order order, TypeSerializer<Order> serializer) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(256);
        serializer.serialize(order, out);
        return serializer.deserialize(new DataInputDeserializer(out.getCopyOfBuffer()));
    }
}
