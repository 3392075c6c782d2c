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
	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// evaluations keeps evaluations, and tells Alertmanager and Grafana of large regressions. It
// implements api.Evaluations.
type evaluations struct {
	store  *history.Store
	sender *notify.Sender    // nil unless an Alertmanager is configured
	marker *grafana.Notifier // nil unless a Grafana is configured
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
		store: a.store, sender: a.sender, marker: a.notifier, page: a.pageURL(), log: a.log,
		standing: map[episode.JobRef]bool{},
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

// noticeWithin bounds how long storing an evaluation waits for Alertmanager and Grafana.
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
	if evaluation.Verdict == episode.EvaluationRegression && e.marker != nil {
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
		Annotations: map[string]string{"summary": regressionText(one), "evaluation": one.ID},
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

// regressionText is a regression in a sentence.
func regressionText(e episode.Evaluation) string {
	var worse []string
	for _, j := range e.Judged {
		if j.Outside && j.WorsePercent != nil {
			worse = append(worse, fmt.Sprintf("%s is worse by %.0f %% (%.4g, expected %.4g)", outcome.FigureName(j.Name),
				*j.WorsePercent, j.Value, *j.Expected))
		}
	}
	return fmt.Sprintf("Large regression of job %s with %s: %s", e.Job, e.Label, strings.Join(worse, ", "))
}

// annotate shows a regression on Grafana's graphs.
func (e *evaluations) annotate(ctx context.Context, one episode.Evaluation) {
	wanted := grafana.Annotation{
		ID: one.ID, Cluster: one.Cluster, Job: one.Job, Rule: "evaluation", Text: regressionText(one),
		Link: e.page + "/runs", From: one.Began, To: one.Ended,
	}
	if one.Episode != "" {
		wanted.Link = e.page + "/episodes/" + one.Episode
	}
	if _, err := e.marker.Annotate(ctx, wanted); err != nil {
		e.log.Warn("A large regression is not annotated", "evaluation", one.ID, "err", err)
	}
}

var regressionDesc = prometheus.NewDesc("flink_sidecar_evaluation_regression",
	"1 if the evaluations of a job show a large regression that is not over, else 0. A job without evaluations has "+
		"no series.", []string{"cluster", "job"}, nil)

// Describe implements prometheus.Collector.
func (e *evaluations) Describe(ch chan<- *prometheus.Desc) { ch <- regressionDesc }

// Collect implements prometheus.Collector.
func (e *evaluations) Collect(ch chan<- prometheus.Metric) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for of, standing := range e.standing {
		value := 0.0
		if standing {
			value = 1
		}
		ch <- prometheus.MustNewConstMetric(regressionDesc, prometheus.GaugeValue, value, plaintext.Label(of.Cluster, 200),
			plaintext.Label(of.Job, 200))
	}
}
