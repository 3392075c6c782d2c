// Package snapshot is the vocabulary of one poll: what a Flink cluster, its jobs, their
// vertices and subtasks, its checkpoints and TaskManagers are like at one moment, and
// where a signal is heading.
//
// The collector writes these values, the alerts write [Trend], and every other stage reads
// them. They are plain data: no I/O, no locks, nothing of Flink's wire format. A nil
// pointer is an unknown value; it never means zero.
package snapshot
