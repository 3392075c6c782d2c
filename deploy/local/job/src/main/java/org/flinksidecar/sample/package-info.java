/**
 * The sample job of the local stack: a pipeline as one finds them in the field, for flink-sidecar to watch.
 *
 * <pre>
 *   orders from Kafka ──► [look up customers] ──► enrich orders ──┬──► enriched orders to Kafka
 *   (parses, stamps        (async, only when       (keyed by      ├──► pick alerts ──► alerts to Kafka
 *    ingested_at)           the lookup is fixed)    customer)     └──► orders to Elasticsearch
 * </pre>
 *
 * Each order that carries a {@code seed} reaches all three sinks with the seed, the key of its Kafka record and its
 * times on it: {@code ingested_at}, when the source read it, and {@code indexed_at}, when a sink handed it out. That is
 * all that the sidecar's probe asks of a job, and any real job can be taught it.
 *
 * <p>The job is slow on purpose, in ways met in real jobs: see {@link org.flinksidecar.sample.Fault}. Each can be
 * repaired by itself. To repair one, cancel the job and submit it again: it goes on from the offsets of its last
 * checkpoint, with its totals begun anew. Operators keep their uids, so a savepoint keeps the totals as well, up to a
 * point: the async operator of a repaired lookup has orders in its state, in their format, so that from then on a
 * savepoint carries over neither a change of the format nor the return to a blocking lookup. A savepoint also carries
 * over the orders that were kept ({@link org.flinksidecar.sample.Fault#STATE}); a repair then only ends their growth.
 *
 * <p>All three sinks deliver at least once: the documents in Elasticsearch have the order's id, so a second delivery
 * overwrites the first; the Kafka topics may see an order twice after a failure. With {@code archive.directory} the
 * enriched orders also go to files of Flink's own FileSink, exactly once.
 */
package org.flinksidecar.sample;
