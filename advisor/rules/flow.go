package rules

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/advisor/limit"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

var backpressured = cause.Rule{
	Name:       "backpressure",
	Unrecorded: true,
	Category:   cause.Other,
	Judge:      holdsBack,
	Settings:   []string{"parallelism"},
	Why:        "Work waits before it, and the profiles do not tell what it does.",
	Change: "Profile the TaskManagers that run it with mode ITIMER under this load. If it waits for other systems, look at " +
		"them first. More parallelism for this vertex helps if there are free slots and processors, and if its keys " +
		"spread.",
	TradeOffs: "More parallelism changes how state is split: a restart from a savepoint is needed, unless Flink's adaptive " +
		"scheduler rescales the job.",
	Reference: docsFlink + "ops/monitoring/back_pressure/",
}

// muchHeldBack is the share of time from which a vertex that waits for another is worth a
// finding by itself. Flink's web page calls it high from there.
const muchHeldBack = 0.5

// holdsBack says who limits a job of which no profile is in the evidence.
func holdsBack(f *cause.Facts, _ int) (cause.Verdict, bool) {
	limit, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	waits := mostHeldBack(f.Bundle)
	if f.Basis != nil || !known || waits == nil || waits.ID == limit.ID || limit.Busy == nil {
		return cause.Verdict{}, false
	}
	name, before := evidence.CleanOr(limit.Name, limit.ID), evidence.CleanOr(waits.Name, waits.ID)
	id := f.Book.Metric("flink_vertex_backpressured_ratio "+before, *waits.Backpressured, "ratio", fmt.Sprintf(
		"vertex %s is backpressured %s of the time", before, evidence.Percent(*waits.Backpressured)))
	return cause.Verdict{
		Severity: episode.Warning, Confidence: cause.SureOfHints, Evidence: append([]string{id}, f.Cited...),
		Title: fmt.Sprintf("%s holds back %s, which waits for it %s of the time", name, before,
			evidence.Percent(*waits.Backpressured)),
	}, true
}

// mostHeldBack returns the vertex that waits most for others, nil if none waits much.
func mostHeldBack(b *evidence.Bundle) *evidence.Vertex {
	var most *evidence.Vertex
	for _, v := range b.Vertices {
		if v.Backpressured != nil && *v.Backpressured >= muchHeldBack &&
			(most == nil || *v.Backpressured > *most.Backpressured) {
			most = &v
		}
	}
	return most
}

var flushing = cause.Rule{
	Name:       "buffer-flushes",
	Unrecorded: true,
	Category:   cause.NetworkBuffers,
	// Task threads flush only where the buffer timeout is 0: else another thread does it on time.
	Frames:    cause.Pattern{"org.apache.flink.runtime.io.network.api.writer.RecordWriter.flush*"},
	Removable: cause.Span{Low: 0.4, High: 0.9},
	RestsOn: cause.Ground{
		Kind: cause.Assumed,
		Says: "A buffer for many records instead of one; how many depends on the rate and the partitions.",
	},
	Judge:    cause.CostsCPU,
	Settings: []string{"buffer-timeout", "network.memory"},
	What:     "sending network buffers that are not full",
	Why:      "A buffer that is sent for each record costs a notification and a message of the network for each record.",
	Change: "Set execution.buffer-timeout.interval (in older versions execution.buffer-timeout) to some milliseconds (the " +
		"default is 100 ms) and remove a timeout of 0 from the code (setBufferTimeout). With execution.buffer-timeout.enabled: false only full buffers are sent.",
	TradeOffs: "A record waits for up to that time where few arrive.",
	Reference: docsFlink + "deployment/memory/network_mem_tuning/",
}

// kafkaConsumer is the work of the threads that fetch from Kafka, beside the tasks.
var kafkaConsumer = cause.Rule{
	Name:       "kafka-consumer",
	Unrecorded: true,
	Category:   cause.Other,
	Judge:      fetchesMuch,
	Settings:   []string{"fetch.", "max.poll", "parallelism"},
	Why:        "Threads that fetch run beside the tasks, on the same processors. Small fetches cost a request each.",
	Change: "Let a fetch wait for more (fetch.min.bytes, fetch.max.wait.ms), allow larger ones " +
		"(max.partition.fetch.bytes), and compare how the producer compresses: decompression is paid here. A client for " +
		"each subtask reads: with few partitions use fewer subtasks for the source.",
	TradeOffs: "A record waits for up to fetch.max.wait.ms where few arrive; larger fetches take more memory.",
	Reference: docsFlink + "connectors/datastream/kafka/",
}

