package org.flinksidecar.sample;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.flinksidecar.sample.FakeServer.Response;
import org.flinksidecar.sample.orders.Order;
import org.flinksidecar.sample.orders.OrderFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the middle of the job, faulty and repaired, between a list and a list. */
class EnrichmentTest {

    @ParameterizedTest
    @CsvSource({
        "'', '', TREE",
        "'', lookup, TREE",
        "'', 'lookup,state', TREE",
        "'', 'kryo,lookup,state', RECORD",
        "'json', 'lookup', TREE",
        "'json,files', 'kryo,lookup', RECORD",
        "'types', 'kryo,lookup', RECORD",
        "'hotkey,interval', 'kryo', RECORD",
        "'leak', 'kryo', RECORD",
        "'mapper,json,types,hotkey,files,interval,leak', '', TREE",
    })
    void addsCustomersAndTotalsInSequence(String faults, String fixed, OrderFormat format) throws Exception {
        try (FakeServer server = new FakeServer(EnrichmentTest::customer)) {
            OrdersJob job = new OrdersJob(JobOptions.parse(
                    "--bootstrap.servers=unused",
                    "--elasticsearch.url=http://unused",
                    "--lookup.url=" + server.url("/customers/"),
                    "--parallelism=1",
                    "--faults=" + faults,
                    "--fixed=" + fixed));

            List<String> enriched =
                    run(job, format, order("a", "x", 10), order("b", "y", 5), order("c", "x", 2.5), order("d", "x", 1));

            assertEquals(
                    List.of("a tier-of-x 1 10.0", "b tier-of-y 1 5.0", "c tier-of-x 2 12.5", "d tier-of-x 3 13.5"),
                    enriched);
            assertEquals(4, server.requests.size());
        }
    }

    /** What Flink makes of the stream behind the enrichment is what decides who serializes it. */
    @ParameterizedTest
    @CsvSource({
        "'', '', GenericTypeInfo",
        "'', kryo, PojoTypeInfo",
        "types, kryo, GenericTypeInfo",
        "json, '', OrderTextTypeInfo",
        "json, kryo, OrderTextTypeInfo",
        "'json,types', kryo, GenericTypeInfo",
        "types, 'kryo,types', PojoTypeInfo",
    })
    void typesBehindTheEnrichment(String faults, String fixed, String type) {
        OrdersJob job = new OrdersJob(JobOptions.parse(
                "--bootstrap.servers=unused",
                "--elasticsearch.url=http://unused",
                "--lookup.url=http://unused",
                "--faults=" + faults,
                "--fixed=" + fixed));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        job.configure(env);

        DataStream<Order> enriched = job.enrich(env.fromData(List.of(), OrderFormat.RECORD.typeInformation()));

        assertEquals(type, enriched.getType().getClass().getSimpleName());
    }

    @Test
    void slowCheckpointFiles() {
        assertEquals("16", writeBuffer("--faults=files"));
        assertNull(writeBuffer("--faults=files", "--fixed=files"));
    }

    private static String writeBuffer(String... more) {
        String[] required = {"--bootstrap.servers=b", "--elasticsearch.url=http://e", "--lookup.url=http://l"};
        OrdersJob job = new OrdersJob(
                JobOptions.parse(Stream.of(required, more).flatMap(Stream::of).toArray(String[]::new)));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        job.configure(env);
        return ((Configuration) env.getConfiguration()).toMap().get("execution.checkpointing.write-buffer-size");
    }

    private static Response customer(FakeServer.Request request) {
        String id = request.target().replace("/customers/", "");
        return new Response(200, "{\"customerId\":\"" + id + "\",\"tier\":\"tier-of-" + id + "\",\"region\":\"eu\"}");
    }

    private static String order(String id, String customer, double amount) {
        return "{\"order_id\":\"" + id + "\",\"customer_id\":\"" + customer + "\",\"amount\":" + amount + "}";
    }

    private static List<String> run(OrdersJob job, OrderFormat format, String... orders) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        job.configure(env);
        List<Order> parsed = new ArrayList<>();
        for (String order : orders) {
            parsed.add(format.parse(null, order.getBytes(UTF_8)));
        }
        DataStream<Order> enriched = job.enrich(env.fromData(parsed, format.typeInformation()));

        List<String> results = new ArrayList<>();
        try (CloseableIterator<Order> iterator = enriched.executeAndCollect()) {
            while (iterator.hasNext()) {
                results.add(summary(iterator.next()));
            }
        }
        return results;
    }

    private static String summary(Order order) throws IOException {
        JsonNode json = new ObjectMapper().readTree(order.toJson());
        return Stream.of("order_id", "customer_tier", "customer_orders", "customer_amount")
                .map(field -> json.path(field).asText())
                .collect(Collectors.joining(" "));
    }
}
