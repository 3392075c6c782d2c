package org.flinksidecar.sample.elasticsearch;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.flinksidecar.sample.FakeServer;
import org.flinksidecar.sample.FakeServer.Request;
import org.flinksidecar.sample.FakeServer.Response;

/**
 * Speaks {@code _bulk}: away for the first two requests, refuses documents whose id begins with {@code bad} for good
 * and those that begin with {@code busy} once.
 */
final class FakeElasticsearch implements AutoCloseable {

    private static final int REQUESTS_AWAY = 2;
    private static final ObjectMapper MAPPER = new ObjectMapper();

    final Map<String, String> indexed = new ConcurrentHashMap<>();
    private final Map<String, Boolean> turnedAway = new ConcurrentHashMap<>();
    final FakeServer server = new FakeServer(this::answer);

    private Response answer(Request request) {
        if (server.requests.size() <= REQUESTS_AWAY) {
            return new Response(503, "");
        }
        List<String> lines = request.body().lines().toList();
        List<String> items = new ArrayList<>();
        for (int i = 0; i < lines.size(); i += 2) {
            items.add("{\"index\":{\"status\":" + index(id(lines.get(i)), lines.get(i + 1)) + "}}");
        }
        return new Response(200, items.stream().collect(Collectors.joining(",", "{\"errors\":true,\"items\":[", "]}")));
    }

    private int index(String id, String document) {
        if (id.startsWith("bad")) {
            return 400;
        }
        if (id.startsWith("busy") && turnedAway.put(id, true) == null) {
            return 429;
        }
        indexed.put(id, document);
        return 201;
    }

    private static String id(String action) {
        try {
            return MAPPER.readTree(action).path("index").path("_id").textValue();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How many documents the fullest request had. */
    int largestRequest() {
        return server.requests.stream()
                .mapToInt(request -> (int) request.body().lines().count() / 2)
                .max()
                .orElse(0);
    }

    @Override
    public void close() {
        server.close();
    }
}
