package collector

import (
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// readCount is how many records a source has read, and the counter that reports it. The
// counter depends on the version of Flink and the kind of source: the operator's own if
// it counts, otherwise the task's. Counts of different kinds are never compared.
type readCount struct {
	kind  string
	value *float64
}

// Kinds of counts of what a source read.
const (
	readByTask     = "task in"
	sentByTask     = "task out"
	readByOperator = "operator in"
	sentByOperator = "operator out"
)

// sumOverSources adds up the values of all sources; nil unless every source has one.
func (j *jobRead) sumOverSources(of func(vertexRead) *float64) *float64 {
	var sum *float64
	for _, v := range j.vertices {
		if !v.Source {
			continue
		}
		value := of(v)
		if value == nil {
			return nil
		}
		if sum == nil {
			sum = new(float64)
		}
		*sum += *value
	}
	return sum
}

// reading is how many records all sources had read when a poll last could combine the
// count with the time; nil if one of them is unknown.
func (r *run) reading(j *jobRead) *snapshot.Reading {
	longest := snapshot.Reading{}
	read := j.sumOverSources(func(v vertexRead) *float64 {
		if v.Finished {
			return v.read.value
		}
		one := r.vertices[v.ID].meter.Read(v.readKey())
		if one == nil {
			return nil
		}
		longest.Uptime = max(longest.Uptime, one.Uptime)
		return &one.SourceRecords
	})
	if read == nil || longest.Uptime == 0 {
		return nil
	}
	longest.SourceRecords = *read
	return &longest
}

// readBy chooses among the counters of a source. Where Flink lists a counter of the
// operator and gives no value at this poll, the records that the task sent do not replace
// it: the count would fall and rise again. The records that the task received do, since
// Flink 2 where it is the same counter. A source that finished keeps its last value.
func readBy(found flink.Aggregates, names *vertexMetrics, v vertexRead) readCount {
	in, out := sumOver(found, metricnames.SourcePrefix, metricnames.RecordsIn),
		sumOver(found, metricnames.SourcePrefix, metricnames.RecordsOut)
	taskIn, taskOut := readCount{readByTask, v.RecordsIn}, readCount{sentByTask, v.RecordsOut}
	listed := names.readsOf(metricnames.SourcePrefix, metricnames.RecordsIn) ||
		names.readsOf(metricnames.SourcePrefix, metricnames.RecordsOut)
	switch {
	case in != nil || out != nil:
		best := firstAbove(readCount{readByOperator, in}, readCount{sentByOperator, out}, taskIn, taskOut)
		names.read = best
		return best
	case listed && taskIn.value != nil && *taskIn.value > 0:
		return taskIn
	case v.Finished && names.read.value != nil:
		return names.read
	case listed && !v.Finished:
		return readCount{}
	}
	return firstAbove(taskIn, taskOut)
}

// firstAbove is the first count above 0, or else the first known one.
func firstAbove(choices ...readCount) (best readCount) {
	for _, c := range choices {
		if c.value != nil && (best.value == nil || *best.value == 0 && *c.value > 0) {
			best = c
		}
	}
	return best
}
