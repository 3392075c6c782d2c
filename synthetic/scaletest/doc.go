// Package scaletest is the repeatable scale test: iterations of many records through the
// real job, each counted and timed at every sink. docs/scaletest.md is the guide for users.
//
// # An iteration
//
//  1. The payloads are rendered, with a seed that is never used again ([synthetic.NewSeed]).
//  2. The clock starts. The sender hands each record to the producer when it is due
//     (package load, sender.go). With a rate this is an open loop: a record that can't be sent
//     within a grace is not sent at all.
//  3. Each sink writes what it sees into the ledger: a Kafka topic and a directory record by
//     record, an index as a count.
//  4. When every sink shows every record, or none has shown a further one for the cutoff,
//     the sinks settle: an index is read once, so that the ledger is exact.
//  5. The ledger becomes an [scalerun.Iteration] (result.go), which is stored.
//  6. The documents of the iteration are removed.
//
// # Structure
//
// The ledger is the account: no clock, no I/O, so that tests can check it alone. A [sink] is
// a kind of place where the job writes; its kinds are stream (Kafka), indexSink
// (Elasticsearch) and fileSink (a directory), and openSink lists them. [Test] runs the
// iterations. It knows neither Flink nor the history: its caller passes the deployment and
// the environment in [Subject], reads the machines ([Machine]) and keeps the result. Package
// figures makes numbers and verdicts of the account.
//
// The search for the sustainable rate (sustain.go) runs trials, which are iterations whose
// backlog is sampled. Package limit judges the line through the backlog by its interval, and
// chooses the next rate by what a trial says about the limit.
//
// # Design decisions
//
// Latencies count from the planned send, never from the real one. Otherwise a pipeline that
// stands still is measured with the few records that were sent meanwhile.
//
// The ledger, not Kafka's consumer lag, decides what arrived: a transactional sink, a lost
// record and a duplicate all look the same to a lag.
//
// A test is of one deployment. It ends when the job gets another id, because its iterations would
// count under the wrong one. Readings of the machines (cost.go) say when they were made: a
// difference with a part of another iteration in it is unknown.
//
// An index is counted while the test runs, not searched for each record: a search for each
// of a hundred thousand records would be a load of its own.
package scaletest
