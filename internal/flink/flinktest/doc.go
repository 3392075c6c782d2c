// Package flinktest is a JobManager for tests: an HTTP server that replays the
// answers a real Flink gave, one folder of testdata per version, and can be
// made to fail in the ways a real one does. Tests speak to it through the real
// client; nothing is mocked behind an interface.
//
//	server := flinktest.New(t, flinktest.Flink23)
//	client, err := flink.New(flink.Config{URL: server.URL, …})
//	server.Break(flinktest.Hang)
//
// # What is captured and what is not
//
// The files are answers of Flink 2.3.0 with two TaskManagers and of 1.20.5
// with one, both running the same job "orders enrichment" of two vertices at
// parallelism 4; INDEX.tsv says which path gave which file. Documents are
// served as they are. The metrics endpoints are served from a [store] filled
// from the captures, because which names a request asks for is the client's
// choice. The store keeps to the rules of the real one: values are one fetch
// old, a name that no process reports empties an aggregated answer, non-aggregated
// values are strings, a URL of more than 4,083 bytes is not found.
//
// The histories of a job that failed ([Failures]) are of 2.3.0 and serve for
// both: [Server.Fail] replaces the empty ones.
//
// Two gaps are filled. A listed metric of a vertex without a captured value is 0. And in
// the 2.3.0 capture only one TaskManager's metrics were captured completely: the other
// has the same, except where the captured sum over both shows a difference.
//
// # Time
//
// The cluster runs by the clock of [Server.SetNow], at first the real one.
// When a fetch falls due, counters have grown at their captured rate, and
// the processes have used CPU.
package flinktest
