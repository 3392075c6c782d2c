package collector

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/collector/bottleneck"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// watched is a simulated job and what was seen of it.
type watched struct {
	*lab
	job *simulate.Job
	// moments are the truths of the last polls, the newest last.
	moments []moment
	// shown is the bottleneck of the last poll, and changes how often it changed.
	shown   string
	changes int
}

// moment is the truth at the time of a poll.
type moment struct {
	at       time.Duration
	limiting string // empty if none limits
	// factor is how many times the input fits.
	factor, arrivals, waiting float64
	// outside is how many records wait outside each source.
	outside map[string]float64
	down    bool
	// inFlight is how many records are between vertices; finished is how many subtasks
	// have ended.
	inFlight float64
	finished int
}

func watch(t *testing.T, version string, job *simulate.Job) *watched {
	t.Helper()
	l := newLab(t, version)
	w := &watched{lab: l, job: job}
	l.Simulate(job)
	return w
}

// reads tells where the source reads, so that its backlog is known at any time.
func (w *watched) reads(topic string) {
	w.SetInput(backlog.NewTopic(flinktest.JobName, topic, &simulatedTopic{job: w.job}))
}

func (w *watched) poll() snapshot.Job {
	w.t.Helper()
	w.next()
	w.moments = append(w.moments, w.truth())
	job, ok := w.Job(flinktest.JobName)
	require.True(w.t, ok)
	if known := job.BusiestID != ""; known && job.BottleneckID != w.shown {
		w.shown, w.changes = job.BottleneckID, w.changes+1
	}
	return job
}

// truth is the state of the job now.
func (w *watched) truth() moment {
	m := moment{at: w.job.Since(), arrivals: w.job.Arrivals(), waiting: w.job.Waiting(), down: w.job.Down()}
	m.factor, _ = w.job.Sustainable()
	if limit, ok := w.job.Limiting(); ok {
		m.limiting = limit
	}
	m.outside = map[string]float64{}
	for _, v := range w.job.Vertices {
		for _, s := range w.job.Subtasks(v.ID) {
			m.inFlight += s.Queue
			m.outside[v.ID] += s.Backlog
			if s.Finished {
				m.finished++
			}
		}
	}
	return m
}

// settled reports whether the truth has been the same for the last minute and a half, so
// that a mean over a minute is the present state.
func (w *watched) settled() bool {
	if len(w.moments) < 7 {
		return false
	}
	recent := w.moments[len(w.moments)-7:]
	return !slices.ContainsFunc(recent, func(m moment) bool {
		return m.limiting != recent[0].limiting || m.factor != recent[0].factor || m.finished != recent[0].finished || m.down
	})
}

func (w *watched) now() moment { return w.moments[len(w.moments)-1] }

// moving reports whether the backlog shrank during the last minute and a half, or buffers
// filled: then what is read is not what is processed.
func (w *watched) moving() bool {
	for i := max(1, len(w.moments)-6); i < len(w.moments); i++ {
		now, before := w.moments[i], w.moments[i-1]
		if now.waiting < before.waiting-now.arrivals || math.Abs(now.inFlight-before.inFlight) > now.arrivals {
			return true
		}
	}
	return false
}

// TestDerivedNumbersAreTrue compares what is derived with the truth of each situation at
// every poll, with Kafka's end offsets. A quarter of them runs also on a Flink that counts
// otherwise what sources read, and without the brokers.
func TestDerivedNumbersAreTrue(t *testing.T) {
	all := situations()
	require.GreaterOrEqual(t, len(all), 60)
	errors := &distribution{}
	for _, version := range []string{flinktest.Flink23, flinktest.Flink120} {
		for i, s := range all {
			if i%everyNth != 0 || version == flinktest.Flink120 && i%4 != 0 {
				continue // of Flink 1.20 only what sources count differs
			}
			t.Run(version+"/"+s.name, func(t *testing.T) {
				w := watch(t, version, &s.job)
				if version == flinktest.Flink23 {
					w.reads("v0")
				}
				for range s.runs / (15 * time.Second) {
					job := w.poll()
					w.agrees(job)
					if w.settled() {
						w.holds(job, errors)
					}
				}
				// A vertex that keeps up with hardly any reserve may be called the limit once.
				require.LessOrEqual(t, w.changes, w.turns()+len(w.nearly(1/bottleneck.Saturated)), "the bottleneck changes more often than the truth")
			})
		}
	}
	t.Logf("%d situations on 2 versions: %s", len(all), errors)
}

// agrees requires that no two numbers of a job contradict each other, at any time.
func (w *watched) agrees(job snapshot.Job) {
	w.t.Helper()
	t := w.t
	busiest := 0.0
	for _, v := range job.Vertices {
		if v.Busy == nil {
			require.Nil(t, v.TrueRate)
			continue
		}
		busiest = max(busiest, v.Busy.Max)
		if v.Utilization != nil {
			require.GreaterOrEqual(t, *v.Utilization, v.Busy.Mean, "%s: the input needs less than is used", v.Name)
		}
		if v.TrueRate != nil && v.RecordsInRate != nil && (!v.Source || *v.RecordsInRate > 0) {
			require.InEpsilon(t, *v.RecordsInRate, *v.TrueRate*v.Busy.Mean, 1e-6, "%s: capacity × busy is the rate", v.Name)
		}
		if v.Busy.Max < bottleneck.Saturated {
			require.NotEqual(t, job.BottleneckID, v.ID, "below 80 %% busy nothing limits")
		}
	}
	if job.Headroom != nil {
		require.LessOrEqual(t, *job.Headroom, 1/busiest-1+1e-9, "more headroom than a saturated vertex allows")
	}
	if job.BottleneckID != "" {
		require.Equal(t, job.BottleneckID, job.BusiestID)
	}
	w.pendingIsTrue(job)
}