// muchFetching is the share of the CPU samples of a process from which fetching is a finding.
const muchFetching = 0.2

func fetchesMuch(f *cause.Facts, _ int) (cause.Verdict, bool) {
	k, n := f.CPU.Beside(cause.KafkaFetchers)
	if !cause.Significant(k, n) || float64(k) < muchFetching*float64(n) {
		return cause.Verdict{}, false
	}
	share := float64(k) / float64(n)
	id := f.Book.Metric("Kafka fetcher share of CPU samples", share, "ratio", fmt.Sprintf(
		"%d of %d CPU samples of the process (%s) are of threads that fetch from Kafka", k, n, evidence.Percent(share)))
	return cause.Verdict{
		Severity: episode.Info, Confidence: cause.SureOfHints, Evidence: []string{id},
		Title: fmt.Sprintf("%s of the process's CPU time goes into fetching from Kafka", evidence.Percent(share)),
	}, true
}

// fewPartitions is a source with more subtasks than partitions.
var fewPartitions = cause.Rule{
	Name:       "few-partitions",
	Unrecorded: true,
	Category:   cause.SourceParallelism,
	Judge:      readsNothing,
	Settings:   []string{"parallelism"},
	Why: "A partition is read by one subtask. Subtasks without one do no work, and their watermark does not advance unless " +
		"the source marks them idle.",
	Change: "Give the source at most as many subtasks as there are partitions, or add partitions. Mark idle subtasks " +
		"(WatermarkStrategy.withIdleness), or event time stands still behind them.",
	TradeOffs: "More partitions change which key goes where. With fewer subtasks the records must be redistributed " +
		"(rebalance) to reach all subtasks of the next vertex.",
	Reference: docsFlink + "connectors/datastream/kafka/#idleness",
}

func readsNothing(f *cause.Facts, _ int) (cause.Verdict, bool) {
	for _, v := range f.Bundle.Vertices {
		if v.Partitions == 0 || v.Partitions >= v.Parallelism {
			continue
		}
		name := evidence.CleanOr(v.Name, v.ID)
		says := fmt.Sprintf("%s has %d subtasks and reads %d partitions", name, v.Parallelism, v.Partitions)
		id := f.Book.Metric("partitions of "+name, float64(v.Partitions), "partitions", says)
		severity := episode.Info
		if v.ID == f.Bundle.Bottleneck && v.BusyMax != nil && *v.BusyMax >= limit.HotFrom {
			severity = episode.Warning
		}
		return cause.Verdict{
			Severity: severity, Confidence: cause.SureOfMetrics, Evidence: []string{id},
			Title: fmt.Sprintf("%d of %d subtasks of %s read nothing: it has %d partitions", v.Parallelism-v.Partitions,
				v.Parallelism, name, v.Partitions),
		}, true
	}
	return cause.Verdict{}, false
}

// freeSlots are resources that a job which is at its limit does not use.
var freeSlots = cause.Rule{
	Name:       "free-slots",
	Unrecorded: true,
	Category:   cause.Other,
	Judge:      couldSpread,
	Settings:   []string{"parallelism", "numberOfTaskSlots", "cpu.cores"},
	Why:        "The vertex is busy in all its subtasks, so more of them can share the work.",
	Change: "After the causes above are repaired: give this vertex more subtasks, if the machines of the free slots have " +
		"processors to spare and its keys spread. Compare the CPU load of the TaskManagers first.",
	TradeOffs: "More parallelism changes how state is split: a restart from a savepoint is needed, unless Flink's adaptive " +
		"scheduler rescales the job.",
	Reference: docsFlink + "ops/state/large_state_tuning/#capacity-planning",
}

func couldSpread(f *cause.Facts, _ int) (cause.Verdict, bool) {
	free := f.Bundle.FreeSlots
	v, known := f.Bundle.Vertex(f.Bundle.Bottleneck)
	if free == nil || *free < 1 || !known || v.Parallelism == 0 || v.Busy == nil || *v.Busy < limit.Saturated ||
		v.Partitions > 0 && v.Partitions <= v.Parallelism {
		return cause.Verdict{}, false
	}
	name := evidence.CleanOr(v.Name, v.ID)
	title := fmt.Sprintf("%s is busy %s of the time in %d subtasks, and %d slots are free", name,
		evidence.Percent(*v.Busy), v.Parallelism, *free)
	id := f.Book.Metric("free slots", float64(*free), "slots", title)
	return cause.Verdict{
		Severity: episode.Info, Confidence: cause.SureOfMetrics, Evidence: append([]string{id}, f.Cited...), Title: title,
	}, true
}
