package signal

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// The metrics that tell runs, epochs and processes apart.
const (
	infoMetric     = "flink_job_info"
	restartsMetric = "flink_job_restarts_total"
	cpuMetric      = "flink_tm_cpu_seconds_total"
)

// needsProbe is what the signals of synthetic records need.
const needsProbe = "the section probe"

// table is the closed list of signals.
var table = []Row{
	{
		Name: snapshot.CheckpointDuration, Words: "checkpoint duration", Unit: snapshot.Seconds, Scope: Run,
		Subject: OfJob, Metric: "flink_job_last_checkpoint_duration_seconds", Event: "flink_job_last_checkpoint_age_seconds",
		From:  "end-to-end duration of completed checkpoints; at least the time that one in progress has run",
		Needs: "a job with checkpoints",
	},
	{
		Name: snapshot.CheckpointSize, Words: "checkpoint size", Unit: snapshot.Bytes, Scope: Run,
		Subject: OfJob, Metric: "flink_job_last_checkpoint_state_size_bytes", Event: "flink_job_last_checkpoint_age_seconds",
		From:  "full size of completed checkpoints",
		Needs: "a job with checkpoints",
	},
	{
		Name: "checkpoint-failures", Words: "failed checkpoints in a row", Plural: true, Unit: snapshot.Count, Scope: Epoch,
		Subject: OfJob, Metric: "flink_job_checkpoint_failures_in_a_row",
		From: "checkpoints that failed since the last completed one",
	},
	{
		Name: "checkpoint-age", Words: "age of the last checkpoint", Unit: snapshot.Seconds, Scope: Run,
		Subject: OfJob, Metric: "flink_job_last_checkpoint_age_seconds",
		From:  "time since the last checkpoint completed, by the JobManager's clock",
		Needs: "a job with checkpoints",
	},
	{
		Name: snapshot.HeapUsed, Words: "heap after garbage collection", Unit: snapshot.Bytes, Scope: Process,
		SawTooth: true, Subject: OfProcess, Metric: "flink_tm_memory_used_bytes",
		Select: map[string]string{"area": "heap"}, Max: "flink_tm_memory_max_bytes",
		From: "used heap of a TaskManager; the level is the lowest value of a twelfth of the window, the line goes through " +
			"the values after each fall, if these are more",
	},
	{
		Name: "metaspace-used", Words: "metaspace", Unit: snapshot.Bytes, Scope: Process, Subject: OfProcess,
		Metric: "flink_tm_memory_used_bytes", Select: map[string]string{"area": "metaspace"},
		Max: "flink_tm_memory_max_bytes", From: "used metaspace of a TaskManager",
	},
	{
		Name: "direct-memory-used", Words: "direct memory", Unit: snapshot.Bytes, Scope: Process,
		SawTooth: true, Subject: OfProcess, Metric: "flink_tm_memory_used_bytes",
		Select: map[string]string{"area": "direct"},
		From:   "memory of direct buffers of a TaskManager; Flink does not say its limit",
	},
	{
		Name: "managed-memory-used", Words: "managed memory", Unit: snapshot.Bytes, Scope: Process, Subject: OfProcess,
		Metric: "flink_tm_memory_used_bytes", Select: map[string]string{"area": "managed"},
		Max: "flink_tm_memory_max_bytes", From: "managed memory that is reserved in a TaskManager; RocksDB reserves all",
	},
	{
		Name: "gc-share", Words: "share of time in garbage collection", Unit: snapshot.Ratio, Scope: Process,
		Subject: OfProcess, Metric: "flink_tm_gc_seconds_total", Sum: true, Over: 5 * time.Minute,
		From: "time in all garbage collectors of a TaskManager, over 5 min",
	},
	{
		Name: "file-descriptors", Words: "open file descriptors", Plural: true, Unit: snapshot.Count, Scope: Process,
		Subject: OfProcess, Metric: "flink_tm_file_descriptors_open", Max: "flink_tm_file_descriptors_limit",
		From: "open file descriptors of a TaskManager", Needs: "Flink 2 and later",
	},
	{
		Name: "rocksdb-size", Words: "size of the RocksDB files", Unit: snapshot.Bytes, Scope: Run, Subject: OfJob,
		Metric: "flink_state_sst_bytes", Sum: true,
		From:  "size of the SST files of all states of a job",
		Needs: "RocksDB's metrics, which the job must switch on",
	},
	{
		Name: "pending-records", Words: "records that wait at the source", Plural: true, Unit: snapshot.Records, Scope: Run,
		Subject: OfVertex, Metric: "flink_vertex_pending_records",
		From: "backlog of a source outside Flink", Needs: "a source that says its backlog",
	},
	{
		Name: "source-lag", Words: "time to read the backlog", Unit: snapshot.Seconds, Scope: Run, Subject: OfVertex,
		Metric: "flink_vertex_source_lag_seconds",
		From:   "backlog of a source divided by its present rate", Needs: "a source that says its backlog",
	},
	{
		Name: "retention-left", Words: "time until unread records are deleted", Unit: snapshot.Seconds, Scope: Epoch,
		Subject: OfVertex, Metric: "flink_vertex_retention_left_seconds", Max: "flink_vertex_retention_seconds",
		From:  "retention of the source's topic minus the age of the oldest record that is not read",
		Needs: "a probe: only its topic is read", Probes: true,
	},
	{
		Name: "watermark-lag", Words: "watermark lag", Unit: snapshot.Seconds, Scope: Run, Subject: OfVertex,
		Metric: "flink_vertex_watermark_lag_seconds",
		From:   "the JobManager's clock minus the lowest watermark of a vertex", Needs: "a job with watermarks",
	},
	{
		Name: "headroom", Words: "headroom", Unit: snapshot.Ratio, Scope: Run, Subject: OfJob,
		Metric: "flink_job_headroom_ratio", Bent: true,
		From: "by how much the input can grow until a subtask is busy all the time; below 0 the job falls behind",
	},
	{
		Name: "backpressure", Words: "backpressure", Unit: snapshot.Ratio, Scope: Run, Subject: OfVertex,
		Metric: "flink_vertex_backpressured_ratio",
		From:   "share of time in which the subtasks of a vertex wait for the next vertex, mean",
	},
	{
		Name: "backpressure-spread", Words: "spread of backpressure", Unit: snapshot.Ratio, Scope: Run, Subject: OfJob,
		Metric: "flink_job_backpressure_spread_ratio",
		From:   "mean share of time in which the vertices upstream of the one that limits the job wait; 0 while none limits it",
	},
	{
		Name: "capacity", Words: "capacity", Unit: snapshot.RecordsPerSecond, Scope: Run, Subject: OfJob,
		Metric: "flink_job_capacity_records_per_second",
		From:   "the input in records per second at which a subtask is busy all the time",
	},
	{
		Name: "restarts", Words: "restarts per hour", Plural: true, Unit: snapshot.Count, Scope: Epoch, Subject: OfJob,
		Metric: restartsMetric, Over: 30 * time.Minute, Per: 3600,
		From: "restarts of a job, over 30 min",
	},
	{
		// Not the 99th percentile: by default the probe sends 60 records of a partition in 10 min, and
		// then one slow record would be the value.
		Name: "probe-latency", Words: "p95 latency of the probe", Unit: snapshot.Seconds, Scope: Epoch, Subject: OfProbe,
		Metric: "flink_sidecar_probe_latency_seconds_bucket", Quantile: 0.95, Over: 10 * time.Minute,
		From:  "95th percentile of the latency of synthetic records at the slowest hop, over 10 min",
		Needs: needsProbe, Probes: true,
	},
	{
		Name: "probe-late", Words: "share of late probe records", Unit: snapshot.Ratio, Scope: Epoch, Subject: OfProbe,
		Metric: "flink_sidecar_probe_records_total", Select: map[string]string{"outcome": "late"},
		Of: "flink_sidecar_probe_records_total", Sum: true, Over: 30 * time.Minute,
		From:  "late ones of all synthetic records with a final outcome, over 30 min",
		Needs: needsProbe, Probes: true,
	},
	{
		Name: "probe-lost", Words: "share of lost probe records", Unit: snapshot.Ratio, Scope: Epoch, Subject: OfProbe,
		Metric: "flink_sidecar_probe_records_total", Select: map[string]string{"outcome": "lost"},
		Of: "flink_sidecar_probe_records_total", Sum: true, Over: 30 * time.Minute,
		From:  "lost ones of all synthetic records with a final outcome, over 30 min",
		Needs: needsProbe, Probes: true,
	},
	{
		Name: "late-records", Words: "late records dropped per second", Plural: true, Unit: snapshot.RecordsPerSecond, Scope: Run,
		Subject: OfVertex, Metric: "flink_operator_late_records_dropped_total", Sum: true, Over: 10 * time.Minute,
		From:  "records that windows dropped because they came after the watermark, over 10 min",
		Needs: "a job with windows",
	},
}
