// Package profiling finds out what a process of Flink is doing, when something is wrong
// with a job. The planner chooses the process, the modes and whether to profile at all;
// a session takes the profiles, measures what they cost, and breaks their samples down by
// kind of work. The package profiler below it speaks to Flink.
//
// # Target selection, guards and budget
//
// Profiling costs the job a little, so automatic profiles are limited: [Budget] holds
// how many runs a day are allowed and how long a vertex has none. A person's explicit
// request does not count. Of all processes, [profiler.Busiest] picks the one whose profile
// is most useful, and [Symptom.Modes] the modes. After the loss of a process
// [Budget.LockOut] stops automatic profiles of its vertex, and [profiler.WallIsSafe] says
// where no crash is known of sampling by wall clock.
//
// # What is kept
//
// [pagestore.Store] keeps pages as Flink delivered them, compressed, in files named by
// their hash, by which history refers to them. [pagestore.Retention] removes the oldest.
// The page holds names from the job's JVM and can carry scripts; this package never
// displays it.
package profiling
