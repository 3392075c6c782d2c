package notices

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

// Evaluations keeps evaluations, and sends large regressions to Alertmanager and Grafana. It
// implements routes.Evaluations.
type Evaluations struct {
	Store  *history.Store
	Sender *notify.Sender // nil unless an Alertmanager is configured
	// Annotations is nil unless a Grafana is configured. GoesOn is false in a sidecar that ends with its
	// command, and has no later attempt.
	Annotations *annotations.Annotations
	GoesOn      bool
	// Page is the address of the web page. FiresFor is how long an alert fires after the last
	// request, because this process may end before the next evaluation; 0 is what the sender has.
	Page     string
	FiresFor time.Duration
	Log      *slog.Logger

	mu     sync.Mutex                   // protects judged
	judged map[episode.JobRef]judgement // of each job with evaluations
}

// judgement is what the evaluations of one job say.
type judgement struct {
	// standing are its large regressions, newest the subjects of its newest evaluation of each kind.
	standing []outcome.Regression
	newest   []outcome.Subject
}

// Evaluations implements routes.Evaluations.
func (e *Evaluations) Evaluations(of episode.JobRef, before string, limit int) ([]episode.Evaluation, error) {
	return e.Store.Evaluations(of, before, limit)
}

// noticeWithin bounds how long storing an evaluation waits for Alertmanager and, in a sidecar that
// ends with its command, for Grafana.
const noticeWithin = 30 * time.Second

// PutEvaluation implements routes.Evaluations. It stores the evaluation before it sends the alert.
func (e *Evaluations) PutEvaluation(evaluation episode.Evaluation) error {
	if err := e.Store.PutEvaluation(evaluation); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), noticeWithin)
	defer cancel()
	if err := e.read(evaluation.JobRef()); err != nil {
		e.Log.Warn("Earlier evaluations cannot be read", "err", err)
	}
	if evaluation.Verdict == episode.EvaluationRegression && e.Annotations != nil {
		e.annotate(ctx, evaluation)
	}
	if e.Sender != nil {
		// A failure is logged and repeated by the sender.
		_ = e.Sender.Send(ctx)
	}
	return nil
}

// Restore takes over the regressions that an earlier process left.
func (e *Evaluations) Restore() error {
	newest, err := e.Store.Evaluations(episode.JobRef{}, "", history.MaxLimit)
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
func (e *Evaluations) read(of episode.JobRef) error {
	all, err := e.Store.Evaluations(of, "", history.MaxLimit)
	if err != nil || len(all) == 0 {
		return err
	}
	standing := outcome.Standing(all)
	e.mu.Lock()
	before := e.judged[of].standing
	if e.judged == nil {
		e.judged = map[episode.JobRef]judgement{}
	}
	e.judged[of] = judgement{standing, outcome.Newest(all)}
	e.mu.Unlock()
	if e.Sender == nil {
		return nil
	}
	for _, r := range standing {
		e.Sender.Fire(keyOf(r), e.alert(r))
	}
	// An earlier process may have sent what the newest evaluation ended, so that this one must tell its
	// end.
	for _, r := range slices.Concat(before, outcome.Standing(all[1:])) {
		if !slices.ContainsFunc(standing, func(s outcome.Regression) bool { return s.Subject() == r.Subject() }) {
			e.Sender.Fire(keyOf(r), e.alert(r))
			e.Sender.Resolve(keyOf(r), all[0].Ended)
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
func (e *Evaluations) alert(r outcome.Regression) notify.Alert {
	one := r.Evaluation
	a := notify.Alert{
		Labels: map[string]string{
			"alertname": regressionAlert, "cluster": one.Cluster, "job": one.Job, "severity": "warning",
			"kind": string(one.Kind), "label": one.Label, "baseline_label": one.BaselineLabel,
		},
		Annotations: map[string]string{"summary": outcome.RegressionText(one), "evaluation": one.ID},
		StartsAt:    r.Since, Stands: e.FiresFor, Page: e.Page + "/runs",
	}
	ep, found, err := e.Store.Episode(one.Episode)
	if one.Episode == "" || err != nil || !found {
		return a
	}
	a.Page = e.Page + "/episodes/" + ep.ID
	a.Annotations["episode"] = a.Page
	if ep.Advice != nil && len(ep.Advice.Findings) > 0 {
		first := ep.Advice.Findings[0]
		a.Annotations["cause"] = first.Title + episode.ImpactText(first)
		a.Annotations["advice"] = first.Change
	}
	return a
}

// annotate shows a regression on Grafana's graphs. A sidecar that goes on does so in the background.
func (e *Evaluations) annotate(ctx context.Context, one episode.Evaluation) {
	if e.GoesOn {
		e.Annotations.Look()
		return
	}
	if err := e.Annotations.TellRegression(ctx, one); err != nil {
		e.Log.Warn("A large regression is not annotated yet, the next sidecar tries it again", "evaluation", one.ID, "err", err)
	}
}

const regressionHelp = "1 for each kind and label of evaluations of a job that show a large regression that is not " +
	"over, 0 for the newest evaluation of each kind without one. A job without evaluations has no series."

var regressionDesc = prometheus.NewDesc("flink_sidecar_evaluation_regression", regressionHelp,
	[]string{"cluster", "job", "kind", "label"}, nil)

// maxEvaluated bounds the series that are exported.
const maxEvaluated = 100

// Describe implements prometheus.Collector.
func (e *Evaluations) Describe(ch chan<- *prometheus.Desc) { ch <- regressionDesc }

// Collect implements prometheus.Collector.
func (e *Evaluations) Collect(ch chan<- prometheus.Metric) {
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
