package org.flinksidecar.removable;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A record as JSON text between two operators, against Flink's serializer for POJOs. */
public class JsonSerializer extends Pair {
    @Param({"1", "30"})
    int articles;

    private final ObjectMapper mapper = new ObjectMapper();
    private final Wire wire = new Wire();
    private TypeSerializer<Order> pojo;
    private Order order;

    @Setup
    public void setUp() {
        order = Order.of(articles);
        pojo = Serializers.pojo();
    }

    @Benchmark
    public Order before() throws Exception {
        return mapper.readValue(wire.across(mapper.writeValueAsString(order)), Order.class);
    }

    @Benchmark
    public Order after() throws Exception {
        return wire.across(pojo, order);
    }
}
