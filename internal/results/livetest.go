package results

import (
	"maps"
	"net/http"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// silentFor is the time without a report after which a scale test is over: its process
// reports every second.
const silentFor = 15 * time.Second

// LiveTest is the scale test that is under way. The test runs in a process of its own
// and reports here, so that it is on the page and in /metrics. Only one may be under way: two
// would measure each other. Use [NewLiveTest].
type LiveTest struct {
	now func() time.Time
	// epoch returns the key of the present epoch of a job; empty if unknown.
	epoch func(episode.JobRef) string

	mu       sync.Mutex // protects the following fields
	progress api.ScaleProgress
	at       time.Time // of the last report; zero if no test is under way
	// sustainable, input and headroom are by cluster and job; they stay after the test.
	sustainable     map[episode.JobRef]foundRate
	input, headroom map[episode.JobRef]float64
	// reached is in how many seconds the input reaches the rate.
	reached map[episode.JobRef]stat.Breach
}

// NewLiveTest returns one without a test under way. epoch returns the key of the present epoch of a
// job, empty if it is unknown.
func NewLiveTest(epoch func(episode.JobRef) string) *LiveTest {
	return &LiveTest{
		now: time.Now, epoch: epoch,
		sustainable: map[episode.JobRef]foundRate{}, input: map[episode.JobRef]float64{},
		headroom: map[episode.JobRef]float64{}, reached: map[episode.JobRef]stat.Breach{},
	}
}

// Report implements routes.LiveScaleTest.
func (l *LiveTest) Report(p api.ScaleProgress) error {
	epoch := l.epoch(episode.JobRef{Cluster: p.Cluster, Job: p.Job})
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running() && l.progress.Test != p.Test {
		return &api.Error{
			Status: http.StatusConflict,
			Message: "another scale test is under way: label " + l.progress.Label + " of job " + l.progress.Job +
				" (wait for its end: two tests measure each other)",
		}
	}
	l.find(p, epoch)
	l.remember(l.headroom, p, p.Headroom)
	l.progress, l.at = p, l.now()
	if p.Ended {
		l.at = time.Time{}
	}
	return nil
}

// maxTestedJobs bounds the series that stay after their test.
const maxTestedJobs = 100

// remember keeps what was found of a job. The caller holds mu.
func (l *LiveTest) remember(found map[episode.JobRef]float64, p api.ScaleProgress, value *float64) {
	job := episode.JobRef{Cluster: p.Cluster, Job: p.Job}
	if _, known := found[job]; value != nil && (known || len(found) < maxTestedJobs) {
		found[job] = *value
	}
}

// running reports whether a test is under way. The caller holds mu.
func (l *LiveTest) running() bool { return !l.at.IsZero() && l.now().Sub(l.at) < silentFor }

// Status returns the test that is under way, nil if there is none.
func (l *LiveTest) Status() *api.ScaleProgress {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.running() {
		return nil
	}
	p := l.progress
	return &p
}

// Tests reports whether a test of a job is under way; without a name, one of any job of the cluster.
func (l *LiveTest) Tests(job episode.JobRef) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.running() && job.Cluster == l.progress.Cluster && (job.Job == "" || job.Job == l.progress.Job)
}

// restore sets the rate that an earlier process found, unless a newer one is known.
func (l *LiveTest) restore(of episode.JobRef, found foundRate) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, known := l.sustainable[of]; !known && len(l.sustainable) < maxTestedJobs {
		l.sustainable[of] = found
	}
}

// rates are the sustainable rates by job.
func (l *LiveTest) rates() map[episode.JobRef]foundRate {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.sustainable)
}

// relate sets today's input and the headroom of a job; both are absent if it is unknown.
func (l *LiveTest) relate(of episode.JobRef, rate, input float64, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.input, of)
	delete(l.headroom, of)
	if known && input > 0 {
		l.input[of], l.headroom[of] = input, rate/input
	}
}

// foresee sets when the input of a job reaches the rate; absent if it is not foreseen.
func (l *LiveTest) foresee(of episode.JobRef, when stat.Breach, known bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if delete(l.reached, of); known {
		l.reached[of] = when
	}
}
