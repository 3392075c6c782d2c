package annotations

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// Evaluations is the part of the history that regressions are told from.
type Evaluations interface {
	Evaluations(of episode.JobRef, before string, limit int) ([]episode.Evaluation, error)
	PutEvaluation(e episode.Evaluation) error
}

// Look lets [Annotations.Run] look now: there is something new to tell.
func (a *Annotations) Look() {
	select {
	case a.asked <- struct{}{}:
	default: // a look is asked for already
	}
}

// TellRegression tells of a large regression, once. The error is about an attempt that may be
// repeated; Run does so.
func (a *Annotations) TellRegression(ctx context.Context, e episode.Evaluation) error {
	made := episode.Announcement{Where: inGrafana, At: time.Now()}
	id, err := a.notifier.Annotate(ctx, a.ofRegression(e))
	switch {
	case err != nil && mayPass(err, time.Since(e.Ended)):
		return err
	case err != nil:
		made.Error = err.Error()
		a.log.Warn("A large regression is not annotated", "evaluation", e.ID, "err", err)
	case id != 0:
		made.ID = fmt.Sprint(id)
	}
	e.Announced = &made
	return a.store.PutEvaluation(e)
}

// regressions annotates the newest regressions that have no annotation yet.
func (a *Annotations) regressions(ctx context.Context) error {
	newest, err := a.newRegressions()
	faults := []error{err}
	for _, e := range newest {
		if e.Announced == nil && ctx.Err() == nil {
			faults = append(faults, a.TellRegression(ctx, e))
		}
	}
	return errors.Join(faults...)
}

// newRegressions are those that may still be told of.
func (a *Annotations) newRegressions() (newest []episode.Evaluation, err error) {
	all, err := a.store.Evaluations(episode.JobRef{}, "", followed)
	for _, e := range all {
		if e.Verdict == episode.EvaluationRegression && time.Since(e.Ended) < followFor {
			newest = append(newest, e)
		}
	}
	return newest, err
}

// restoreRegressions takes over which requests of an earlier process may have had no answer.
func (a *Annotations) restoreRegressions() error {
	newest, err := a.newRegressions()
	for _, e := range newest {
		if told := e.Announced; told != nil && told.ID != "" {
			a.notifier.Restore(told.At)
		}
		if e.Announced == nil || time.Since(e.Announced.At) < doubtedAfterRestart {
			a.notifier.Doubt(a.ofRegression(e))
		}
	}
	return err
}

// ofRegression is what Grafana should show of a regression.
func (a *Annotations) ofRegression(e episode.Evaluation) grafana.Annotation {
	link := a.page + "/runs"
	if e.Episode != "" {
		link = a.page + "/episodes/" + e.Episode
	}
	return grafana.Annotation{
		ID: e.ID, Cluster: e.Cluster, Job: e.Job, Rule: "evaluation", From: e.Began, To: e.Ended,
		Text: outcome.RegressionText(e), Link: link,
	}
}
