package collector

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"
)

// Family is one metric of the page.
type Family struct {
	Name string
	// Help names where in Flink the value comes from.
	Help string
	// Labels are the names of its labels, the cluster first.
	Labels []string

	kind prometheus.ValueType
	desc *prometheus.Desc
}

// Counter reports whether the metric is a counter; otherwise it is a gauge.
func (f *Family) Counter() bool { return f.kind == prometheus.CounterValue }

func gauge(name, help string, labels ...string) *Family {
	return newFamily(prometheus.GaugeValue, name, help, labels)
}

func counter(name, help string, labels ...string) *Family {
	return newFamily(prometheus.CounterValue, name, help, labels)
}

func newFamily(kind prometheus.ValueType, name, help string, labels []string) *Family {
	labels = append([]string{"cluster"}, labels...)
	return &Family{Name: name, Help: help, Labels: labels, kind: kind, desc: prometheus.NewDesc(name, help, labels, nil)}
}

// families is everything the page can hold. The prefixes flink_jobmanager_ and
// flink_taskmanager_ belong to Flink's own reporter: ours are flink_jm_ and
// flink_tm_.
type families struct {
	cluster clusterFamilies
	process processFamilies
	job     jobFamilies
	vertex  vertexFamilies
}

type clusterFamilies struct {
	info, taskManagers, slots, slotsAvailable, jobs *Family
	memoryUsed, memoryUsedMax, memoryMax, threads   *Family
}

// processFamilies are those of the JobManager and of each TaskManager.
type processFamilies struct{ jobManager, taskManager jvmFamilies }

type jvmFamilies struct {
	cpu, memoryUsed, memoryMax, gcTime, gcCount, threads, slots, slotsFree *Family
}

type jobFamilies struct {
	up, info, state, start, uptime, restarts, sourceRecords     *Family
	checkpoints, inProgress, duration, size, stateSize, lastAge *Family
}

type vertexFamilies struct {
	parallelism                                                   *Family
	busy, busyMax, idle, idleMax, backpressured, backpressuredMax *Family
	recordsIn, recordsOut, bytesIn, bytesOut, pending             *Family
}

func newFamilies() *families {
	return &families{
		cluster: newClusterFamilies(),
		process: processFamilies{
			jobManager:  newJVMFamilies("flink_jm_", "the JobManager"),
			taskManager: newTaskManagerFamilies(),
		},
		job:    newJobFamilies(),
		vertex: newVertexFamilies(),
	}
}

func newClusterFamilies() clusterFamilies {
	const over = " Flink: /taskmanagers/metrics, "
	return clusterFamilies{
		info:           gauge("flink_cluster_info", "Always 1; the label is Flink's version. Flink: /overview.", "version"),
		taskManagers:   gauge("flink_cluster_taskmanagers", "Registered TaskManagers. Flink: /overview."),
		slots:          gauge("flink_cluster_slots", "Task slots of all TaskManagers. Flink: /overview."),
		slotsAvailable: gauge("flink_cluster_slots_available", "Task slots in which nothing runs. Flink: /overview."),
		jobs:           gauge("flink_cluster_jobs", "Jobs the JobManager knows; running are all that have not ended. Flink: /overview.", "state"),
		memoryUsed:     gauge("flink_cluster_tm_memory_used_bytes", "Memory used in an area, summed over all TaskManagers. Areas overlap."+over+"sum of Status.*.Used.", "area"),
		memoryUsedMax:  gauge("flink_cluster_tm_memory_used_bytes_max", "Memory used in an area by the TaskManager that uses most."+over+"max of Status.*.Used.", "area"),
		memoryMax:      gauge("flink_cluster_tm_memory_max_bytes", "Limit of an area of memory, summed over all TaskManagers."+over+"sum of Status.*.Max or Total.", "area"),
		threads:        gauge("flink_cluster_tm_threads", "Live threads of all TaskManagers."+over+"sum of Status.JVM.Threads.Count."),
	}
}

func newTaskManagerFamilies() jvmFamilies {
	f := newJVMFamilies("flink_tm_", "a TaskManager", "taskmanager")
	f.slots = gauge("flink_tm_slots", "Task slots of a TaskManager. Flink: /taskmanagers slotsNumber.", "taskmanager")
	f.slotsFree = gauge("flink_tm_slots_free", "Task slots of a TaskManager in which nothing runs. Flink: /taskmanagers freeSlots.", "taskmanager")
	return f
}

func newJVMFamilies(prefix, process string, labels ...string) jvmFamilies {
	with := func(label string) []string { return append(slices.Clone(labels), label) }
	return jvmFamilies{
		cpu:        counter(prefix+"cpu_seconds_total", "CPU time used by the JVM of "+process+". Flink: Status.JVM.CPU.Time, in nanoseconds.", labels...),
		memoryUsed: gauge(prefix+"memory_used_bytes", "Memory used in an area by "+process+". Areas overlap: metaspace is part of non_heap. Flink: Status.*.Used or UsedMemory.", with("area")...),
		memoryMax:  gauge(prefix+"memory_max_bytes", "Limit of an area of memory of "+process+". Flink: Status.*.Max, Total or TotalMemory.", with("area")...),
		gcTime:     counter(prefix+"gc_seconds_total", "Time spent by a garbage collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Time, in milliseconds.", with("gc")...),
		gcCount:    counter(prefix+"gc_collections_total", "Collections done by a garbage collector in "+process+". Flink: Status.JVM.GarbageCollector.*.Count.", with("gc")...),
		threads:    gauge(prefix+"threads", "Live threads of "+process+". Flink: Status.JVM.Threads.Count.", labels...),
	}
}

