package org.flinksidecar.removable;

import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A copy between two chained operators, against pipeline.object-reuse. */
public class ObjectCopies extends Pair {
    @Param({"1", "30"})
    int articles;

    private TypeSerializer<Order> pojo;
    private Order order;

    @Setup
    public void setUp() {
        order = Order.of(articles);
        pojo = Serializers.pojo();
    }

    @Benchmark
    public Order before() {
        return pojo.copy(order);
    }

    @Benchmark
    public Order after() {
        return order;
    }
}
