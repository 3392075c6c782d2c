// Package snapshot defines the result of one poll: the state of a Flink cluster, its jobs,
// their vertices and subtasks, its checkpoints and TaskManagers at one moment, and the
// trends of their signals.
//
// The collector writes these values, the alerts write [Trend], and all other stages
// read them. They are plain data without I/O and locks, and independent of Flink's wire
// format. A nil pointer is an unknown value; it never means zero.
package snapshot
