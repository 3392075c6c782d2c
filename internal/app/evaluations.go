package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/internal/annotations"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// evaluations keeps evaluations, and tells Alertmanager and Grafana of large regressions. It
// implements api.Evaluations.
type evaluations struct {
	store  *history.Store
	sender *notify.Sender // nil unless an Alertmanager is configured
	// told is nil unless a Grafana is configured. tellsOn is false in a sidecar that ends with its
	// command, and has no later attempt.
	told    *annotations.Annotations
	tellsOn bool
	// page is the address of the page. stands is how long an alert fires after the last
	// request: this process may end before the next evaluation.
	page   string
	stands time.Duration
	log    *slog.Logger

	mu       sync.Mutex              // protects standing
	standing map[episode.JobRef]bool // of each job with evaluations
}

func (a *App) openEvaluations() error {
	a.evaluations = &evaluations{
		store: a.store, sender: a.sender, told: a.annotations, tellsOn: !a.options.OnDemand, page: a.pageURL(),
		log: a.log, standing: map[episode.JobRef]bool{},
	}
	if a.options.OnDemand {
		a.evaluations.stands = time.Duration(a.cfg.Evaluate.Repeat)
	}
	a.registry.MustRegister(a.evaluations)
	return a.evaluations.restore()
}

// Evaluations implements api.Evaluations.
func (e *evaluations) Evaluations(of episode.JobRef, before string, limit int) ([]episode.Evaluation, error) {
	return e.store.Evaluations(of, before, limit)
}

// noticeWithin bounds how long storing an evaluation waits for Alertmanager and, in a sidecar that
// ends with its command, for Grafana.
const noticeWithin = 30 * time.Second

// PutEvaluation implements api.Evaluations. It stores the evaluation before it sends the alert.
func (e *evaluations) PutEvaluation(evaluation episode.Evaluation) error {
	if err := e.store.PutEvaluation(evaluation); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), noticeWithin)
	defer cancel()
	if err := e.read(evaluation.JobRef()); err != nil {
		e.log.Warn("Earlier evaluations cannot be read", "err", err)
	}
	if evaluation.Verdict == episode.EvaluationRegression && e.told != nil {
		e.annotate(ctx, evaluation)
	}
	if e.sender != nil {
		// A failure is logged and repeated by the sender.
		_ = e.sender.Send(ctx)
	}
	return nil
}

// restore takes over the regressions that an earlier process left.
func (e *evaluations) restore() error {
	newest, err := e.store.Evaluations(episode.JobRef{}, "", history.MaxLimit)
	if err != nil {
		return fmt.Errorf("reading the evaluations: %w", err)
	}
	seen := map[episode.JobRef]bool{}
	for _, one := range newest {
		if of := one.JobRef(); !seen[of] {
			seen[of] = true
			if err := e.read(of); err != nil {
				return fmt.Errorf("reading the evaluations: %w", err)
			}
		}
	}
	return nil
}

// read looks at the evaluations of a job, and makes its alert fire or end.
func (e *evaluations) read(of episode.JobRef) error {
	all, err := e.store.Evaluations(of, "", history.MaxLimit)
	if err != nil || len(all) == 0 {
		return err
	}
	standing := outcome.Standing(all)
	e.mu.Lock()
	e.standing[of] = standing != nil
	e.mu.Unlock()
	if e.sender == nil {
		return nil
	}
	key := strings.Join([]string{"evaluation", of.Cluster, of.Job}, "\x1f")
	switch {
	case standing != nil:
		e.sender.Fire(key, e.alert(*standing))
	case len(all) > 1:
		// An earlier process may have sent it, so that this one must tell its end.
		if before := outcome.Standing(all[1:]); before != nil {
			e.sender.Fire(key, e.alert(*before))
			e.sender.Resolve(key, all[0].Ended)
		}
	}
	return nil
}

// regressionAlert is the name of the alert.
const regressionAlert = "FlinkSidecarLargeRegression"

// alert is a regression as Alertmanager gets it.
func (e *evaluations) alert(r outcome.Regression) notify.Alert {
	one := r.Evaluation
	a := notify.Alert{
		Labels: map[string]string{
			"alertname": regressionAlert, "cluster": one.Cluster, "job": one.Job, "severity": "warning",
		},
		Annotations: map[string]string{"summary": outcome.RegressionText(one), "evaluation": one.ID},
		StartsAt:    r.Since, Stands: e.stands, Page: e.page + "/runs",
	}
	ep, found, err := e.store.Episode(one.Episode)
	if one.Episode == "" || err != nil || !found {
		return a
	}
	a.Page = e.page + "/episodes/" + ep.ID
	a.Annotations["episode"] = a.Page
	if ep.Advice != nil && len(ep.Advice.Findings) > 0 {
		first := ep.Advice.Findings[0]
		a.Annotations["cause"] = first.Title + episode.ImpactText(first)
		a.Annotations["advice"] = first.Change
	}
	return a
}

// annotate shows a regression on Grafana's graphs. A sidecar that goes on does so in the background.
func (e *evaluations) annotate(ctx context.Context, one episode.Evaluation) {
	if e.tellsOn {
		e.told.Look()
		return
	}
	if err := e.told.TellRegression(ctx, one); err != nil {
		e.log.Warn("A large regression is not annotated yet, the next sidecar tries it again", "evaluation", one.ID, "err", err)
	}
}

var regressionDesc = prometheus.NewDesc("flink_sidecar_evaluation_regression",
	"1 if the evaluations of a job show a large regression that is not over, else 0. A job without evaluations has "+
		"no series.", []string{"cluster", "job"}, nil)

// maxEvaluated bounds the jobs that are exported.
const maxEvaluated = 100

// Describe implements prometheus.Collector.
func (e *evaluations) Describe(ch chan<- *prometheus.Desc) { ch <- regressionDesc }

// Collect implements prometheus.Collector.
func (e *evaluations) Collect(ch chan<- prometheus.Metric) {
	e.mu.Lock()
	defer e.mu.Unlock()
	seen := map[episode.JobRef]bool{} // shortened labels may be equal, series must not
	for of, standing := range e.standing {
		at := episode.JobRef{Cluster: plaintext.Label(of.Cluster, 200), Job: plaintext.Label(of.Job, 200)}
		if seen[at] || len(seen) == maxEvaluated {
			continue
		}
		seen[at] = true
		value := 0.0
		if standing {
			value = 1
		}
		ch <- prometheus.MustNewConstMetric(regressionDesc, prometheus.GaugeValue, value, at.Cluster, at.Job)
	}
}
