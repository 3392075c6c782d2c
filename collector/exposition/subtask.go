package exposition

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// subtaskFamilies are the families of the busiest vertex's subtasks and of the comparison
// between them.
type subtaskFamilies struct {
	busy, recordsIn, attempt, hot, busySkew, recordsSkew *metricnames.Family
	sync, async, stateBytes, checkpointBytes, read       *metricnames.Family
}

func newSubtaskFamilies() subtaskFamilies {
	const (
		only   = " Only for the busiest vertex, read once a minute."
		source = " Flink: /jobs/:jobid/vertices/:vertexid "
		last   = " Flink: /jobs/:jobid/checkpoints/details/:checkpointid/subtasks/:vertexid "
	)
	var v metricnames.OfVertex
	one := metricnames.OfVertex{Labels: []string{"subtask", "taskmanager"}}
	return subtaskFamilies{
		busy: one.Gauge("subtask_busy_ratio",
			"Share of time that a subtask works, for the "+strconv.Itoa(maxSubtasks)+" busiest."+only+source+
				"accumulated-busy-time."),
		recordsIn: one.Counter("subtask_records_in_total",
			"Records received by the present attempt of a subtask, for the busiest."+only+source+"read-records."),
		attempt: one.Gauge("subtask_attempt",
			"Number of the present attempt of a subtask, from 0, for the busiest."+only+source+"attempt."),
		hot: one.Gauge("vertex_hot_subtask_info", "Always 1; the labels are the busiest subtask and "+
			"its TaskManager."+only+source+"accumulated-busy-time."),
		busySkew: v.Gauge("vertex_busy_skew_ratio", "Share of time that the busiest subtask works, divided "+
			"by the median; 1 is even."+only+source+"accumulated-busy-time."),
		recordsSkew: v.Gauge("vertex_records_skew_ratio", "Records received by the subtask with most, divided "+
			"by the median; 1 is even."+only+source+"read-records."),
		sync: v.Gauge("vertex_checkpoint_sync_seconds_max", "Synchronous part of the last checkpoint, "+
			"which blocks the task, of the slowest subtask."+only+last+"checkpoint_duration sync."),
		async: v.Gauge("vertex_checkpoint_async_seconds_max", "Asynchronous part of the last "+
			"checkpoint, of the slowest subtask."+only+last+"checkpoint_duration async."),
		stateBytes: v.Gauge("vertex_state_size_bytes",
			"State of the vertex in the last checkpoint."+only+last+"state_size."),
		checkpointBytes: v.Gauge("vertex_checkpoint_size_bytes",
			"Bytes that the last checkpoint wrote for the vertex."+only+last+"checkpointed_size."),
		read: v.Gauge("vertex_detail_timestamp_seconds",
			"When the subtasks were last read, in Unix time."+only+" Flink: the source of flink_subtask_*."),
	}
}

func (s subtaskFamilies) all() []*metricnames.Family {
	return []*metricnames.Family{
		s.busy, s.recordsIn, s.attempt, s.hot, s.busySkew, s.recordsSkew, s.sync, s.async,
		s.stateBytes, s.checkpointBytes, s.read,
	}
}

// maxSubtasks is how many subtasks of the busiest vertex are shown one by one: the
// busiest.
const maxSubtasks = 32

func (f *Renderer) renderDetail(p *Page, v Vertex, labels []string) {
	if v.Detail == nil {
		return
	}
	to := f.subtask
	p.Add(to.read, float64(v.Detail.Read.UnixMilli())/1000, labels...)
	p.maybe(to.busySkew, v.Detail.BusySkew, labels...)
	p.maybe(to.recordsSkew, v.Detail.RecordsSkew, labels...)
	if hot, ok := v.Detail.Hot(); ok {
		p.Add(to.hot, 1, labelsOf(hot, labels)...)
	}
	for _, s := range BusiestSubtasks(v.Detail, maxSubtasks) {
		p.maybe(to.busy, s.Busy, labelsOf(s, labels)...)
		p.maybe(to.recordsIn, s.RecordsIn, labelsOf(s, labels)...)
		p.Add(to.attempt, float64(s.Attempt), labelsOf(s, labels)...)
	}
	if c := v.Detail.Checkpoint; c != nil {
		p.maybe(to.sync, c.Sync, labels...)
		p.maybe(to.async, c.Async, labels...)
		p.Add(to.stateBytes, c.StateBytes, labels...)
		p.Add(to.checkpointBytes, c.CheckpointedBytes, labels...)
	}
}

func labelsOf(s snapshot.Subtask, vertex []string) []string {
	return append(slices.Clip(vertex), strconv.Itoa(s.Index), s.TaskManager)
}

// BusiestSubtasks returns at most n subtasks, the busiest first; those with an unknown
// value come last.
func BusiestSubtasks(d *snapshot.Detail, n int) []snapshot.Subtask {
	of := func(s snapshot.Subtask) float64 {
		if s.Busy == nil {
			return -1
		}
		return *s.Busy
	}
	sorted := slices.SortedStableFunc(slices.Values(d.Subtasks),
		func(a, b snapshot.Subtask) int { return cmp.Compare(of(b), of(a)) })
	return sorted[:min(n, len(sorted))]
}
