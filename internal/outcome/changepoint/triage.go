package changepoint

import (
	"bytes"
	"slices"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// attach gives each triage, newest first, to the nearest point of the same figure and
// direction within a tolerance. Where two points merged, the newer triage counts.
func attach(points []Point, triages []episode.Triage, tolerance time.Duration) {
	for _, t := range triages {
		nearest := -1
		for i, p := range points {
			away := p.At.Sub(t.Changed).Abs()
			if p.Triage != episode.Untriaged || p.Figure != t.Figure || p.Cluster != t.Cluster || p.Job != t.Job ||
				(p.ChangePercent > 0) != (t.ChangePercent > 0) || away > tolerance {
				continue
			}
			if nearest < 0 || away < points[nearest].At.Sub(t.Changed).Abs() {
				nearest = i
			}
		}
		if nearest >= 0 {
			p := &points[nearest]
			p.ID, p.Triage, p.TriagedAt, p.Note = t.ID, t.State, t.At, t.Note
		}
	}
}

// Named returns the point with an id. A point that later values moved a little is found by the
// id that it had before; false if there is none.
func (r Report) Named(id string, length time.Duration) (Point, bool) {
	if i := slices.IndexFunc(r.Points, func(p Point) bool { return p.ID == id }); i >= 0 {
		return r.Points[i], true
	}
	named, err := ulid.ParseStrict(id)
	if err != nil {
		return Point{}, false
	}
	at := ulid.Time(named.Time())
	nearest, least := Point{}, within*length+1
	for _, p := range r.Points {
		now, err := ulid.ParseStrict(newID(episode.JobRef{Cluster: p.Cluster, Job: p.Job}, p.Figure, p.At))
		away := p.At.Sub(at).Abs()
		if err == nil && bytes.Equal(now.Entropy(), named.Entropy()) && away < least {
			nearest, least = p, away
		}
	}
	return nearest, least <= within*length
}

// Triaged is the triage of a point.
func (p Point) Triaged(state episode.TriageState, note string, at time.Time) episode.Triage {
	return episode.Triage{
		ID: p.ID, Cluster: p.Cluster, Job: p.Job, Figure: p.Figure, Changed: p.At, ChangePercent: p.ChangePercent,
		State: state, At: at.UTC(), Note: note,
	}
}

// Tally counts what people said of change points.
type Tally struct {
	// Untriaged are points that are found now. Positive and Negative are all triages that are
	// kept, also of points that are not found any more.
	Untriaged int `json:"untriaged"`
	Positive  int `json:"positive"`
	Negative  int `json:"negative"`
	// PrecisionLow and PrecisionHigh are the 95 % interval of the share of positive points
	// among the triaged ones; null if none is triaged.
	PrecisionLow  *float64 `json:"precision_low"`
	PrecisionHigh *float64 `json:"precision_high"`
}

func tallyOf(points []Point, triages []episode.Triage) (t Tally) {
	for _, p := range points {
		if p.Triage == episode.Untriaged {
			t.Untriaged++
		}
	}
	for _, one := range triages {
		switch one.State {
		case episode.Positive:
			t.Positive++
		case episode.Negative:
			t.Negative++
		case episode.Untriaged:
		}
	}
	return t.plus(Tally{})
}

// plus adds two tallies, and judges the sum.
func (t Tally) plus(other Tally) Tally {
	sum := Tally{
		Untriaged: t.Untriaged + other.Untriaged, Positive: t.Positive + other.Positive,
		Negative: t.Negative + other.Negative,
	}
	if judged := sum.Positive + sum.Negative; judged > 0 {
		low, high := stat.Wilson(int64(sum.Positive), int64(judged), stat.Deviate(0.05))
		sum.PrecisionLow, sum.PrecisionHigh = &low, &high
	}
	return sum
}
