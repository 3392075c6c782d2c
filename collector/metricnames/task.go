package metricnames

// OfVertex makes the families of a vertex: Labels come after the labels of every vertex.
type OfVertex struct{ Labels []string }

// Gauge returns a gauge of a vertex; name is without the prefix flink_.
func (v OfVertex) Gauge(name, help string) *Family {
	return Gauge("flink_"+name, help, append([]string{"job", "vertex", "vertex_id"}, v.Labels...)...)
}

// Counter returns a counter of a vertex; name is without the prefix flink_.
func (v OfVertex) Counter(name, help string) *Family {
	return Counter("flink_"+name, help, append([]string{"job", "vertex", "vertex_id"}, v.Labels...)...)
}

// Flink's units, expressed in ours.
const (
	asIs   = 1
	millis = MillisPerSecond // milliseconds, or milliseconds per second
	nanos  = NanosPerSecond
)

// taskSpecs are the metrics of a task that every vertex has.
func taskSpecs() []Spec {
	var v OfVertex
	read := func(rank rank, name string, into ...Output) Spec {
		return Spec{name: name, rank: rank, into: into}
	}
	return []Spec{
		// The shares of time have a form of their own, see exposition/vertex.go.
		read(core, BusyTime), read(core, IdleTime), read(core, BackpressuredTime),
		// The inputs of rates: the same as in the job's document, but fetched together
		// with the task's own clock.
		read(core, TaskRecordsIn), read(core, TaskRecordsOut),
		// The rates over the same minute as the shares of time.
		read(core, TaskRecordsInRate), read(core, TaskRecordsOutRate),
		// BusyTotal feeds no counter: Flink counts an idle span as busy until it has
		// ended, so the value falls back many times a minute.
		read(core, BusyTotal),
		read(core, IdleTotal, Output{v.Counter("vertex_idle_seconds_total", "Time spent waiting for input, summed "+
			"over the subtasks. Flink: sum of accumulateIdleTimeMs."), sum, millis}),
		read(core, BackpressuredTotal,
			Output{v.Counter("vertex_backpressured_seconds_total", "Time spent backpressured, waiting for buffers "+
				"downstream, summed over the subtasks. Flink: sum of accumulateBackPressuredTimeMs."), sum, millis}),
		read(core, InputWatermark,
			Output{v.Gauge("vertex_watermark_timestamp_seconds", "Event time that the vertex has reached: the "+
				"watermark of the subtask that is furthest behind, in Unix time. Absent before the first. Flink: "+
				"min of currentInputWatermark."), least, millis},
			Output{v.Gauge("vertex_watermark_timestamp_seconds_max", "Watermark of the subtask that is furthest "+
				"ahead, in Unix time. Flink: max of currentInputWatermark."), most, millis}),

		read(standard, "hardBackPressuredTimeMsPerSecond",
			Output{v.Gauge("vertex_hard_backpressured_ratio", "Share of time in which a task was completely "+
				"stopped by missing buffers downstream, mean over the subtasks. Flink: avg of "+
				"hardBackPressuredTimeMsPerSecond."), mean, millis}),
		read(standard, "softBackPressuredTimeMsPerSecond",
			Output{v.Gauge("vertex_soft_backpressured_ratio", "Share of time in which a task had no buffers "+
				"downstream but could still do other work, mean over the subtasks. Flink: avg of "+
				"softBackPressuredTimeMsPerSecond."), mean, millis}),
		read(standard, "maxHardBackPressureTimeMs",
			Output{v.Gauge("vertex_hard_backpressured_longest_seconds", "Longest continuous time that a task was "+
				"stopped by missing buffers downstream, of the subtask with most. Flink: max of "+
				"maxHardBackPressureTimeMs."), most, millis}),
		read(standard, "changelogBusyTimeMsPerSecond",
			Output{v.Gauge("vertex_changelog_busy_ratio", "Share of time spent on the state changelog, mean over "+
				"the subtasks. Flink: avg of changelogBusyTimeMsPerSecond."), mean, millis}),
		read(standard, "mailboxLatencyMs_median",
			Output{v.Gauge("vertex_mailbox_latency_median_seconds", "Time that mail for the task's thread waits, "+
				"median, of the subtask with most. Flink: max of mailboxLatencyMs_median."), most, millis}),
		read(standard, "mailboxLatencyMs_p99",
			Output{v.Gauge("vertex_mailbox_latency_p99_seconds", "Time that mail for the task's thread waits, "+
				"99th percentile, of the subtask with most. Flink: max of mailboxLatencyMs_p99."), most, millis}),
		read(standard, "mailboxLatencyMs_max",
			Output{v.Gauge("vertex_mailbox_latency_max_seconds", "Time that mail for the task's thread waits, "+
				"recent maximum, of the subtask with most. Flink: max of mailboxLatencyMs_max."), most, millis}),
		read(standard, "mailboxQueueSize",
			Output{v.Gauge("vertex_mailbox_queue_length_max", "Mail that waits for the task's thread, of the "+
				"subtask with most. Flink: max of mailboxQueueSize."), most, asIs}),
		read(standard, "checkpointStartDelayNanos",
			Output{v.Gauge("vertex_checkpoint_start_delay_seconds_max", "Time from the trigger of the last "+
				"checkpoint until its barrier reached the task, of the subtask with most. Flink: max of "+
				"checkpointStartDelayNanos."), most, nanos}),
		read(standard, "checkpointAlignmentTime",
			Output{v.Gauge("vertex_checkpoint_alignment_seconds_max", "Duration of the last barrier alignment, of "+
				"the subtask with most. Flink: max of checkpointAlignmentTime."), most, nanos}),
		read(standard, "initializationTime",
			Output{v.Gauge("vertex_initialization_seconds_max", "Time that the task took to initialize, including "+
				"its state, of the subtask with most. Flink: max of initializationTime."), most, millis}),
		read(standard, "numFiredTimers", Output{v.Counter("vertex_fired_timers_total",
			"Timers that fired. Flink: sum of numFiredTimers."), sum, asIs}),

		read(standard, netty+"Input.Buffers.inPoolUsage",
			Output{v.Gauge("vertex_in_pool_usage_ratio", "Share of the input buffers in use, mean over the "+
				"subtasks. Flink: avg of Shuffle.Netty.Input.Buffers.inPoolUsage."), mean, asIs},
			Output{v.Gauge("vertex_in_pool_usage_ratio_max", "Share of the input buffers in use, of the subtask "+
				"with most. Flink: max of Shuffle.Netty.Input.Buffers.inPoolUsage."), most, asIs}),
		read(standard, netty+"Output.Buffers.outPoolUsage",
			Output{v.Gauge("vertex_out_pool_usage_ratio", "Share of the output buffers in use, mean over the "+
				"subtasks. Flink: avg of Shuffle.Netty.Output.Buffers.outPoolUsage."), mean, asIs},
			Output{v.Gauge("vertex_out_pool_usage_ratio_max", "Share of the output buffers in use, of the subtask "+
				"with most. Flink: max of Shuffle.Netty.Output.Buffers.outPoolUsage."), most, asIs}),
		read(standard, netty+"Input.Buffers.inputExclusiveBuffersUsage",
			Output{v.Gauge("vertex_in_exclusive_buffers_usage_ratio", "Share of the exclusive input buffers in "+
				"use, mean over the subtasks. Flink: avg of inputExclusiveBuffersUsage."), mean, asIs}),
		read(standard, netty+"Input.Buffers.inputFloatingBuffersUsage",
			Output{v.Gauge("vertex_in_floating_buffers_usage_ratio", "Share of the floating input buffers in use, "+
				"mean over the subtasks. Flink: avg of inputFloatingBuffersUsage."), mean, asIs}),
		read(standard, netty+"Input.Buffers.inputQueueLength",
			Output{v.Gauge("vertex_in_queue_buffers", "Buffers that wait at the input, summed over the subtasks. "+
				"Flink: sum of inputQueueLength."), sum, asIs}),
		read(standard, netty+"Input.Buffers.inputQueueSize", Output{v.Gauge("vertex_in_queue_bytes",
			"Bytes that wait at the input, summed over the subtasks. Flink: sum of inputQueueSize."), sum, asIs}),
		read(standard, netty+"Output.Buffers.outputQueueLength",
			Output{v.Gauge("vertex_out_queue_buffers", "Buffers that wait at the output, summed over the "+
				"subtasks. Flink: sum of outputQueueLength."), sum, asIs}),
		read(standard, netty+"Output.Buffers.outputQueueSize", Output{v.Gauge("vertex_out_queue_bytes",
			"Bytes that wait at the output, summed over the subtasks. Flink: sum of outputQueueSize."), sum, asIs}),
		read(standard, netty+"Input.numBytesInLocal",
			Output{v.Counter("vertex_in_local_bytes_total", "Bytes received from tasks on the same TaskManager. "+
				"Flink: sum of Shuffle.Netty.Input.numBytesInLocal."), sum, asIs}),
		read(standard, netty+"Input.numBytesInRemote",
			Output{v.Counter("vertex_in_remote_bytes_total", "Bytes received from other TaskManagers. Flink: sum "+
				"of Shuffle.Netty.Input.numBytesInRemote."), sum, asIs}),
		read(standard, "numBuffersOut",
			Output{v.Counter("vertex_out_buffers_total", "Buffers sent. Flink: sum of numBuffersOut."), sum, asIs}),
	}
}

