package app

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
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

	mu     sync.Mutex                   // protects judged
	judged map[episode.JobRef]judgement // of each job with evaluations
}

// judgement is what the evaluations of one job say.
type judgement struct {
	// standing are its large regressions, newest the subjects of its newest evaluation of each kind.
	standing []outcome.Regression
	newest   []outcome.Subject
}

func (a *App) openEvaluations() error {
	a.evaluations = &evaluations{
		store: a.store, sender: a.sender, told: a.annotations, tellsOn: !a.options.OnDemand, page: a.pageURL(),
		log: a.log, judged: map[episode.JobRef]judgement{},
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

// read looks at the evaluations of a job, and makes its alerts fire or end.
func (e *evaluations) read(of episode.JobRef) error {
	all, err := e.store.Evaluations(of, "", history.MaxLimit)
	if err != nil || len(all) == 0 {
		return err
	}
	standing := outcome.Standing(all)
	e.mu.Lock()
	before := e.judged[of].standing
	e.judged[of] = judgement{standing, outcome.Newest(all)}
	e.mu.Unlock()
	if e.sender == nil {
		return nil
	}
	for _, r := range standing {
		e.sender.Fire(keyOf(r), e.alert(r))
	}
	// An earlier process may have sent what the newest evaluation ended, so that this one must tell its
	// end.
	for _, r := range slices.Concat(before, outcome.Standing(all[1:])) {
		if !slices.ContainsFunc(standing, func(s outcome.Regression) bool { return s.Subject() == r.Subject() }) {
			e.sender.Fire(keyOf(r), e.alert(r))
			e.sender.Resolve(keyOf(r), all[0].Ended)
		}
	}
	return nil
}

// keyOf identifies the alert of a regression for the sender.
func keyOf(r outcome.Regression) string {
	one := r.Evaluation
	return strings.Join([]string{
		"evaluation", one.Cluster, one.Job, string(one.Kind), one.Label, one.BaselineLabel,
	}, "\x1f")
}

// regressionAlert is the name of the alert.
const regressionAlert = "FlinkSidecarLargeRegression"

// alert is a regression as Alertmanager gets it.
func (e *evaluations) alert(r outcome.Regression) notify.Alert {
	one := r.Evaluation
	a := notify.Alert{
		Labels: map[string]string{
			"alertname": regressionAlert, "cluster": one.Cluster, "job": one.Job, "severity": "warning",
			"kind": string(one.Kind), "label": one.Label, "baseline_label": one.BaselineLabel,
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

const regressionHelp = "1 for each kind and label of evaluations of a job that show a large regression that is not " +
	"over, 0 for the newest evaluation of each kind without one. A job without evaluations has no series."

var regressionDesc = prometheus.NewDesc("flink_sidecar_evaluation_regression", regressionHelp,
	[]string{"cluster", "job", "kind", "label"}, nil)

// maxEvaluated bounds the series that are exported.
const maxEvaluated = 100

// Describe implements prometheus.Collector.
func (e *evaluations) Describe(ch chan<- *prometheus.Desc) { ch <- regressionDesc }

// Collect implements prometheus.Collector.
func (e *evaluations) Collect(ch chan<- prometheus.Metric) {
	e.mu.Lock()
	defer e.mu.Unlock()
	seen := map[[4]string]bool{} // shortened labels may be equal, series must not
	export := func(of episode.JobRef, s outcome.Subject, value float64) {
		at := [4]string{of.Cluster, of.Job, string(s.Kind), s.Label}
		for i := range at {
			at[i] = plaintext.Label(at[i], 200)
		}
		if !seen[at] && len(seen) < maxEvaluated {
			seen[at] = true
			ch <- prometheus.MustNewConstMetric(regressionDesc, prometheus.GaugeValue, value, at[:]...)
		}
	}
	for of, job := range e.judged { // first all that stand: none of them is left out for a 0
		for _, r := range job.standing {
			export(of, r.Subject(), 1)
		}
	}
	for of, job := range e.judged {
		for _, s := range job.newest {
			export(of, s, 0)
		}
	}
}
