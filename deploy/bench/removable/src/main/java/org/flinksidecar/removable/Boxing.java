package org.flinksidecar.removable;

import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Numbers in a list of objects, against an array of numbers. */
public class Boxing extends Pair {
    @Param({"10", "1000"})
    int numbers;

    private long seed = 1000;

    @Benchmark
    public long before() {
        List<Long> kept = new ArrayList<>();
        for (int i = 0; i < numbers; i++) {
            kept.add(seed + i);
        }
        seed++;
        long sum = 0;
        for (Long number : kept) {
            sum += number;
        }
        return sum;
    }

    @Benchmark
    public long after() {
        long[] kept = new long[numbers];
        for (int i = 0; i < numbers; i++) {
            kept[i] = seed + i;
        }
        seed++;
        long sum = 0;
        for (long number : kept) {
            sum += number;
        }
        return sum;
    }
}