// gateSpecs are the metrics of each input gate of a task while buffer debloating is on.
func gateSpecs() []Spec {
	v := OfVertex{Labels: []string{"gate"}}
	return []Spec{
		{
			"debloatedBufferSize", standard,
			[]Output{{v.Gauge("vertex_debloated_buffer_bytes", "Buffer size chosen by buffer debloating, mean "+
				"over the subtasks. Flink: avg of debloatedBufferSize."), mean, asIs}},
		},
		{
			"estimatedTimeToConsumeBuffersMs", standard,
			[]Output{{v.Gauge("vertex_in_buffers_drain_seconds_max", "Time to consume the buffers at the input, "+
				"as estimated by buffer debloating, of the subtask with most. Flink: max of "+
				"estimatedTimeToConsumeBuffersMs."), most, millis}},
		},
	}
}

// Names of metrics of a task that several places use.
const (
	netty              = "Shuffle.Netty."
	InputWatermark     = "currentInputWatermark"
	TaskRecordsIn      = "numRecordsIn"
	TaskRecordsOut     = "numRecordsOut"
	TaskRecordsInRate  = "numRecordsInPerSecond"
	TaskRecordsOutRate = "numRecordsOutPerSecond"
	BusyTotal          = "accumulateBusyTimeMs"
	IdleTotal          = "accumulateIdleTimeMs"
	BackpressuredTotal = "accumulateBackPressuredTimeMs"
)
