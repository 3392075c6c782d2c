package org.flinksidecar.removable;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Members that are looked up for each record, against direct access. */
public class Reflection extends Pair {
    @Param({"1", "5"})
    int members;

    private static final String[] NAMES = {"customer", "id", "country", "customer", "id"};
    private final Order order = Order.of(1);

    @Benchmark
    public int before() throws Exception {
        int length = 0;
        for (int i = 0; i < members; i++) {
            length += ((String) Order.class.getField(NAMES[i]).get(order)).length();
        }
        return length;
    }

    @Benchmark
    public int after() {
        int length = 0;
        for (int i = 0; i < members; i++) {
            length += (i % 3 == 0 ? order.customer : i % 3 == 1 ? order.id : order.country).length();
        }
        return length;
    }
}
