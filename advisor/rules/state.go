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
	Judge:     cause.CostsCPU,
	Settings:  []string{"state.backend", "memory.managed"},
	What:      "keyed state in RocksDB or ForSt",
	Why:       "Every access serializes the key and the value, and reads that miss its caches go to files.",
	Change: "Read and write each state once per record, prefer ValueState with one object over several, avoid " +
		"iterating over MapState, give the backend more memory (taskmanager.memory.managed.fraction), or set " +
		"state.backend.type: hashmap where the state fits into the heap.",
	TradeOffs: "The heap backend needs memory and has no incremental checkpoints; more managed memory leaves " +
		"less for tasks.",
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
	Judge:     cause.CostsCPU,
	Settings:  []string{"state.backend", "execution.checkpointing"},
	What:      "keyed state on the heap",
	Why: "Every access hashes and compares the key, and while a checkpoint runs the first change of an entry " +
		"copies it.",
	Change: "Read and write each state once per record, give keys a cheap hashCode and equals, keep the objects in " +
		"state small, avoid iterating over MapState, and let a time to live clean up in the background and not at " +
		"each access.",
	TradeOffs: "Fewer, larger state objects are copied and written as a whole.",
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
}
