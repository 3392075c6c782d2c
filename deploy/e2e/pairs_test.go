//go:build e2e

package e2e

import (
	"slices"
	"strings"
)

// pair is a value that both the sidecar and Flink's own Prometheus reporter
// have. The reporter has one sample for each subtask or process; the sidecar has
// one for each of whatever by names: the reporter's samples are taken together.
type pair struct {
	ours   string
	labels map[string]string // which of our series; those not named are free
	theirs string
	by     map[string]string // our label to theirs; nil = one series in all
	fold   fold
	scale  float64 // of theirs, to our unit; 0 = 1
	slack  float64 // how much a value may be outside of its neighbours, in our unit
	when   clock
}

// fold makes one value of those of several subtasks or processes.
type fold func([]float64) float64

func sum(values []float64) (total float64) {
	for _, v := range values {
		total += v
	}
	return total
}

func mean(values []float64) float64 { return sum(values) / float64(len(values)) }

const (
	percent, milli, nano = 1e-2, 1e-3, 1e-9
	// Values are floats on both sides, some of Flink's with half the digits, and
	// ratios have been divided.
	rounding = 1e-6
	// Buffers come and go from one millisecond to the next.
	buffers = 32
	// What reading a JVM's metrics costs in it, and a little more.
	megabytes = 8 << 20
	// The young generation of the stack's JVMs: at a hundred megabytes a second,
	// between two readings a heap has filled it and has been collected.
	eden = 128 << 20
)

var (
	byVertex = map[string]string{"vertex_id": "task_id"}
	byTM     = map[string]string{"taskmanager": "tm_id"}
)

