package collector

import (
	"cmp"
	"math"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// jobRead is a job while a poll reads it: the snapshot that every stage may see, and what
// only the collector needs.
type jobRead struct {
	exposition.Job
	// vertices are those of the job; [jobRead.seen] hands them out.
	vertices []vertexRead
	// read is how far its source has read the topic of [Collector.SetInput]; nil if that is not
	// known, or if the job does not read it.
	read *snapshot.ReadOffsets
}

// seen is the job as every stage may see it.
func (j jobRead) seen() snapshot.Job {
	job := j.Job.Job
	for _, v := range j.vertices {
		job.Vertices = append(job.Vertices, v.Vertex.Vertex)
	}
	return job
}

// vertexRead is a vertex while a poll reads it.
type vertexRead struct {
	exposition.Vertex

	// running is how many subtasks run. The others finished: they report nothing new.
	running int
	// clock is for how many seconds the tasks have run, mean over the subtasks, by
	// what they report themselves.
	clock *float64
	// taskIn and taskOut are RecordsIn and RecordsOut as fetched with clock.
	taskIn, taskOut *float64
	// perMinute are the rates as the tasks report them.
	perMinute perMinute
	// read is how many records a source read; readRate is how many per second between the
	// last two polls.
	read     readCount
	readRate *float64
	// pendingMost is how many records wait for the subtask for which most wait, and growth
	// how fast that and Pending grew in the last minute; nil if unknown.
	pendingMost *float64
	growth      *backlog.Records
}

// tasks is how many subtasks share the vertex' work: those that run, or all where that is
// not known.
func (v *vertexRead) tasks() int { return cmp.Or(v.running, v.Parallelism) }

// take takes over what the vertex itself needs of what was found.
func (v *vertexRead) take(found flink.Aggregates) {
	v.clock = runFor(found, v.tasks())
	v.taskIn, v.taskOut = sumOfTask(found, metricnames.TaskRecordsIn), sumOfTask(found, metricnames.TaskRecordsOut)
	v.perMinute = perMinuteOf(found)
	v.pendingMost = mostOver(found, metricnames.PendingRecords)
	if s, ok := found[metricnames.InputWatermark]; ok && math.Abs(s.Min) < metricnames.NoLong {
		seconds := s.Min / metricnames.MillisPerSecond
		v.Watermark = &seconds
	}
}

// runFor is for how many seconds the tasks have run, as a mean over those that run now.
// Busy, idle and backpressured time add up to it: Flink takes what is neither of the last
// two for busy. It comes from the sum, because the times of finished subtasks may be in it:
// they stand still and drop out of every difference, but would be part of Flink's mean.
func runFor(found flink.Aggregates, tasks int) *float64 {
	total := 0.0
	for _, name := range []string{metricnames.BusyTotal, metricnames.IdleTotal, metricnames.BackpressuredTotal} {
		spent, ok := found[name]
		if !ok {
			return nil
		}
		total += spent.Sum
	}
	if tasks <= 0 {
		return nil
	}
	total /= float64(tasks)
	return metricnames.To(metricnames.MillisPerSecond, &total)
}

func sumOfTask(found flink.Aggregates, name string) *float64 {
	if s, ok := found[name]; ok {
		return &s.Sum
	}
	return nil
}

// withdrawn is what remains of a job when Flink has not answered for three poll
// intervals.
func (j jobRead) withdrawn() snapshot.Job {
	return snapshot.Job{Name: j.Name, ID: j.ID, Started: j.Started}
}
