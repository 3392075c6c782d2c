package org.flinksidecar.sample.elasticsearch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/** Sends bulk requests to one index and reads the answers. */
final class BulkClient {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(30);
    private static final int OK = 200;
    private static final int CREATED = 201;
    private static final int BAD_REQUEST = 400;
    private static final int MAX_ERROR_CHARACTERS = 500;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final URI bulk;
    private final HttpClient http;

    /** Requests go to the index below that URL, which must end in a slash. */
    BulkClient(URI elasticsearch, String index, Executor executor) {
        // Of an answer only what became of each document is wanted: in the order of the request, without its name.
        this.bulk = elasticsearch.resolve(index + "/_bulk?filter_path=errors,items.*.status,items.*.error");
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT_TIMEOUT)
                .executor(executor)
                .build();
    }

    /**
     * What became of the documents of a request that Elasticsearch took.
     *
     * @param again documents that were not indexed but may be at another attempt
     * @param refused how many documents Elasticsearch can't read and never will
     * @param reason what Elasticsearch said about one of either, for people; null if all were indexed
     */
    record Result(List<Document> again, int refused, String reason) {}

    /** A request that Elasticsearch can't read as a whole: a mistake in this package. */
    static final class BadRequestException extends IOException {
        private static final long serialVersionUID = 1;

        BadRequestException(String message) {
            super(message);
        }
    }

    /**
     * Sends the documents. The future fails with a {@link BadRequestException}, or with another IOException if the same
     * request may succeed later.
     */
    CompletableFuture<Result> index(List<Document> documents, long nowMillis) {
        HttpRequest request = HttpRequest.newBuilder(bulk)
                .timeout(REQUEST_TIMEOUT)
                .header("Content-Type", "application/x-ndjson")
                .POST(BodyPublishers.ofByteArray(body(documents, nowMillis)))
                .build();
        return http.sendAsync(request, BodyHandlers.ofByteArray()).thenApply(response -> {
            try {
                return read(response, documents);
            } catch (IOException e) {
                throw new CompletionException(e);
            }
        });
    }

    private static byte[] body(List<Document> documents, long nowMillis) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (Document document : documents) {
            document.appendTo(body, quote(document.id()), nowMillis);
        }
        return body.toByteArray();
    }

    private static String quote(String text) {
        try {
            return MAPPER.writeValueAsString(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a text cannot be written as JSON", e);
        }
    }

    private static Result read(HttpResponse<byte[]> response, List<Document> documents) throws IOException {
        if (response.statusCode() == BAD_REQUEST) {
            throw new BadRequestException("Elasticsearch refused a bulk request: " + excerpt(response.body()));
        }
        if (response.statusCode() != OK) {
            throw new IOException("status " + response.statusCode() + ": " + excerpt(response.body()));
        }
        JsonNode answer = MAPPER.readTree(response.body());
        JsonNode items = answer.path("items");
        if (items.size() != documents.size()) {
            throw new IOException(items.size() + " answers to " + documents.size() + " documents");
        }
        return answer.path("errors").asBoolean() ? sort(items, documents) : new Result(List.of(), 0, null);
    }

    private static Result sort(JsonNode items, List<Document> documents) {
        List<Document> again = new ArrayList<>();
        int refused = 0;
        String reason = null;
        for (int i = 0; i < documents.size(); i++) {
            JsonNode item = items.get(i).path("index");
            int status = item.path("status").asInt();
            if (status == OK || status == CREATED) {
                continue;
            }
            reason = item.path("error").toString();
            // What is not the document's fault (too busy, no shard, no index, no right) may pass or be repaired.
            if (status == BAD_REQUEST) {
                refused++;
            } else {
                again.add(documents.get(i));
            }
        }
        return new Result(again, refused, reason);
    }

    private static String excerpt(byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        return text.substring(0, Math.min(text.length(), MAX_ERROR_CHARACTERS));
    }
}
