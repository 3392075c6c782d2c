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

// State says how much is known of a change point.
type State string

// The states. A few blocks may differ for a reason that is soon over.
const (
	Candidate State = "candidate" // a side has fewer than [production.MinBlocks] blocks
	Confirmed State = "confirmed"
)

// Direction says whether a change is for the better.
type Direction string

// The directions.
const (
	Better Direction = "better"
	Worse  Direction = "worse"
)

// Point is a change point of one figure of one job.
type Point struct {
	// ID is a ULID made of what changed and when, or that of the triage that stays with it.
	ID      string `json:"id"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	Figure  string `json:"figure"`
	// At is the begin of the first block after the change.
	At        time.Time `json:"at"`
	State     State     `json:"state"`
	Direction Direction `json:"direction"`
	// Before and After are the geometric means of the figure between the change points
	// beside this one.
	Before        float64 `json:"before"`
	After         float64 `json:"after"`
	ChangePercent float64 `json:"change_percent"`
	// P is a measure of strength, see [Step].
	P float64 `json:"p"`
	// BlocksBefore and BlocksAfter are how many blocks the means are made of.
	BlocksBefore int `json:"blocks_before"`
	BlocksAfter  int `json:"blocks_after"`
	// Epochs began near the change: candidates for the cause. Empty if there are none.
	Epochs []Epoch `json:"epochs"`
	// Triage is what people said, with TriagedAt and Note if they said something.
	Triage    episode.TriageState `json:"triage"`
	TriagedAt time.Time           `json:"triaged_at,omitzero"`
	Note      string              `json:"note,omitempty"`
}

// Epoch is an epoch in short: when it began, and what changed in it.
type Epoch struct {
	Key     string    `json:"key"`
	Began   time.Time `json:"began"`
	Changes []string  `json:"changes"`
}

// EpochOf is an epoch in short.
func EpochOf(e episode.Epoch) Epoch {
	changes := []string{}
	for _, c := range e.Changes {
		changes = append(changes, c.String())
	}
	return Epoch{e.Key, e.Began.UTC(), changes}
}

// Report is the result of a search.
type Report struct {
	// Points are in the order of time, oldest first.
	Points []Point `json:"points"`
	// Series are all that were searched, also those with too few blocks.
	Series []Series `json:"series"`
	// Tally counts what people said.
	Tally Tally `json:"tally"`
}

// NewReport is a report of nothing, to which [Report.Add] adds jobs.
func NewReport() Report { return Report{Points: []Point{}, Series: []Series{}} }

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

// Add adds what was found in another job.
func (r *Report) Add(other Report) {
	r.Points, r.Series = append(r.Points, other.Points...), append(r.Series, other.Series...)
	r.Tally = r.Tally.plus(other.Tally)
	r.sort()
}

// Searched is how many series have enough blocks for a change to be found.
func (r Report) Searched() (n int) {
	for _, s := range r.Series {
		if s.Enough() {
			n++
		}
	}
	return n
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Points, func(a, b Point) int { return a.At.Compare(b.At) })
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
