package metricnames

// stateSpecs are the native metrics of RocksDB and ForSt, for each state of
// an operator. They are there where state.backend.rocksdb.metrics.* or
// state.backend.forst.metrics.* ask for them.
func stateSpecs() []Spec {
	v := OfVertex{Labels: []string{"operator", "state"}}
	total := func(name, key, help string) Spec {
		return Spec{key, wide, []Output{{v.Gauge("state_"+name, help+" Flink: sum of rocksdb "+key+"."), sum, asIs}}}
	}
	worst := func(name, key, help string) Spec {
		return Spec{key, wide, []Output{{v.Gauge("state_"+name, help+" Flink: max of rocksdb "+key+"."), most, asIs}}}
	}
	return []Spec{
		total("keys", "estimate-num-keys", "Keys in a state, as the store estimates them."),
		total("live_bytes", "estimate-live-data-size", "Bytes of live data in a state, as the store estimates them."),
		total("sst_bytes", "total-sst-files-size", "Bytes of all files of a state."),
		total("live_sst_bytes", "live-sst-files-size", "Bytes of the files of a state that hold its latest version."),
		total("memtable_bytes", "cur-size-all-mem-tables", "Bytes of a state in unflushed memtables."),
		total("immutable_memtables", "num-immutable-mem-table", "Memtables of a state that wait to be flushed."),
		total("readers_bytes", "estimate-table-readers-mem",
			"Memory for reading a state's files, without the block cache, as the store estimates it."),
		total("pending_compaction_bytes", "estimate-pending-compaction-bytes",
			"Bytes that compaction must rewrite, as the store estimates them."),
		total("running_compactions", "num-running-compactions", "Running compactions."),
		total("running_flushes", "num-running-flushes", "Running flushes."),
		total("background_errors", "background-errors", "Background errors of the store since it was opened."),
		worst("delayed_write_bytes_per_second", "actual-delayed-write-rate",
			"Rate to which the store limits writes; 0 without a limit. Of the subtask with most."),
		worst("write_stopped", "is-write-stopped", "1 if the store has stopped writes in a subtask, else 0."),
		worst("block_cache_capacity_bytes", "block-cache-capacity",
			"Size of the block cache. States of one slot may share one. Of the subtask with most."),
		worst("block_cache_usage_bytes", "block-cache-usage",
			"Bytes in the block cache. States of one slot may share one. Of the subtask with most."),
		worst("block_cache_pinned_bytes", "block-cache-pinned-usage",
			"Bytes in the block cache that cannot be evicted. Of the subtask with most."),
		worst("files_at_level0", "num-files-at-level0",
			"Files at level 0, of the subtask with most: many of them slow down reads and finally stop writes."),
	}
}
