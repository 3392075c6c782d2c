package results

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// foundRate is the sustainable rate that a test found.
type foundRate struct {
	rate float64 // records per second
	test string
	at   time.Time // the end of the test
	// epoch is that of the job that was tested; empty if unknown.
	epoch string
}

// foundIn is what a stored test found; false if it found nothing.
func foundIn(test scalerun.Test) (foundRate, bool) {
	rate := test.SustainableRate()
	if rate == nil {
		return foundRate{}, false
	}
	return foundRate{*rate, test.ID, test.Worked(), test.EpochKey}, true
}

// find keeps the rate that a test reports, with the epoch that the job has then: a test ends when its
// job gets another id. The caller holds mu.
func (l *LiveTest) find(p api.ScaleProgress, epoch string) {
	job := episode.JobRef{Cluster: p.Cluster, Job: p.Job}
	old, known := l.sustainable[job]
	if p.SustainableRate == nil || known && old.test == p.Test && old.rate == *p.SustainableRate ||
		!known && len(l.sustainable) >= maxTestedJobs {
		return
	}
	l.sustainable[job] = foundRate{*p.SustainableRate, p.Test, l.now(), epoch}
}

// Sustainable returns the sustainable rate of a job; nil if no search has found one.
func (l *LiveTest) Sustainable(job episode.JobRef) *api.FoundRate {
	found, known := l.rates()[job]
	if !known {
		return nil
	}
	out := &api.FoundRate{Rate: found.rate, FoundAt: found.at.UTC()}
	if is, known := l.outdated()[job]; known {
		out.Outdated = &is
	}
	return out
}

// outdated reports for each job with a rate whether its present epoch is another than the measured
// one. A job of which either is not known is not in the result.
func (l *LiveTest) outdated() map[episode.JobRef]bool {
	out := map[episode.JobRef]bool{}
	for job, found := range l.rates() {
		if now := l.epoch(job); now != "" && found.epoch != "" {
			out[job] = now != found.epoch
		}
	}
	return out
}
