// Package synthetic measures the end-to-end latency of a job per hop. It sends a few
// seeded records to the job's own source topic, looks for them at each sink, and
// accounts for every record.
//
// # The path of a record
//
//  1. A round is due ([pacer]): one record per partition of the source topic. Keys
//     come from a fixed pool, so that keyed state does not grow.
//  2. Each sink is prepared ([Sink]). A Kafka sink returns its end offsets: a
//     record can't be found before them, so reading begins there, also after a
//     crash.
//  3. The record is written to the [account.History] as pending at every sink.
//  4. The record is handed to the [Source]. The brokers acknowledge it, refuse it,
//     or do not answer in time.
//  5. Each sink looks for the record until it is seen or its cut-off has passed.
//     Between records a sink reads nothing.
//  6. Each change goes to the history first, and to the metrics and measurements
//     after it. So /metrics agrees with the history, also after kill -9.
//
// # Structure
//
// [Prober] is the engine: what to send when, and where. Run starts one goroutine per sink,
// one that sends, and two of the recorder. The package payload makes the content of a
// record. The package account tells what became of it: its recorder is the only place that
// changes the state of records, and its test applies random events, kills and restarts, and
// checks the sum of outcomes after each one. The package clock has the times of both.
//
// A kind of sink is a directory below this package: kafka, elasticsearch, files. It uses the
// accounts only through its [Watch]. A new kind needs a new directory that passes the
// suite in sinktest, and a field in the section of the package sinks.
//
// # Design decisions
//
// Time. Latencies are differences of the monotonic clock ([clock.Moment]). The wall clock is
// only stored in records and compared with stamps of other machines. An impossible
// difference of wall clocks is rejected and counted.
//
// Sightings. A sink may find a record that arrived before the sink looked: after a
// restart, or while the read budget delayed the reader. Such a sighting decides the
// outcome. Its latency is only an upper bound: it is left out of the histogram and
// counted in flink_sidecar_probe_unmeasured_total. Elasticsearch is polled, so the
// moment of a sighting is the middle between the last search without the record and the
// first with it.
//
// Loss. At its cut-off a record is lost if it is certainly in the source topic:
// acknowledged, or seen at another sink. Otherwise it is produce_failed. Both are
// decided only after this process has looked for at least the service level, so that
// neither a restart nor a step of the wall clock causes losses.
//
// Sinks that can't be watched. If a topic, an index or a right is missing, records
// become not_sent at that sink only, because lost would be a guess. The other sinks
// continue.
//
// Contradictions. A sink is checked before the first record, and again when records are
// lost there that other sinks show. The target's status shows this as a separate
// problem.
//
// Duplicates. They are seen while the record is remembered, which is one cut-off after
// its outcome was final. A Kafka sink sees them only while it searches for a record,
// because otherwise it reads nothing. After a restart a sink finds the counted sightings
// again, and the history does not have their places. As many sightings as the history
// counts, of those that may have been there before, are not counted again.
//
// Order. A record is reordered if a partition of the sink has it after a record of the same
// key that was sent later. After a restart the reader begins before the oldest awaited
// record, so it finds every later one again and no order is lost. Elasticsearch shows no
// order: its documents are spread over shards, and each is refreshed on its own.
//
// Ingested without a stamp. The collector tells how far the job's source has read ([SourceView]).
// A look that passes the offset of a record shows that it was read, not when: it is an upper bound,
// which a sink that shows the record makes better. The look before is a lower bound, and their
// difference the resolution. A bound is no hop and has a histogram of its own, because it would look
// like a measured latency there.
//
// Rounds on demand. A round may last longer than its records are remembered. The results
// of its forgotten records are kept until the caller has the measurement, which counts
// every record of the round.
//
// Isolation. Kafka sinks are read as read_committed by default: a consumer of a
// transactional sink gets a record with the commit, one checkpoint later.
//
// Clients. The producer and each sink have separate clients, because a long poll on a
// shared connection would delay the measured acknowledgement.
package synthetic
