package advisor

var state = rule{
	name:     "state",
	category: StateAccess,
	frames: pattern{
		"org.rocksdb.*", "rocksdb::*", "org.apache.flink.state.rocksdb.*",
		"org.apache.flink.contrib.streaming.state.*", "org.apache.flink.state.forst.*", "org.forstdb.*",
		"org.apache.flink.runtime.state.heap.*", "org.apache.flink.runtime.state.ttl.*",
		"org.apache.flink.runtime.state.UserFacing*", "org.apache.flink.state.changelog.*",
	},
	removable: span{low: 0.1, high: 0.5},
	judge:     costsCPU,
	settings:  []string{"state.backend", "memory.managed"},
	what:      "keyed state",
	why:       "With RocksDB every access serializes the key, and reads that miss its caches go to files.",
	change: "Read and write each state once per record, prefer ValueState with one object over several, avoid " +
		"iterating over MapState, give RocksDB more managed memory, or use the heap backend where state fits.",
	tradeOffs: "The heap backend needs memory and has no incremental checkpoints; more managed memory leaves " +
		"less for tasks.",
}

var stateGrowth = rule{
	name:     "state-growth",
	category: StateGrowth,
	judge:    grows(SignalCheckpointSize, SignalCheckpointDuration),
	settings: []string{"ttl", "state.backend", "execution.checkpointing"},
	why: "Keyed state that is never removed grows with every new key; checkpoints, recovery and rescaling grow " +
		"with it.",
	change: "Give the state a time to live (StateTtlConfig with cleanup in the background, table.exec.state.ttl " +
		"for SQL), clear it by timers when a key is finished, or aggregate into windows.",
	tradeOffs: "What has expired is forgotten: a key that comes back later starts anew. Choose the time with " +
		"whoever owns the result.",
}
