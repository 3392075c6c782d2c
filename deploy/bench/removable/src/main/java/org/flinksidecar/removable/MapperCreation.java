package org.flinksidecar.removable;

import com.fasterxml.jackson.databind.ObjectMapper;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** An ObjectMapper for each record, against one for the operator. */
public class MapperCreation extends Pair {
    @Param({"1", "30"})
    int articles;

    private final ObjectMapper mapper = new ObjectMapper();
    private byte[] json;

    @Setup
    public void setUp() throws Exception {
        json = mapper.writeValueAsBytes(Order.of(articles));
    }

    @Benchmark
    public Order before() throws Exception {
        return new ObjectMapper().readValue(json, Order.class);
    }

    @Benchmark
    public Order after() throws Exception {
        return mapper.readValue(json, Order.class);
    }
}