// pairs is what is held against the reporter. Processing times are in Flink's
// gauges for five seconds each, so most of them must be equal to the digit.
var pairs = slices.Concat(
	[]pair{
		{ours: "flink_cluster_taskmanagers", theirs: "flink_jobmanager_numRegisteredTaskManagers", when: whenRead},
		{ours: "flink_cluster_slots", theirs: "flink_jobmanager_taskSlotsTotal", when: whenRead},
		{ours: "flink_cluster_slots_available", theirs: "flink_jobmanager_taskSlotsAvailable", when: whenRead},
		{ours: "flink_cluster_jobs", labels: map[string]string{"state": "running"}, theirs: "flink_jobmanager_numRunningJobs", when: whenRead},

		{ours: "flink_job_uptime_seconds", theirs: "flink_jobmanager_job_uptime", scale: milli, when: whenJob},
		{ours: "flink_job_restarts_total", theirs: "flink_jobmanager_job_numRestarts", when: whenJob},
		{ours: "flink_job_checkpoints_total", labels: map[string]string{"status": "completed"}, theirs: "flink_jobmanager_job_numberOfCompletedCheckpoints", when: whenRead},
		{ours: "flink_job_checkpoints_total", labels: map[string]string{"status": "failed"}, theirs: "flink_jobmanager_job_numberOfFailedCheckpoints", when: whenRead},
		{ours: "flink_job_last_checkpoint_duration_seconds", theirs: "flink_jobmanager_job_lastCheckpointDuration", scale: milli, when: whenRead},
		{ours: "flink_job_last_checkpoint_size_bytes", theirs: "flink_jobmanager_job_lastCheckpointSize", when: whenRead},
		{ours: "flink_job_last_checkpoint_state_size_bytes", theirs: "flink_jobmanager_job_lastCheckpointFullSize", when: whenRead},

		{ours: "flink_vertex_records_in_total", theirs: "flink_taskmanager_job_task_numRecordsIn", by: byVertex, when: whenAll},
		{ours: "flink_vertex_records_out_total", theirs: "flink_taskmanager_job_task_numRecordsOut", by: byVertex, when: whenAll},
		{ours: "flink_vertex_in_bytes_total", theirs: "flink_taskmanager_job_task_numBytesIn", by: byVertex, when: whenAll},
		{ours: "flink_vertex_out_bytes_total", theirs: "flink_taskmanager_job_task_numBytesOut", by: byVertex, when: whenAll},
		{ours: "flink_vertex_busy_ratio", theirs: "flink_taskmanager_job_task_busyTimeMsPerSecond", by: byVertex, fold: mean, scale: milli, when: whenAll},
		{ours: "flink_vertex_busy_ratio_max", theirs: "flink_taskmanager_job_task_busyTimeMsPerSecond", by: byVertex, fold: slices.Max[[]float64], scale: milli, when: whenAll},
		{ours: "flink_vertex_backpressured_ratio", theirs: "flink_taskmanager_job_task_backPressuredTimeMsPerSecond", by: byVertex, fold: mean, scale: milli, when: whenAll},
		{ours: "flink_vertex_idle_ratio", theirs: "flink_taskmanager_job_task_idleTimeMsPerSecond", by: byVertex, fold: mean, scale: milli, when: whenAll},
		{ours: "flink_vertex_pending_records", theirs: "flink_taskmanager_job_task_operator_pendingRecords", by: byVertex, slack: 40, when: whenAll},
	},
	vertices(),
	[]pair{
		// Flink takes the time to be busy until an idle span has ended, so this one falls
		// back by up to a second, many times a minute.
		{ours: "flink_vertex_busy_seconds_total", theirs: "flink_taskmanager_job_task_accumulateBusyTimeMs", by: byVertex, scale: milli, slack: 2, when: whenAll},
		{ours: "flink_job_downtime_seconds", theirs: "flink_jobmanager_job_downtime", scale: milli, when: whenJob},
		{ours: "flink_job_state_time_seconds", labels: map[string]string{"state": "RUNNING"}, theirs: "flink_jobmanager_job_runningTime", scale: milli, when: whenJob},
		{ours: "flink_job_checkpoints_triggered_total", theirs: "flink_jobmanager_job_totalNumberOfCheckpoints", when: whenRead},
		{ours: "flink_job_last_checkpoint_processed_bytes", theirs: "flink_jobmanager_job_lastCheckpointProcessedData", when: whenRead},
		{
			ours: "flink_source_kafka_offset", theirs: "flink_taskmanager_job_task_operator_KafkaSourceReader_topic_partition_currentOffset",
			by: map[string]string{"topic": "topic", "partition": "partition"}, when: whenAll,
		},
		{ours: "flink_tm_network_segments", theirs: "flink_taskmanager_Status_Shuffle_Netty_TotalMemorySegments", by: byTM, when: whenTaskManager},
		{ours: "flink_tm_network_segments_used", theirs: "flink_taskmanager_Status_Shuffle_Netty_UsedMemorySegments", by: byTM, slack: buffers, when: whenTaskManager},
		{ours: "flink_tm_network_segments_available", theirs: "flink_taskmanager_Status_Shuffle_Netty_AvailableMemorySegments", by: byTM, slack: buffers, when: whenTaskManager},
		{ours: "flink_tm_network_requested_ratio", theirs: "flink_taskmanager_Status_Shuffle_Netty_RequestedMemoryUsage", by: byTM, scale: percent, slack: 0.05, when: whenTaskManager},
	},
	jvm("flink_jm_", "flink_jobmanager_", nil, whenJobManager),
	jvm("flink_tm_", "flink_taskmanager_", byTM, whenTaskManager),
	[]pair{
		memory("flink_tm_memory_used_bytes", "managed", "flink_taskmanager_Status_Flink_Memory_Managed_Used", byTM, whenTaskManager),
		memory("flink_tm_memory_max_bytes", "managed", "flink_taskmanager_Status_Flink_Memory_Managed_Total", byTM, whenTaskManager),
		memory("flink_tm_memory_used_bytes", "network", "flink_taskmanager_Status_Shuffle_Netty_UsedMemory", byTM, whenTaskManager),
		memory("flink_tm_memory_max_bytes", "network", "flink_taskmanager_Status_Shuffle_Netty_TotalMemory", byTM, whenTaskManager),
		memory("flink_cluster_tm_memory_max_bytes", "network", "flink_taskmanager_Status_Shuffle_Netty_TotalMemory", nil, whenAll),
		memory("flink_cluster_tm_memory_max_bytes", "heap", "flink_taskmanager_Status_JVM_Memory_Heap_Max", nil, whenAll),
	},
)

