package org.flinksidecar.sample.elasticsearch;

import java.time.Duration;

/**
 * When a bulk request is sent: as soon as there are that many documents, that many bytes, or the first of them has
 * waited that long.
 */
public record Batching(int maxDocuments, long maxBytes, Duration maxWait) {

    /** More than a Kafka record of the default maximum (1 MB) can become. */
    private static final long MAX_BYTES = 5 << 20;

    public static final Batching ONE_BY_ONE = new Batching(1, MAX_BYTES, Duration.ofMillis(1));

    public static final Batching BATCHES = new Batching(500, MAX_BYTES, Duration.ofMillis(200));
}
