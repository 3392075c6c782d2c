package results

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Predictions measures what came of the advice, and exports how often each kind was right. Use
// [NewPredictions].
type Predictions struct {
	store *history.Store
	block time.Duration
	// every is the time between two looks.
	every time.Duration
	// page is how many episodes are read at a time; 0 is the default of the history.
	page int
	log  *slog.Logger
	now  func() time.Time

	records atomic.Pointer[map[prediction.Kind]prediction.Record]
	// looked is when each finding without a final outcome was measured last. Only Run uses it.
	looked map[string]time.Time
}

// measureEvery is the time between two looks, unless a block of measurements is shorter.
const measureEvery = 5 * time.Minute

// NewPredictions measures in blocks of measurements.
func NewPredictions(store *history.Store, block time.Duration, log *slog.Logger) *Predictions {
	return &Predictions{
		store: store, block: block, every: min(measureEvery, block), page: history.MaxLimit,
		log: log.With("component", "predictions"), now: time.Now, looked: map[string]time.Time{},
	}
}

// Run measures until ctx ends.
func (p *Predictions) Run(ctx context.Context) error {
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	for {
		if err := p.measureAll(ctx); err != nil && ctx.Err() == nil {
			p.log.Warn("Outcomes of advice are not measured", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

const (
	// mostAdvised is how many episodes with advice are looked at, the newest ones.
	mostAdvised = 1000
	// mostRead is how many episodes are read to find them: most have no advice where alerts only
	// measure. Reading all of a large history every few minutes would cost too much.
	mostRead = 10_000
)

// advised returns the newest episodes with advice, newest first.
func (p *Predictions) advised() (out []episode.Episode, err error) {
	for before, read := "", 0; read < mostRead && len(out) < mostAdvised; {
		page, err := p.store.Episodes(episode.JobRef{}, before, p.page)
		if err != nil || len(page) == 0 {
			return out, err
		}
		for _, ep := range page {
			if ep.Advice != nil && len(ep.Advice.Findings) > 0 {
				out = append(out, ep)
			}
		}
		before, read = page[len(page)-1].ID, read+len(page)
	}
	return out[:min(len(out), mostAdvised)], nil
}

// measureAll looks at the findings of the newest episodes with advice.
func (p *Predictions) measureAll(ctx context.Context) error {
	episodes, err := p.advised()
	if err != nil {
		return err
	}
	turn := newLookup(p.store, p.now(), episodes)
	for i := range episodes { // newest first: later advice of a kind replaces earlier one
		for _, f := range episodes[i].Advice.Findings {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			if err := p.look(turn, &episodes[i], f); err != nil {
				return err
			}
		}
	}
	p.records.Store(new(prediction.Count(episodes)))
	return nil
}

// look measures one finding of an episode, and stores what is new.
func (p *Predictions) look(turn *lookup, ep *episode.Episode, f episode.Finding) error {
	o, measured, err := p.measureOne(turn, *ep, f)
	if err != nil || !measured {
		return err
	}
	changed, err := p.store.PutOutcome(ep.ID, o)
	if err != nil || !changed {
		return err
	}
	p.log.Info("Advice has an outcome", "cluster", ep.Alert.Cluster, "job", ep.Alert.Job, "episode", ep.ID, "finding", f.ID,
		"result", o.Result, "reason", o.Reason)
	ep.Outcomes = append(others(ep.Outcomes, f.ID), o)
	return nil
}

// others are the outcomes of other findings.
func others(outcomes []episode.Outcome, finding string) (out []episode.Outcome) {
	for _, o := range outcomes {
		if o.Finding != finding {
			out = append(out, o)
		}
	}
	return out
}

// taken is a change and the kind of finding that it counts for.
type taken struct {
	of               episode.JobRef
	category, vertex string
	at               time.Time
}

// lookup holds what one look at all findings has read.
type lookup struct {
	store  *history.Store
	now    time.Time
	epochs map[episode.JobRef][]episode.Epoch
	// known is what the episodes know of the findings of each job.
	known map[episode.JobRef]*prediction.Known
	// taken is the finding that each change counts for.
	taken map[taken]string
}

func newLookup(store *history.Store, now time.Time, episodes []episode.Episode) *lookup {
	l := &lookup{
		store: store, now: now, epochs: map[episode.JobRef][]episode.Epoch{},
		known: map[episode.JobRef]*prediction.Known{}, taken: map[taken]string{},
	}
	for _, ep := range episodes {
		of := ep.Alert.JobRef()
		if l.known[of] == nil {
			l.known[of] = &prediction.Known{}
		}
		l.known[of].Add(ep)
	}
	return l
}

// measureOne measures one finding. It returns false if there is nothing new to store.
func (p *Predictions) measureOne(
	turn *lookup, ep episode.Episode, f episode.Finding,
) (o episode.Outcome, measured bool, err error) {
	of := ep.Alert.JobRef()
	epochs, err := turn.epochsOf(of)
	if err != nil {
		return o, false, err
	}
	change, ok := prediction.Attribute(ep, f, epochs, *turn.known[of])
	if !ok {
		return o, false, nil
	}
	was, known := ep.OutcomeOf(f.ID)
	key := taken{of, f.Category, ep.Vertex(), change.At}
	if with, ok := turn.taken[key]; ok {
		// Without a mark nobody waits for an outcome of advice that was repeated.
		_, marked := ep.MarkOf(f.ID)
		return prediction.CountedWith(with, f, change, turn.now), known && !was.Final || !known && marked, nil
	}
	turn.taken[key] = f.ID
	// A week of measurements is read for a look, and nothing new can be seen within a block.
	if known && (was.Final || turn.now.Sub(p.looked[f.ID]) < p.block) {
		return o, false, nil
	}
	p.looked[f.ID] = turn.now
	data, err := turn.data(of, change, p.block)
	if err != nil {
		return o, false, err
	}
	o = prediction.Measure(f, change, data)
	if o.Final {
		delete(p.looked, f.ID)
	}
	same := known && was.Result == o.Result && was.Reason == o.Reason && was.Final == o.Final
	return o, !same, nil
}

func (l *lookup) epochsOf(of episode.JobRef) ([]episode.Epoch, error) {
	if known, ok := l.epochs[of]; ok {
		return known, nil
	}
	epochs, err := l.store.Epochs(of, history.MaxLimit)
	l.epochs[of] = epochs
	return epochs, err
}

// data reads what was measured around a change.
func (l *lookup) data(of episode.JobRef, change prediction.Change, block time.Duration) (prediction.Data, error) {
	d := prediction.Data{Job: of, Block: block, Now: l.now}
	reach := prediction.Reach(block)
	from, to := change.At.Add(-reach), change.At.Add(reach)
	for before := ""; ; {
		page, err := l.store.Measurements(of, before, from, to, history.MaxLimit)
		if err != nil {
			return d, err
		}
		for _, m := range page { // their largest parts are not needed
			m.Accounts, m.Hops, m.IngestedUpperBound, m.Warnings = nil, nil, nil, nil
			d.Measurements = append(d.Measurements, m)
		}
		if len(page) < history.MaxLimit {
			break
		}
		before = page[len(page)-1].ID
	}
	tests, err := l.tests(of, change)
	d.ScaleTests = tests
	return d, err
}

// testsRead is how many scale tests are in memory at a time: one may have 2 MiB.
const testsRead = 30

// tests are the scale tests of both sides of a change, among the newest ones of the job, newest first.
func (l *lookup) tests(of episode.JobRef, change prediction.Change) (tests []scalerun.Test, err error) {
	before := ""
	for range history.MaxLimit / testsRead {
		page, err := l.store.ScaleTests(of, before, testsRead)
		if err != nil {
			return nil, err
		}
		for _, t := range page {
			if t.EpochKey == change.Before || t.EpochKey == change.After {
				tests = append(tests, t)
			}
			before = t.ID
		}
		if len(page) < testsRead {
			break
		}
	}
	return tests, nil
}

// Weigh lets findings count by what came of earlier ones of their kind.
func (p *Predictions) Weigh(findings []episode.Finding) {
	if p == nil || p.records.Load() == nil { // nothing was measured yet
		return
	}
	prediction.Weigh(findings, *p.records.Load())
}
