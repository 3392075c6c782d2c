package org.flinksidecar.sample.elasticsearch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.flinksidecar.sample.FakeServer;
import org.flinksidecar.sample.FakeServer.Response;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BulkClientTest {

    private static final Document A = document("a \"1\"");
    private static final Document B = document("b");
    private static final Document C = document("c");

    @Test
    void sendsDocumentsWithTheTimeOfSending() throws Exception {
        String answer = "{\"errors\":false,\"items\":[{\"index\":{\"status\":201}},{\"index\":{\"status\":200}}]}";
        try (FakeServer server = new FakeServer(request -> new Response(200, answer))) {
            BulkClient.Result result = client(server).index(List.of(A, B), 42).get();

            assertEquals(new BulkClient.Result(List.of(), 0, null), result);
            assertEquals(
                    "/es/orders/_bulk?filter_path=errors,items.*.status,items.*.error",
                    server.requests.get(0).target());
            assertEquals("""
                    {"index":{"_id":"a \\"1\\""}}
                    {"x":1,"indexed_at":42}
                    {"index":{"_id":"b"}}
                    {"x":1,"indexed_at":42}
                    """, server.requests.get(0).body());
        }
    }

    @Test
    void tellsWhatToSendAgainFromWhatIsRefused() throws Exception {
        String answer = """
                {"errors":true,"items":[
                {"index":{"status":429,"error":{"type":"busy"}}},
                {"index":{"status":400,"error":{"type":"document_parsing_exception"}}},
                {"index":{"status":201}}]}""";
        try (FakeServer server = new FakeServer(request -> new Response(200, answer))) {
            BulkClient.Result result = client(server).index(List.of(A, B, C), 42).get();

            assertEquals(
                    new BulkClient.Result(List.of(A), 1, "{\"type\":\"document_parsing_exception\"}"), result);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            503 | no master         | status 503: no master
            429 | busy              | status 429: busy
            401 | who are you       | status 401: who are you
            200 | {"errors":false}  | 0 answers to 1 documents
            """)
    void failuresThatMayPass(int status, String body, String message) {
        try (FakeServer server = new FakeServer(request -> new Response(status, body))) {
            Throwable failure = failure(server);

            assertEquals(message, failure.getMessage());
            assertEquals(java.io.IOException.class, failure.getClass());
        }
    }

    @Test
    void requestsThatCannotBeRead() {
        try (FakeServer server = new FakeServer(request -> new Response(400, "x".repeat(1000)))) {
            Throwable failure = failure(server);

            assertInstanceOf(BulkClient.BadRequestException.class, failure);
            assertEquals("Elasticsearch refused a bulk request: " + "x".repeat(500), failure.getMessage());
        }
    }

    private static Throwable failure(FakeServer server) {
        return assertThrows(ExecutionException.class, () -> client(server).index(List.of(A), 42).get())
                .getCause();
    }

    private static BulkClient client(FakeServer server) {
        return new BulkClient(server.url("/es/"), "orders", Runnable::run);
    }

    private static Document document(String id) {
        return new Document(id, "{\"x\":1}".getBytes(StandardCharsets.UTF_8));
    }
}
