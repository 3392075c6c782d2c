package org.flinksidecar.removable;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** A tree of the whole text, against a class with the two fields that the job needs. */
public class JsonTree extends Pair {
    @Param({"1", "30"})
    int articles;

    private final ObjectMapper mapper = new ObjectMapper();
    private final ObjectReader reader = mapper.readerFor(Needed.class);
    private byte[] json;

    /** The fields that the job needs. */
    @JsonIgnoreProperties(ignoreUnknown = true)
    public static class Needed {
        public String customer;
        public double amount;
    }

    @Setup
    public void setUp() throws Exception {
        json = mapper.writeValueAsBytes(Order.of(articles));
    }

    @Benchmark
    public Needed before() throws Exception {
        JsonNode tree = mapper.readTree(json);
        Needed needed = new Needed();
        needed.customer = tree.get("customer").asText();
        needed.amount = tree.get("amount").asDouble();
        return needed;
    }

    @Benchmark
    public Needed after() throws Exception {
        return reader.readValue(json);
    }
}
