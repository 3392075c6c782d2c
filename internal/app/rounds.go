package app

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/plans"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// rounds are episodes of a round of the probe on request. Each runs in its own goroutine, under
// the context of the sidecar and not of the request: a caller that disconnects does not stop it.
type rounds struct {
	requests chan roundTurn
	app      *App
}

type roundTurn struct {
	alert   episode.Alert
	records int
	answer  chan<- turnEnd
}

type turnEnd struct {
	episode episode.Episode
	err     error
}

func newRounds(a *App) *rounds { return &rounds{app: a, requests: make(chan roundTurn)} }

// run handles requests until ctx ends.
func (r *rounds) run(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	for {
		select {
		case <-ctx.Done():
			return nil
		case turn := <-r.requests:
			work.Go(func() {
				ep, err := r.app.loop.Turn(ctx, turn.alert, r.plan(turn.records))
				turn.answer <- turnEnd{ep, err}
			})
		}
	}
}

// Round implements routes.Rounds.
func (r *rounds) Round(ctx context.Context, request api.RoundRequest) (episode.Episode, error) {
	answer := make(chan turnEnd, 1)
	turn := roundTurn{records: request.Records, answer: answer, alert: episode.Alert{
		Rule: plans.RuleProbeRound, Source: cmp.Or(request.Source, episode.FromAPI),
		Cluster: r.app.cfg.ProbedJob().Cluster, Job: r.app.cfg.Probe.Job,
		Summary: "a round of synthetic records was requested",
	}}
	select {
	case r.requests <- turn:
	case <-ctx.Done():
		return episode.Episode{}, ctx.Err()
	}
	select {
	case end := <-answer:
		if errors.Is(end.err, synthetic.ErrPaused) {
			return end.episode, &api.Error{Status: http.StatusConflict, Message: end.err.Error()}
		}
		return end.episode, end.err
	case <-ctx.Done():
		return episode.Episode{}, ctx.Err()
	}
}

// plan measures one round of n records.
func (r *rounds) plan(n int) loop.Plan {
	return loop.Plan{Measurer: loop.MeasureFunc(func(
		ctx context.Context, _ episode.Alert,
	) (episode.Measurement, error) {
		return r.app.measurer.Round(ctx, n)
	})}
}
