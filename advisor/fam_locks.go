package advisor

var locks = rule{
	name:     "locks",
	category: LockContention,
	frames: pattern{
		"ObjectMonitor::*", "ObjectSynchronizer::*", "java.util.concurrent.locks.ReentrantLock.lock",
		"java.util.concurrent.locks.ReentrantLock$Sync.lock",
		"java.util.concurrent.locks.ReentrantReadWriteLock*", "java.util.concurrent.locks.StampedLock.*",
	},
	removable: span{low: 0.2, high: 0.8},
	judge:     costsCPU,
	what:      "contended locks",
	why:       "A task thread that must wait for another thread is as fast as that one.",
	change: "Keep what is shared between threads out of the path of every record: one client per subtask, " +
		"thread-safe counters without locks, hand over batches instead of records.",
	tradeOffs: "More memory and connections when clients are no longer shared.",
}
