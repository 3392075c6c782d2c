/**
 * A sink for Elasticsearch, since no connector is published for this version of Flink.
 *
 * <p>Buffering, flushing, backpressure and state are Flink's own {@code AsyncSink}; here is what it takes to speak to
 * {@code _bulk}: {@link org.flinksidecar.sample.elasticsearch.BulkClient} sends one request and reads what became of
 * each document, {@link org.flinksidecar.sample.elasticsearch.BulkWriter} decides what that means.
 *
 * <p>Delivery is at least once. A checkpoint waits for the request under way and takes what is still buffered into its
 * state. While Elasticsearch is away, requests are tried again for as long as it takes, at most five seconds apart. The
 * job is held back meanwhile, checkpoints and the other sinks with it, and goes on when Elasticsearch is back; nothing
 * is lost.
 */
package org.flinksidecar.sample.elasticsearch;
