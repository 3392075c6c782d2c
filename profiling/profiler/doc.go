// Package profiler takes profiles of the processes of a Flink cluster. It starts Flink's
// own profiler over the REST API, reads the resulting page into a [flame.Tree], keeps the
// page and summarizes it. Which process, when and in which mode is decided by the package
// above.
//
// # A run
//
// [Profiler.Take] goes through
//
//	POST …/profiler              {"mode":"ITIMER","duration":30}
//	wait for the duration
//	GET  …/profiler              until the run is in the list as finished
//	GET  …/profiler/<file>       the page
//
// for the JobManager or one TaskManager. What is not obvious, all of it observed
// on Flink 1.20 and 2.3:
//
//   - The answer has no id and nothing cancels a run. A run is identified by its
//     trigger time and mode.
//   - 200 does not mean that it started: the answer's status does.
//   - The list lives in the memory of the process that was profiled. It is gone when
//     that restarts, and holds ten runs, including those of other clients.
//   - One process does one run at a time and answers 500 to a second one. Take
//     queues its own runs for a process, and waits for those of other clients to end.
//   - When a run cannot be stopped, because rest.profiling.dir does not exist or is
//     full, async-profiler continues to sample, and no further run can start until that
//     JVM restarts. Such a wedged process gets no request for an hour.
//   - A missing endpoint, a missing file and an unknown process differ in the text
//     of the answer, not in its status.
//
// Every result of a run has a name, an [Outcome], with advice for the operator; an
// [Error] holds one.
//
// # The vertex
//
// [Profiler.TakeVertex] reads the flame graph that Flink itself draws of a vertex,
// where it is configured to. It is made of thread samples, on and off the CPU, and
// needs no profiler. It shows whether a busy task works or waits, which an ITIMER
// profile does not.
package profiler