// pendingIsTrue allows for two fetches of what arrives and is read.
func (w *watched) pendingIsTrue(job snapshot.Job) {
	w.t.Helper()
	if len(w.moments) < 2 || w.now().down {
		return
	}
	now, before := w.now(), w.moments[len(w.moments)-2]
	for _, v := range job.Vertices {
		if v.Pending != nil {
			waits := now.outside[v.ID]
			moved := 2*15*now.arrivals + 2*math.Abs(waits-before.outside[v.ID])
			require.InDelta(w.t, waits, *v.Pending, 0.1*waits+moved+1, "what waits at %s at %s", v.Name, now.at)
		}
	}
}

// holds compares with the truth, which has been the same for a minute and a half.
func (w *watched) holds(job snapshot.Job, errors *distribution) {
	w.t.Helper()
	t, now := w.t, w.now()
	asynchronous := slices.ContainsFunc(w.job.Vertices, func(v simulate.Vertex) bool { return v.Asynchronous })
	legacy := slices.ContainsFunc(w.job.Vertices, func(v simulate.Vertex) bool { return v.Legacy })
	quota := slices.ContainsFunc(w.job.Vertices, func(v simulate.Vertex) bool { return v.ReadsAtMost > 0 })
	if !asynchronous && !quota || now.limiting == "" {
		require.Contains(t, w.acceptable(now.limiting), job.BottleneckID, "who limits at %s", now.at)
	}
	for i, v := range w.job.Vertices {
		even, _ := v.Capacity()
		got := job.Vertices[i].TrueRate
		if got == nil || v.Asynchronous || v.Finished > 0 {
			continue
		}
		errors.rate = append(errors.rate, *got/even-1)
		require.InEpsilon(t, even, *got, 0.1, "capacity of %s at %s", v.Name, now.at)
	}
	if now.arrivals == 0 || now.factor == 0 || w.moving() || legacy {
		return
	}
	hides := w.job.Vertices[0].HidesPending && now.limiting != ""
	if job.Headroom != nil && !hides && (!asynchronous || now.limiting != "") {
		errors.headroom = append(errors.headroom, (1+*job.Headroom)/now.factor-1)
		require.InEpsilon(t, now.factor, 1+*job.Headroom, 0.1, "headroom at %s", now.at)
		require.InEpsilon(t, now.factor*now.arrivals, *job.Capacity, 0.1, "capacity of the job at %s", now.at)
	}
	if now.arrivals >= 20 && !asynchronous && w.exact() {
		require.NotNil(t, job.Headroom, "headroom at %s", now.at)
	}
}

// acceptable are the vertices that may be called the bottleneck: the one that limits and
// those within 5 % of it, or none.
func (w *watched) acceptable(limiting string) []string {
	if limiting == "" {
		// A vertex that keeps up with hardly any reserve may be called the limit.
		return append(w.nearly(min(w.now().factor*1.05, 1/bottleneck.Saturated)), "")
	}
	return append(w.nearly(w.now().factor*1.05), limiting)
}

// nearly are the vertices that limit the job to at most so many times its input.
func (w *watched) nearly(factor float64) (ids []string) {
	for _, v := range w.job.Vertices {
		one := simulate.Job{Vertices: w.job.Vertices}
		if one.Fits(v.ID, w.job.Since()) <= factor {
			ids = append(ids, v.ID)
		}
	}
	return ids
}

// exact reports whether it is known what waits: no source is held back, except the one whose
// brokers are known.
func (w *watched) exact() bool {
	for i, v := range w.job.Vertices {
		if !v.Source() || i == 0 && w.input.Input != nil {
			continue
		}
		for _, s := range w.job.Subtasks(v.ID) {
			if _, _, backpressured := s.Shares(); backpressured > 0 {
				return false
			}
		}
	}
	return true
}

// turns is how often another vertex limited the job, or none did any more.
func (w *watched) turns() (n int) {
	last := ""
	for _, m := range w.moments {
		if m.limiting != last {
			n, last = n+1, m.limiting
		}
	}
	return n
}

// distribution collects relative errors.
type distribution struct{ rate, headroom []float64 }

func (d *distribution) String() string {
	return fmt.Sprintf("true rate %s; headroom %s", spread(d.rate), spread(d.headroom))
}

func spread(errors []float64) string {
	for i := range errors {
		errors[i] = math.Abs(errors[i])
	}
	slices.Sort(errors)
	at := func(q float64) float64 { return 100 * errors[int(q*float64(len(errors)-1))] }
	return fmt.Sprintf("%d values, relative error p50 %.2f %%, p90 %.2f %%, p99 %.2f %%, max %.2f %%",
		len(errors), at(0.5), at(0.9), at(0.99), at(1))
}
