package org.flinksidecar.removable;

import java.math.BigDecimal;
import java.math.RoundingMode;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** Amounts as BigDecimal, against a long of cents. */
public class Decimals extends Pair {
    @Param({"1", "10"})
    int articles;

    private long cents = 12995;

    @Benchmark
    public long before() {
        cents = cents % 100_000 + 1;
        BigDecimal price = BigDecimal.valueOf(cents, 2);
        BigDecimal sum = BigDecimal.ZERO;
        for (int i = 0; i < articles; i++) {
            sum = sum.add(price.multiply(new BigDecimal("1.19")).setScale(2, RoundingMode.HALF_UP));
        }
        return sum.unscaledValue().longValue();
    }

    @Benchmark
    public long after() {
        cents = cents % 100_000 + 1;
        long sum = 0;
        for (int i = 0; i < articles; i++) {
            sum += (cents * 119 + 50) / 100;
        }
        return sum;
    }
}
