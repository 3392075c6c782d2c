package org.flinksidecar.removable;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** String.format for each record, against joining with +. */
public class Formatting extends Pair {
    @Param({"2", "6"})
    int values;

    private long number = 4711;

    @Benchmark
    public String before() {
        number++;
        return values == 2
                ? String.format("%s-%d", "customer", number)
                : String.format("%s-%d/%s-%d/%s-%d", "customer", number, "order", number, "article", number);
    }

    @Benchmark
    public String after() {
        number++;
        return values == 2
                ? "customer-" + number
                : "customer-" + number + "/order-" + number + "/article-" + number;
    }
}
