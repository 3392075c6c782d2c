package org.flinksidecar.sample.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.connector.base.sink.writer.BufferedRequestState;
import org.apache.flink.connector.base.sink.writer.ElementConverter;
import org.apache.flink.connector.base.sink.writer.RequestEntryWrapper;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Runs the sink in a real job, against an Elasticsearch that makes trouble. */
class ElasticsearchSinkTest {

    @ParameterizedTest
    @CsvSource({"true, 1", "false, 500"})
    void indexesEverythingButWhatIsRefused(boolean oneByOne, int largestRequest) throws Exception {
        List<String> good = IntStream.range(0, 600).mapToObj(i -> "good-" + i).toList();
        List<String> others = List.of("busy-1", "bad-1", "busy-2");
        try (FakeElasticsearch elasticsearch = new FakeElasticsearch()) {
            run(Stream.of(good, others).flatMap(List::stream).toList(), elasticsearch, oneByOne);

            Set<String> wanted = new HashSet<>(good);
            wanted.addAll(List.of("busy-1", "busy-2"));
            assertEquals(wanted, elasticsearch.indexed.keySet());
            assertEquals(largestRequest, elasticsearch.largestRequest());
        }
    }

    private static void run(List<String> ids, FakeElasticsearch elasticsearch, boolean oneByOne) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1);
        env.fromData(ids)
                .sinkTo(new ElasticsearchSink<>(
                        new ToDocument(),
                        elasticsearch.server.url("/"),
                        "orders",
                        oneByOne ? Batching.ONE_BY_ONE : Batching.BATCHES));
        env.execute();
    }

    private static final class ToDocument implements ElementConverter<String, Document> {
        private static final long serialVersionUID = 1;

        @Override
        public Document apply(String id, SinkWriter.Context context) {
            return document(id);
        }
    }

    @Test
    void bufferSurvivesCheckpoint() throws Exception {
        DocumentsSerializer serializer = new DocumentsSerializer();
        Document document = document("id \u00e9");
        var buffered = List.of(new RequestEntryWrapper<>(document, document.sizeInBytes()));

        byte[] bytes = serializer.serialize(new BufferedRequestState<>(buffered));
        var restored = serializer.deserialize(serializer.getVersion(), bytes).getBufferedRequestEntries();

        assertEquals(1, restored.size());
        assertEquals("id \u00e9", restored.get(0).getRequestEntry().id());
        assertEquals("{\"x\":1}", new String(restored.get(0).getRequestEntry().json(), StandardCharsets.UTF_8));
    }

    private static Document document(String id) {
        return new Document(id, "{\"x\":1}".getBytes(StandardCharsets.UTF_8));
    }
}
