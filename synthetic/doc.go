// Package synthetic measures the end-to-end latency of a job per hop. It sends a
// few seeded records to the job's own source topic, looks for them at each sink,
// and accounts for every record.
//
// # How a record travels
//
//  1. A round is due ([pacer]): one record per partition of the source topic. Keys
//     come from a fixed pool, so that keyed state does not grow.
//  2. Each sink is prepared ([Sink]). A Kafka sink returns its end offsets: a
//     record can't be found before them, so reading begins there, also after a
//     crash.
//  3. The record is written to the [History] as pending at every sink.
//  4. The record is handed to the [Source]. The brokers acknowledge it or refuse
//     it, or the time is over.
//  5. Each sink looks for the record until it is seen or its cut-off has passed.
//     Between records a sink reads nothing.
//  6. Each change goes to the history first, and to the metrics and measurements
//     after it. So /metrics agrees with the history, also after kill -9.
//
// # Who does what
//
// [Prober] is the engine: Run keeps one goroutine per sink, one that sends, and two
// of the recorder. The recorder is the only place where the state of records
// changes. It guards the tracker, a state machine without clock or I/O that knows
// the outcome of each record, and writes what the tracker changed to the history.
// The tracker's test applies random events, kills and restarts, and checks after
// each one:
//
//	intended = not_sent + produce_failed + pending + on_time + late + lost
//
// A kind of sink is a folder below this package: kafka, elasticsearch. It knows the
// accounts only through its [Watch]. A new kind is a new folder that passes the
// suite in sinktest, and a field in the section of the package sinks.
//
// # What is not obvious
//
// Time. Latencies are differences of the monotonic clock ([Moment]). The wall clock
// is only stored in records and compared with stamps that others made. A difference
// of wall clocks that can't be true is rejected and counted.
//
// Sightings. A record may be found that was there before the sink looked: after a
// restart, or while the read budget held the reader back. Such a sighting decides
// the outcome. Its latency is an upper bound: it stays out of the histogram and is
// counted in flink_sidecar_probe_unmeasured_total. Elasticsearch is polled, so the
// moment of a sighting is the middle between the last search that did not find the
// record and the first that did.
//
// Loss. At its cut-off a record is lost if it is known to be in the source topic:
// acknowledged, or seen at another sink. Otherwise it is produce_failed. Both are
// decided only after this process has looked for a whole service level, so that
// neither a restart nor a step of the wall clock makes losses.
//
// Sinks that can't be watched. A missing topic, index or right makes records
// not_sent at that sink only: lost would be a guess. The other sinks go on.
//
// Contradictions. A sink is checked before the first record, and again when records
// are lost there that other sinks show. That is a problem of its own in the
// target's status.
//
// Duplicates. They are seen while the record is remembered, which is one cut-off
// after its outcome was final. A Kafka sink sees them only while it looks for some
// record, because otherwise it reads nothing.
//
// Isolation. Kafka sinks are read as read_committed by default: a consumer
// downstream has a record of a transactional sink with the commit, one checkpoint
// later.
//
// Clients. The producer and each sink have clients of their own: a long poll on a
// shared connection would delay the acknowledgement that is measured.
package synthetic