// vertices is what is the sum, mean or maximum over the subtasks of a vertex.
func vertices() (list []pair) {
	for _, of := range []struct {
		ours, theirs string
		fold         fold
		scale        float64
	}{
		{"idle_seconds_total", "accumulateIdleTimeMs", sum, milli},
		{"backpressured_seconds_total", "accumulateBackPressuredTimeMs", sum, milli},
		{"hard_backpressured_ratio", "hardBackPressuredTimeMsPerSecond", mean, milli},
		{"soft_backpressured_ratio", "softBackPressuredTimeMsPerSecond", mean, milli},
		{"idle_ratio_max", "idleTimeMsPerSecond", slices.Max[[]float64], milli},
		{"checkpoint_start_delay_seconds_max", "checkpointStartDelayNanos", slices.Max[[]float64], nano},
		{"checkpoint_alignment_seconds_max", "checkpointAlignmentTime", slices.Max[[]float64], nano},
		{"initialization_seconds_max", "initializationTime", slices.Max[[]float64], milli},
		{"in_local_bytes_total", "Shuffle_Netty_Input_numBytesInLocal", sum, 1},
		{"in_remote_bytes_total", "Shuffle_Netty_Input_numBytesInRemote", sum, 1},
		{"out_buffers_total", "numBuffersOut", sum, 1},
		{"fired_timers_total", "numFiredTimers", sum, 1},
	} {
		list = append(list, pair{
			ours: "flink_vertex_" + of.ours, theirs: "flink_taskmanager_job_task_" + of.theirs,
			by: byVertex, fold: of.fold, scale: of.scale, when: whenAll,
		})
	}
	for ours, theirs := range map[string]string{"records_sent_total": "numRecordsSend", "sent_bytes_total": "numBytesSend", "send_errors_total": "numRecordsSendErrors"} {
		list = append(list, pair{ours: "flink_sink_" + ours, theirs: "flink_taskmanager_job_task_operator_" + theirs, by: byVertex, when: whenAll})
	}
	return list
}

// jvm is what JobManager and TaskManagers have alike.
func jvm(ours, theirs string, by map[string]string, when clock) []pair {
	list := []pair{
		{ours: ours + "cpu_seconds_total", theirs: theirs + "Status_JVM_CPU_Time", by: by, scale: nano, when: when},
		{ours: ours + "threads", theirs: theirs + "Status_JVM_Threads_Count", by: by, slack: 4, when: when},
		memory(ours+"memory_used_bytes", "heap", theirs+"Status_JVM_Memory_Heap_Used", by, when),
		memory(ours+"memory_max_bytes", "heap", theirs+"Status_JVM_Memory_Heap_Max", by, when),
		memory(ours+"memory_used_bytes", "non_heap", theirs+"Status_JVM_Memory_NonHeap_Used", by, when),
		memory(ours+"memory_used_bytes", "metaspace", theirs+"Status_JVM_Memory_Metaspace_Used", by, when),
		memory(ours+"memory_used_bytes", "direct", theirs+"Status_JVM_Memory_Direct_MemoryUsed", by, when),
		{ours: ours + "classes_loaded_total", theirs: theirs + "Status_JVM_ClassLoader_ClassesLoaded", by: by, slack: 50, when: when},
		{ours: ours + "buffers", labels: map[string]string{"pool": "direct"}, theirs: theirs + "Status_JVM_Memory_Direct_Count", by: by, slack: 4, when: when},
		memory(ours+"memory_committed_bytes", "heap", theirs+"Status_JVM_Memory_Heap_Committed", by, when),
		memory(ours+"memory_used_bytes", "mapped", theirs+"Status_JVM_Memory_Mapped_MemoryUsed", by, when),
	}
	for _, gc := range []string{"Copy", "MarkSweepCompact"} { // of the stack's JVMs
		labels := map[string]string{"gc": gc}
		list = append(list,
			pair{ours: ours + "gc_collections_total", labels: labels, theirs: theirs + "Status_JVM_GarbageCollector_" + gc + "_Count", by: by, when: when},
			pair{ours: ours + "gc_seconds_total", labels: labels, theirs: theirs + "Status_JVM_GarbageCollector_" + gc + "_Time", by: by, scale: milli, when: when})
	}
	return list
}

func memory(ours, area, theirs string, by map[string]string, when clock) pair {
	slack := float64(megabytes)
	switch {
	case strings.Contains(ours, "_max_"):
		slack = 0
	case area == "heap":
		slack = eden
	}
	return pair{ours: ours, labels: map[string]string{"area": area}, theirs: theirs, by: by, slack: slack, when: when}
}
