package rules

import (
	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// diskState is state in a backend that keeps it outside the heap.
var diskState = cause.Rule{
	Name:     "state",
	Category: cause.StateAccess,
	Frames: cause.Pattern{
		"org.rocksdb.*", "rocksdb::*", "org.apache.flink.state.rocksdb.*",
		"org.apache.flink.contrib.streaming.state.*", "org.apache.flink.state.forst.*", "org.forstdb.*",
	},
	Removable: cause.Span{Low: 0.1, High: 0.5},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "Half of the accesses at most are repeated or iterate, and a larger cache saves a part.",
	},
	Judge:    cause.CostsCPU,
	Settings: []string{"state.backend", "memory.managed"},
	What:     "keyed state in RocksDB or ForSt",
	Why:      "Every access serializes the key and the value, and reads that miss its caches go to files.",
	Change: "Read and write each state once per record, prefer ValueState with one object over several, avoid " +
		"iterating over MapState, give the backend more memory (taskmanager.memory.managed.fraction), or set " +
		"state.backend.type: hashmap (in older versions state.backend) where the state fits into the heap.",
	TradeOffs: "The heap backend needs memory and has no incremental checkpoints; more managed memory leaves " +
		"less for tasks.",
	Parts:     diskStateParts,
	Reference: docsFlink + "ops/state/large_state_tuning/",
}

// joinBuffers is the state of joins, in any backend.
var joinBuffers = cause.Part{
	Frames: cause.Pattern{
		"org.apache.flink.streaming.api.operators.co.IntervalJoinOperator.*",
		"org.apache.flink.table.runtime.operators.join.interval.*", "org.apache.flink.table.runtime.operators.join.stream.*",
	},
	What: "what a join keeps of both sides",
	Change: "Keep less: make the interval of an interval join as short as the lateness allows, give a join of unbounded " +
		"streams a time to live (table.exec.state.ttl), filter and project before the join, and let watermarks advance on " +
		"both sides, or nothing is removed.",
	TradeOffs: "What is removed early is not joined with a record that comes late.",
}

// diskStateParts are ordered: a write that stalls is also a write, and a join walks through its
// state.
var diskStateParts = []cause.Part{
	{
		Frames: cause.Pattern{"rocksdb::DBImpl::DelayWrite*", "rocksdb::WriteController::*", "rocksdb::WriteThread::Await*"},
		What:   "writes that RocksDB holds back, because flushes and compactions do not keep up",
		Change: "Give RocksDB more threads (state.backend.rocksdb.thread.num), more memory for writes " +
			"(taskmanager.memory.managed.fraction, state.backend.rocksdb.memory.write-buffer-ratio) and a fast local disk " +
			"(state.backend.rocksdb.localdir), and write less state for each record.",
	},
	joinBuffers,
	{
		Frames: cause.Pattern{
			"org.rocksdb.RocksIterator.*", "org.rocksdb.AbstractRocksIterator.*", "rocksdb::DBIter::*", "*RocksDBMapIterator*",
			"*RocksDBMapEntry*", "org.apache.flink.contrib.streaming.state.RocksIteratorWrapper.*",
			"org.apache.flink.state.rocksdb.RocksIteratorWrapper.*",
		},
		What: "iterators",
		Change: "Do not walk through a MapState or a list of timers for each record: keep what is asked for (a sum, the newest, " +
			"the first due) in a ValueState of its own, use get and put with a known key, and keep maps of one key small.",
		TradeOffs: "What is kept beside the map must be changed together with it.",
	},
	{
		Frames: cause.Pattern{"*.RocksDBListState.*", "*.ListDelimitedSerializer.*", "rocksdb::MergeHelper::*"},
		What:   "list state",
		Change: "A list is read and deserialized as a whole: aggregate while records arrive (AggregatingState, ReducingState) " +
			"instead of collecting them, use a MapState with a key per entry where single entries are needed, and clear what is " +
			"finished.",
		TradeOffs: "An aggregate forgets the single records.",
	},
	{
		Frames: cause.Pattern{"*InternalTimerServiceImpl.*", "*RocksDBCachingPriorityQueueSet.*", "*TimerHeapInternalTimer*"},
		What:   "timers",
		Change: "Set fewer timers: round their times up (to a second or a minute) so that many records share one, and set a " +
			"timer only if none is set. Where they fit into memory set state.backend.rocksdb.timer-service.factory: HEAP.",
		TradeOffs: "Rounded timers fire later; timers on the heap are written whole in the synchronous part of each " +
			"checkpoint.",
	},
	{
		Frames: cause.Pattern{"*.state.ttl.*"},
		What:   "the time to live of state",
		Change: "Let entries expire in the background (StateTtlConfig.cleanupInRocksdbCompactFilter) and update the time only " +
			"when an entry is written (OnCreateAndWrite), not on each read.",
		TradeOffs: "What is read but not written expires too.",
	},
}

// heapState is state on the heap: advice about RocksDB does not apply.
var heapState = cause.Rule{
	Name:     "heap-state",
	Category: cause.StateAccess,
	Frames: cause.Pattern{
		"org.apache.flink.runtime.state.heap.*", "org.apache.flink.runtime.state.ttl.*",
		"org.apache.flink.runtime.state.UserFacing*", "org.apache.flink.state.changelog.*",
	},
	Removable: cause.Span{Low: 0.1, High: 0.4},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "As for state on disk, but there is no serialization that could be saved.",
	},
	Judge:    cause.CostsCPU,
	Settings: []string{"state.backend", "execution.checkpointing"},
	What:     "keyed state on the heap",
	Why: "Every access hashes and compares the key, and while a checkpoint runs the first change of an entry " +
		"copies it.",
	Change: "Read and write each state once per record, give keys a cheap hashCode and equals, keep the objects in " +
		"state small, avoid iterating over MapState, and let a time to live clean up in the background and not at " +
		"each access.",
	TradeOffs: "Fewer, larger state objects are copied and written as a whole.",
	Parts:     []cause.Part{joinBuffers},
	Reference: docsFlink + "ops/state/state_backends/",
}

var stateGrowth = cause.Rule{
	Name:     "state-growth",
	Category: cause.StateGrowth,
	Judge:    grows(evidence.SignalCheckpointSize, evidence.SignalCheckpointDuration),
	Settings: []string{"ttl", "state.backend", "execution.checkpointing"},
	Signals:  []string{evidence.SignalCheckpointSize, evidence.SignalCheckpointDuration},
	Why: "Keyed state that is never removed grows with every new key; checkpoints, recovery and rescaling grow " +
		"with it.",
	Change: "Give the state a time to live (StateTtlConfig with cleanup in the background, table.exec.state.ttl " +
		"for SQL), clear it by timers when a key is finished, or aggregate into windows.",
	TradeOffs: "What has expired is forgotten: a key that comes back later starts anew. Choose the time with " +
		"whoever owns the result.",
	Reference: docsFlink + "dev/datastream/fault-tolerance/state/#state-time-to-live-ttl",
}
