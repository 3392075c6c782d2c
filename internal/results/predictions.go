package results

import (
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
)

// Predictions measures what came of the advice, and exports how often each kind was right. Use
// [NewPredictions].
type Predictions struct {
	store *history.Store
	block time.Duration
	// every is the time between two looks.
	every time.Duration
	log   *slog.Logger
	now   func() time.Time

	records atomic.Pointer[map[prediction.Kind]prediction.Record]
	// looked is when each finding without a final outcome was measured last. Only Run uses it.
	looked map[string]time.Time
}

// measureEvery is the time between two looks, unless a block of measurements is shorter.
const measureEvery = 5 * time.Minute

// NewPredictions measures in blocks of measurements.
func NewPredictions(store *history.Store, block time.Duration, log *slog.Logger) *Predictions {
	return &Predictions{
		store: store, block: block, every: min(measureEvery, block), log: log.With("component", "predictions"),
		now: time.Now, looked: map[string]time.Time{},
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

// measureAll looks at the findings of the newest episodes.
func (p *Predictions) measureAll(ctx context.Context) error {
	episodes, err := p.store.Episodes(episode.JobRef{}, "", history.MaxLimit)
	if err != nil {
		return err
	}
	turn := lookup{store: p.store, now: p.now(), epochs: map[episode.JobRef][]episode.Epoch{}, taken: map[taken]bool{}}
	for i, ep := range episodes { // newest first: later advice of a kind replaces earlier one
		if ep.Advice == nil || ctx.Err() != nil {
			continue
		}
		for _, f := range ep.Advice.Findings {
			o, measured, err := p.measureOne(&turn, ep, f)
			if err != nil {
				return err
			}
			if !measured {
				continue
			}
			changed, err := p.store.PutOutcome(ep.ID, o)
			if err != nil {
				return err
			}
			if changed {
				p.log.Info("Advice has an outcome", "finding", f.ID, "result", o.Result, "reason", o.Reason)
				episodes[i].Outcomes = append(others(episodes[i].Outcomes, f.ID), o)
			}
		}
	}
	p.records.Store(new(prediction.Count(episodes)))
	return ctx.Err()
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
	taken  map[taken]bool
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
	change, ok := prediction.Attribute(ep, f, epochs)
	if !ok {
		return o, false, nil
	}
	key := taken{of, f.Category, ep.Vertex(), change.At}
	if turn.taken[key] {
		return o, false, nil
	}
	turn.taken[key] = true
	was, known := ep.OutcomeOf(f.ID)
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
	tests, err := l.store.ScaleTests(of, "", history.MaxLimit)
	d.ScaleTests = tests
	return d, err
}

// Weigh lets findings count by what came of earlier ones of their kind.
func (p *Predictions) Weigh(findings []episode.Finding) {
	if p == nil || p.records.Load() == nil { // nothing was measured yet
		return
	}
	prediction.Weigh(findings, *p.records.Load())
}