func newJobFamilies() jobFamilies {
	const checkpoints = " Flink: /jobs/:jobid/checkpoints "
	return jobFamilies{
		up:            gauge("flink_job_up", "1 if the job is RUNNING, 0 if it is in another state or Flink has forgotten it. Flink: /jobs/overview state.", "job"),
		info:          gauge("flink_job_info", "Always 1; the labels are the id of the present run and the epoch of software and settings. Flink: /jobs/overview jid.", "job", "job_id", "epoch"),
		state:         gauge("flink_job_state", "Always 1; the label is the present state, GONE for a job that Flink has forgotten. Flink: /jobs/overview state.", "job", "state"),
		start:         gauge("flink_job_start_time_seconds", "When the present run was submitted, in Unix time of the JobManager. Flink: /jobs/overview start-time.", "job"),
		uptime:        gauge("flink_job_uptime_seconds", "How long the job has run without interruption. Flink: job metric uptime, in milliseconds.", "job"),
		restarts:      counter("flink_job_restarts_total", "Restarts of the present run. Flink: job metric numRestarts.", "job"),
		sourceRecords: counter("flink_job_source_records_total", "Records read by all sources of the job. Flink: numRecordsIn of the source operators or tasks, or numRecordsOut where sources do not count what they read.", "job"),
		checkpoints:   counter("flink_job_checkpoints_total", "Checkpoints that ended, by how."+checkpoints+"counts.", "job", "status"),
		inProgress:    gauge("flink_job_checkpoints_in_progress", "Checkpoints that are being taken."+checkpoints+"counts.", "job"),
		duration:      gauge("flink_job_last_checkpoint_duration_seconds", "End-to-end duration of the last completed checkpoint."+checkpoints+"end_to_end_duration, in milliseconds.", "job"),
		size:          gauge("flink_job_last_checkpoint_size_bytes", "What the last completed checkpoint wrote."+checkpoints+"checkpointed_size.", "job"),
		stateSize:     gauge("flink_job_last_checkpoint_state_size_bytes", "The whole state the last completed checkpoint stands for."+checkpoints+"state_size.", "job"),
		lastAge:       gauge("flink_job_last_checkpoint_age_seconds", "Age of the last completed checkpoint at the poll, by the JobManager's clock."+checkpoints+"latest_ack_timestamp.", "job"),
	}
}

func newVertexFamilies() vertexFamilies {
	const (
		mean = ", mean over the subtasks. Flink: avg of "
		most = ", of the subtask with most. Flink: max of "
		task = " Flink: /jobs/:jobid vertices metrics "
	)
	v := func(kind func(string, string, ...string) *Family, name, help string) *Family {
		return kind("flink_vertex_"+name, help, "job", "vertex", "vertex_id")
	}
	return vertexFamilies{
		parallelism:      v(gauge, "parallelism", "Subtasks of the vertex. Flink: /jobs/:jobid vertices parallelism."),
		busy:             v(gauge, "busy_ratio", "Share of time spent working"+mean+busyTime+"."),
		busyMax:          v(gauge, "busy_ratio_max", "Share of time spent working"+most+busyTime+"."),
		idle:             v(gauge, "idle_ratio", "Share of time spent waiting for input"+mean+idleTime+"."),
		idleMax:          v(gauge, "idle_ratio_max", "Share of time spent waiting for input"+most+idleTime+"."),
		backpressured:    v(gauge, "backpressured_ratio", "Share of time spent waiting for room downstream"+mean+backpressuredTime+"."),
		backpressuredMax: v(gauge, "backpressured_ratio_max", "Share of time spent waiting for room downstream"+most+backpressuredTime+"."),
		recordsIn:        v(counter, "records_in_total", "Records the present attempts of all subtasks received; sources count only since Flink 2."+task+"read-records."),
		recordsOut:       v(counter, "records_out_total", "Records the present attempts of all subtasks sent."+task+"write-records."),
		bytesIn:          v(counter, "in_bytes_total", "Bytes the present attempts of all subtasks received."+task+"read-bytes."),
		bytesOut:         v(counter, "out_bytes_total", "Bytes the present attempts of all subtasks sent."+task+"write-bytes."),
		pending:          v(gauge, "pending_records", "Records that wait at the source outside Flink. Flink: sum of pendingRecords of the source operators."),
	}
}

// all lists the families in the order of the structs above.
func (f *families) all() []*Family {
	c, jm, tm, j, v := f.cluster, f.process.jobManager, f.process.taskManager, f.job, f.vertex
	return []*Family{
		c.info, c.taskManagers, c.slots, c.slotsAvailable, c.jobs, c.memoryUsed, c.memoryUsedMax, c.memoryMax, c.threads,
		jm.cpu, jm.memoryUsed, jm.memoryMax, jm.gcTime, jm.gcCount, jm.threads,
		tm.cpu, tm.memoryUsed, tm.memoryMax, tm.gcTime, tm.gcCount, tm.threads, tm.slots, tm.slotsFree,
		j.up, j.info, j.state, j.start, j.uptime, j.restarts, j.sourceRecords,
		j.checkpoints, j.inProgress, j.duration, j.size, j.stateSize, j.lastAge,
		v.parallelism, v.busy, v.busyMax, v.idle, v.idleMax, v.backpressured, v.backpressuredMax,
		v.recordsIn, v.recordsOut, v.bytesIn, v.bytesOut, v.pending,
	}
}

// Families lists every metric that the page may hold, for the documentation.
func Families() []*Family { return newFamilies().all() }
