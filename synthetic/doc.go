// Package synthetic answers one question: what does a record feel on its way
// through the job? It sends a few seeded records to the job's own source topic,
// watches each sink for them, and accounts for every single one.
//
// # How a record travels
//
//  1. A round is due (pacer): one record per partition of the source topic, with
//     a key from a fixed pool so that keyed state does not grow.
//  2. The end offsets of every Kafka sink are read. A record can't be found
//     before them, so that is where reading begins, now or after a crash.
//  3. The record is written to the [History] as pending at every sink. Only then
//  4. it is handed to Kafka (source). The brokers acknowledge it, or refuse it,
//     or the time is over.
//  5. Each sink is read until the record is seen (see [Sink]) or its
//     cut-off has passed. Then reading stops; the topic's real traffic costs us
//     nothing while no record is under way.
//  6. Each change of a record's fate goes to the history first and to the metrics
//     and measurements after it. What /metrics says is therefore what history
//     says, also after kill -9.
//
// # Who does what
//
// [Prober] is the engine: Run keeps one goroutine per sink, one that sends and
// two that mind the recorder. The recorder is the only place where state changes. It
// holds the tracker, a state machine without clock or I/O that knows the fate
// of each record, and moves what the tracker changed into the history. The
// tracker is the heart of the accounting; its test throws random events, kills
// and restarts at it and checks
//
//	intended = not_sent + produce_failed + pending + on_time + late + lost
//
// after each one.
//
// # What is not obvious
//
// Time. Latencies are differences of the monotonic clock ([moment]); the wall
// clock only stands in records and is compared with stamps that others made. A
// difference of wall clocks that can't be true is rejected and counted.
//
// Sight. A record that is found where nobody was looking (after a restart, or
// while the read budget held the reader back) may have been there for a while.
// Such a sighting decides the fate, but its latency is an upper bound and stays
// out of the histogram; it is counted in flink_sidecar_probe_unmeasured_total.
// Elasticsearch is polled, so the moment of sight is taken in the middle
// between the last search that did not find the record and the first that did.
//
// Loss. At its cut-off a record is lost if it is known to have reached the source
// topic (acknowledged, or seen at another sink), else produce_failed. Either is
// said only after this process has been looking for a whole service level, so
// that neither a restart nor a wall clock that stepped meanwhile makes losses.
//
// Faulty sinks. A sink that says itself that it can't be watched (no such topic
// or index, no right) makes records not_sent as far as that sink goes, and only
// there: calling them lost would be a guess, and the other sinks go on.
//
// Duplicates. They are seen as long as the record is remembered, which is one
// cut-off after its fate was final, and in a Kafka sink only while some record
// is under way there, because otherwise nothing is read. A lost job that comes
// back and replays is watched, since the records of that time are under way.
//
// Isolation. Kafka sinks are read as read_committed by default: what counts is
// when a consumer downstream may have the record, and for a transactional sink
// that is the commit, one checkpoint later.
//
// Clients. The producer and each sink have clients of their own: a long poll on
// a shared connection would delay the very acknowledgement that it measures.
package synthetic
