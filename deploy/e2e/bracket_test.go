//go:build e2e

package e2e

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The values on our page are those that the JobManager fetched from each process,
// seconds before the page is read, and on a busy machine at a different moment for each
// process. Two values identify the moment, because they only grow: how long the job has
// run, and the CPU time of a JVM. The test reads the reporters repeatedly and finds the
// readings around that moment.

// bracketed is our page and the reporters' from before the earliest of these
// moments until after our page was read.
type bracketed struct {
	ours   reading
	theirs []reading
	// When what is on the page was taken.
	job, jobManager window
	taskManagers    map[string]window
}

// window is a span of readings: theirs[from:to].
type window struct{ from, to int }

// clock is what tells when a value of ours was taken.
type clock func(b bracketed, ours sample) window

func whenJob(b bracketed, _ sample) window        { return b.job }
func whenJobManager(b bracketed, _ sample) window { return b.jobManager }

func whenTaskManager(b bracketed, ours sample) window {
	return b.taskManagers[ours.labels["taskmanager"]]
}

// whenAll is for what comes from all TaskManagers together, which is read after
// what tells their moments and before the job's uptime or right after it.
func whenAll(b bracketed, _ sample) window {
	all := b.job
	for _, w := range b.taskManagers {
		all.from, all.to = min(all.from, w.from), max(all.to, w.to)
	}
	return all
}

// whenRead is for what is not from the metric store: it is as new as the poll.
func whenRead(b bracketed, _ sample) window { return window{b.job.from, len(b.theirs)} }

// width is the time that a window spans.
func (b bracketed) width(w window) time.Duration {
	first := b.theirs[w.from].samples("flink_jobmanager_job_uptime", nil)
	last := b.theirs[w.to-1].samples("flink_jobmanager_job_uptime", nil)
	return time.Duration(last[0].value-first[0].value) * time.Millisecond
}

// margin is how many readings a window has on either side of the moment: each
// reading takes time, and each process has its own place in it.
const margin = 2

// find looks for the first reading in which theirs has reached what ours says.
func find(theirs []reading, family string, which map[string]string, ours float64) (window, error) {
	for i, r := range theirs {
		samples := r.samples(family, which)
		if len(samples) != 1 {
			return window{}, fmt.Errorf("%d samples of %s%v", len(samples), family, which)
		}
		if samples[0].value < ours*(1-rounding) {
			continue
		}
		if i < margin {
			return window{}, fmt.Errorf("the page is older than the readings of %s%v", family, which)
		}
		if i+margin > len(theirs) {
			break
		}
		return window{i - margin, i + margin}, nil
	}
	return window{}, fmt.Errorf("the page is newer than the readings of %s%v", family, which)
}

// newBracket puts a page of ours among readings.
func newBracket(ours reading, theirs []reading) (bracketed, error) {
	b := bracketed{ours: ours, theirs: theirs, taskManagers: map[string]window{}}
	uptime, jobManager := ours.samples("flink_job_uptime_seconds", nil),
		ours.samples("flink_jm_cpu_seconds_total", nil)
	taskManagers := ours.samples("flink_tm_cpu_seconds_total", nil)
	if len(uptime) != 1 || len(jobManager) != 1 || len(taskManagers) == 0 {
		return b, errors.New("the page has no uptime of the job or no CPU time of a process")
	}
	var faults [2]error
	b.job, faults[0] = find(theirs, "flink_jobmanager_job_uptime", nil, uptime[0].value/milli)
	b.jobManager, faults[1] = find(theirs, "flink_jobmanager_Status_JVM_CPU_Time", nil, jobManager[0].value/nano)
	fault := errors.Join(faults[:]...)
	for _, tm := range taskManagers {
		id := tm.labels["taskmanager"]
		w, err := find(theirs, "flink_taskmanager_Status_JVM_CPU_Time", map[string]string{"tm_id": mangled(id)},
			tm.value/nano)
		b.taskManagers[id], fault = w, errors.Join(fault, err)
	}
	return b, fault
}

// bracket reads the reporters again and again until what is on our page was
// taken between their readings.
func bracket(t *testing.T, s *stack, sc *sidecar) (b bracketed) {
	t.Helper()
	require.NotEmpty(t, s.Reporters)
	var theirs []reading
	eventually(t, time.Minute, "the page is of a moment between readings of the reporters", func() error {
		ours, err := read(t, sc.url+"/metrics")
		if err != nil {
			return err
		}
		now, err := read(t, s.Reporters...)
		if err != nil {
			return err
		}
		theirs = append(theirs, now)
		b, err = newBracket(ours, theirs)
		return err
	})
	return b
}
