package rules

import "github.com/flink-sidecar/flink-sidecar/advisor/cause"

var locks = cause.Rule{
	Name:     "locks",
	Category: cause.LockContention,
	Frames: cause.Pattern{
		"ObjectMonitor::*", "ObjectSynchronizer::*", "java.util.concurrent.locks.ReentrantLock.lock",
		"java.util.concurrent.locks.ReentrantLock$Sync.lock",
		"java.util.concurrent.locks.ReentrantReadWriteLock*", "java.util.concurrent.locks.StampedLock.*",
	},
	Removable: cause.Span{Low: 0.2, High: 0.8},
	Judge:     cause.CostsCPU,
	What:      "contended locks",
	Why:       "A task thread that must wait for another thread is as fast as that one.",
	Change: "Keep what is shared between threads out of the path of every record: one client per subtask, " +
		"thread-safe counters without locks, hand over batches instead of records.",
	TradeOffs: "More memory and connections when clients are no longer shared.",
	Reference: docsJDK + "java/util/concurrent/locks/package-summary.html",
}
