// Package profiling asks Flink what a process is doing. It takes a run of Flink's
// own profiler over the REST API, reads the page that comes of it into a
// [flame.Tree], keeps the page and summarises it.
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
//   - The answer has no id and nothing cancels a run. The run is known again by its
//     trigger time and mode.
//   - 200 does not mean that it started: the answer's status does.
//   - The list lives in the memory of the process that was profiled. It is gone when
//     that restarts, and holds ten runs, other people's among them.
//   - One process does one run at a time and answers 500 to a second one. Take
//     queues its own runs for a process, and waits for a stranger's to end.
//   - When a run can't be stopped, because rest.profiling.dir does not exist or is
//     full, async-profiler goes on sampling, and no further run can start until that
//     JVM restarts. A process that is wedged so is not asked again for an hour.
//   - A missing endpoint, a missing file and an unknown process are told apart by
//     the text of the answer, not by its status.
//
// Everything that can come of a run has a name, an [Outcome], with advice for the
// operator; an [Error] bears one.
//
// # The vertex
//
// [Profiler.TakeVertex] reads the flame graph that Flink itself draws of a vertex,
// where it is configured to. It is made of thread samples, on and off the CPU, and
// costs no profiler: what an ITIMER profile leaves open, whether a busy task works
// or waits, it answers.
//
// # Care
//
// Profiling costs the job a little, so it is rationed: [Budget] holds how many runs
// a day are allowed and how long a vertex is left alone. It is asked by whoever
// decides to profile; a person's explicit wish goes past it. Of all processes,
// [Busiest] picks the one whose profile says most, and [Symptom.Modes] what to look
// at in it. After the loss of a process [Budget.LockOut] leaves its vertex alone, and
// [WallIsSafe] says where sampling by wall clock is known not to end a JVM.
//
// # What is kept
//
// [Store] keeps pages as Flink delivered them, compressed, in files named by their
// hash: history refers to them by it. [Retention] removes the oldest. The page holds names from the job's JVM and
// can carry scripts; nothing here shows it to anyone.
package profiling
