package org.flinksidecar.removable;

import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Flink's serializer for unknown types (Kryo), against its serializer for POJOs. */
public class Kryo extends Pair {
    @Param({"1", "30"})
    int articles;

    private final Wire wire = new Wire();
    private TypeSerializer<Order> generic;
    private TypeSerializer<Order> pojo;
    private Order order;

    @Setup
    public void setUp() {
        order = Order.of(articles);
        generic = Types.GENERIC(Order.class).createSerializer(new SerializerConfigImpl());
        pojo = Serializers.pojo();
    }

    @Benchmark
    public Order before() throws Exception {
        return wire.across(generic, order);
    }

    @Benchmark
    public Order after() throws Exception {
        return wire.across(pojo, order);
    }
}
