package rules

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
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
	TradeOffs: "More parallelism changes how state is split: a restart from a savepoint is needed.",
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
	Judge:     cause.CostsCPU,
	Settings:  []string{"buffer-timeout", "network.memory"},
	What:      "sending network buffers that are not full",
	Why:       "A buffer that is sent for each record costs a notification and a message of the network for each record.",
	Change: "Set execution.buffer-timeout.interval to some milliseconds (the default is 100 ms) and remove a timeout of " +
		"0 from the code (setBufferTimeout). With execution.buffer-timeout.enabled: false only full buffers are sent.",
	TradeOffs: "A record waits for up to that time where few arrive.",
	Reference: docsFlink + "deployment/memory/network_mem_tuning/",
}
