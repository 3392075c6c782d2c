package org.flinksidecar.removable;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import org.openjdk.jmh.annotations.Benchmark;

/** UUID.randomUUID for each record, against an id of the same form from a fast generator. */
public class RandomNumbers extends Pair {
    @Benchmark
    public String before() {
        return UUID.randomUUID().toString();
    }

    @Benchmark
    public String after() {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        return new UUID(random.nextLong(), random.nextLong()).toString();
    }
}
