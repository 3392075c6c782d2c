package collector

import (
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// take takes over what the vertex itself needs of what was found.
func (v *vertexRead) take(found flink.Aggregates) {
	v.clock = runFor(found)
	v.taskIn, v.taskOut = sumOfTask(found, taskRecordsIn), sumOfTask(found, taskRecordsOut)
	v.busySeconds = in(millisPerSecond, sumOfTask(found, busyTotal))
	if s, ok := found[inputWatermark]; ok && math.Abs(s.Min) < noLong {
		seconds := s.Min / millisPerSecond
		v.Watermark = &seconds
	}
}

// runFor is for how many seconds the tasks have run, mean over the subtasks. Busy,
// idle and backpressured time add up to it: Flink reckons what is neither of the
// last two as busy.
func runFor(found flink.Aggregates) *float64 {
	total := 0.0
	for _, name := range []string{busyTotal, idleTotal, backpressuredTotal} {
		spent, ok := found[name]
		if !ok {
			return nil
		}
		total += spent.Avg
	}
	return in(millisPerSecond, &total)
}

func sumOfTask(found flink.Aggregates, name string) *float64 {
	if s, ok := found[name]; ok {
		return &s.Sum
	}
	return nil
}

// live reports whether Flink lists the job and it has not ended: then all its
// values are expected.
func (j jobRead) live() bool {
	return j.State != snapshot.Gone && !flink.JobSummary{State: j.State}.Ended()
}

// withdrawn is what remains of a job when Flink has not answered for too long.
func (j jobRead) withdrawn() snapshot.Job {
	return snapshot.Job{Name: j.Name, ID: j.ID, Started: j.Started}
}
