package changepoint

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// within is how many blocks two places of one change may be apart: an epoch and the point
// that it may cause, or a point before and after later values moved it.
const within = 5

// Job is what is known of one job.
type Job struct {
	Of episode.JobRef
	// Epochs are in any order, Blocks oldest first and of the given length.
	Epochs []episode.Epoch
	Blocks []production.Block
	Length time.Duration
	// Triages are what people said of the job's points, newest first.
	Triages []episode.Triage
}

// Search finds the change points of one job.
func Search(job Job) Report {
	report := NewReport()
	alike := production.Alike(job.Blocks, job.Blocks)
	for _, f := range figures {
		_, all := f.values(job.Blocks)
		times, values := f.values(alike)
		report.Series = append(report.Series, Series{
			Cluster: job.Of.Cluster, Job: job.Of.Job, Figure: f.name, Blocks: len(values), OtherLoad: len(all) - len(values),
		})
		for _, s := range Detect(values, DefaultSettings()) {
			report.Points = append(report.Points, job.point(f, times[s.Index], s))
		}
	}
	attach(report.Points, job.Triages, within*job.Length)
	report.sort()
	report.Tally = tallyOf(report.Points, job.Triages)
	return report
}

func (j Job) point(f figure, at time.Time, s Step) Point {
	p := Point{
		ID: newID(j.Of, f.name, at), Cluster: j.Of.Cluster, Job: j.Of.Job, Figure: f.name, At: at.UTC(),
		State: Candidate, Direction: Better, Before: s.MeanBefore, After: s.MeanAfter, P: s.P,
		ChangePercent: stat.Percent(s.LogRatio), BlocksBefore: s.Before, BlocksAfter: s.After,
		Epochs: j.near(at), Triage: episode.Untriaged,
	}
	if min(s.Before, s.After) >= production.MinBlocks {
		p.State = Confirmed
	}
	if (s.LogRatio > 0) == f.moreIsWorse {
		p.Direction = Worse
	}
	return p
}

// near are the epochs that began near a time, oldest first. The first known epoch of a job
// changed nothing.
func (j Job) near(at time.Time) []Epoch {
	found := []Epoch{}
	for _, e := range j.Epochs {
		if len(e.Changes) == 0 || e.Began.Sub(at).Abs() > within*j.Length {
			continue
		}
		found = append(found, EpochOf(e))
	}
	slices.SortFunc(found, func(a, b Epoch) int { return a.Began.Compare(b.Began) })
	return found
}

// newID makes the id of a change: its time, and a hash of what changed.
func newID(of episode.JobRef, figure string, at time.Time) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q", of.Cluster, of.Job, figure))
	var id ulid.ULID
	// Times that are stored fit, and ten bytes do too.
	_ = id.SetTime(ulid.Timestamp(at))
	_ = id.SetEntropy(sum[:10])
	return id.String()
}
