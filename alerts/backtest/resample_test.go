package backtest

import (
	"log/slog"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// blockLength is how long a piece of a recording stays as it is. It is long enough for the
// slowest correlation of a signal, the 10 min of most rates, and as long as a rule waits before
// it fires.
const blockLength = 15 * time.Minute

// evaluated is how often the rules look at pieces. Seldom is quick, and no rule fires less often
// for it: it must hold whenever it is looked at.
const evaluated = time.Minute

// recording is what one sidecar saw of healthy jobs.
type recording struct {
	name    string
	samples Samples
	// observed is in the order of the times, without repetitions.
	observed []signal.Observation
}

// subject is a signal of something.
type subject struct {
	signal snapshot.Signal
	labels snapshot.Labels
}

func recordingOf(t *testing.T, name string, samples Samples) recording {
	t.Helper()
	r := recording{name: name, samples: samples}
	type instant struct {
		of   subject
		nano int64
	}
	seen, reader := map[instant]bool{}, signal.NewReader()
	for page, err := range samples.Pages() {
		require.NoError(t, err)
		for _, o := range reader.Read(page.At, page.Series) {
			if at := (instant{subject{o.Signal, o.Labels}, o.Sample.T.UnixNano()}); !seen[at] {
				seen[at] = true
				r.observed = append(r.observed, o)
			}
		}
	}
	slices.SortStableFunc(r.observed, func(a, b signal.Observation) int { return a.Sample.T.Compare(b.Sample.T) })
	return r
}

func (r recording) first() time.Time { return r.samples[0].at() }

func (r recording) last() time.Time { return r.samples[len(r.samples)-1].at() }

// jobHours are those from the first to the last sample of each job.
func (r recording) jobHours() map[string]float64 {
	began, out := map[string]time.Time{}, map[string]float64{}
	for _, o := range r.observed {
		if job := o.Labels.Job; job != "" {
			if began[job].IsZero() {
				began[job] = o.Sample.T
			}
			out[job] = o.Sample.T.Sub(began[job]).Hours()
		}
	}
	return out
}

// hours are those from the first to the last sample of each subject.
func (r recording) hours() map[snapshot.Signal][]float64 {
	began, ended := map[subject]time.Time{}, map[subject]time.Time{}
	for _, o := range r.observed {
		of := subject{o.Signal, o.Labels}
		if began[of].IsZero() {
			began[of] = o.Sample.T
		}
		ended[of] = o.Sample.T
	}
	out := map[snapshot.Signal][]float64{}
	for of, at := range began {
		out[of.signal] = append(out[of.signal], ended[of].Sub(at).Hours())
	}
	for _, hours := range out {
		slices.Sort(hours) // so that their sum is always the same
	}
	return out
}

// resampled is what the rules did on pieces of a recording.
type resampled struct {
	fired  map[string]int
	lasted map[snapshot.Signal]time.Duration // of all subjects of a signal
}

// resample puts pieces of the recording one after the other, chosen at random. All signals of a
// piece are of the same time, so that they go together as they did. The samples of the settling
// time are left out. All pieces are of one run, process and epoch: nothing cuts a window.
func (r recording) resample(c alerts.Config, seed uint64, length time.Duration) resampled {
	out := resampled{map[string]int{}, map[snapshot.Signal]time.Duration{}}
	trends := alerts.NewTrends(c, slog.New(slog.DiscardHandler))
	rng := rand.New(rand.NewPCG(11, seed))
	settled := r.first().Add(time.Duration(c.Settle))
	spare := int64(r.last().Sub(settled) - blockLength)
	var result Result
	for now, end := r.last(), r.last().Add(length); now.Before(end); now = now.Add(blockLength) {
		from := settled.Add(time.Duration(rng.Int64N(spare + 1)))
		piece := r.between(from, from.Add(blockLength))
		for of := range result.replay(trends, piece, now.Sub(from), now) {
			out.lasted[of.signal] += blockLength
		}
	}
	for _, alert := range result.Alerts {
		out.fired[alert.Rule]++
	}
	return out
}

// between are the observations of a piece, without its end.
func (r recording) between(from, until time.Time) []signal.Observation {
	at := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(r.observed, t, func(o signal.Observation, t time.Time) int {
			return o.Sample.T.Compare(t)
		})
		return i
	}
	return r.observed[at(from):at(until)]
}

// replay feeds a piece as if it had begun at now, and returns the subjects that it has.
func (r *Result) replay(
	trends *alerts.Trends, piece []signal.Observation, later time.Duration, now time.Time,
) map[subject]bool {
	seen := map[subject]bool{}
	for tick := now.Add(evaluated); !tick.After(now.Add(blockLength)); tick = tick.Add(evaluated) {
		for len(piece) > 0 && piece[0].Sample.T.Add(later).Before(tick) {
			o := piece[0]
			o.Sample.T = o.Sample.T.Add(later)
			o.RunID, o.ProcessID, o.EpochKey = "run", "process", "epoch"
			trends.Observe(o)
			seen[subject{o.Signal, o.Labels}] = true
			piece = piece[1:]
		}
		r.tick(trends, tick)
	}
	return seen
}
