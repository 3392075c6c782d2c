package evaluate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

// Options are what an evaluation needs.
type Options struct {
	Config config.Config
	// Client talks to the sidecar that profiles, advises and stores.
	Client *api.Client
	// Label names what is evaluated. BaselineLabel restricts the comparison to accepted
	// evaluations with this label; empty for all.
	Label, BaselineLabel string
	// Accept makes the evaluation one that later ones are compared with, unless it is a
	// large regression. AcceptRegression accepts that too, as a fresh beginning.
	Accept, AcceptRegression bool
	// Measure is what is measured; empty chooses the scale test if it is configured and
	// permitted, else the probe, else profiles alone.
	Measure episode.EvaluationKind
	// IKnow permits a scale test on a cluster that is production.
	IKnow bool
	// Output is a directory for the report, the evidence and the profiles; empty writes none.
	Output string
	// Show gets the progress of a scale test, Say a sentence on what is done; both may be nil.
	Show func(scaletest.Progress)
	Say  func(text string)
	Log  *slog.Logger
}

// maxEarlier is how many evaluations are looked at.
const maxEarlier = 1000

// Run makes an evaluation whose options passed [Check]. The error is about one that could not be
// made, stored or written. Without a verdict nothing is known of the job; with one only the history
// or the output lacks it. A large regression is a verdict and no error.
func Run(ctx context.Context, o Options) (episode.Evaluation, error) {
	if o.Say == nil {
		o.Say = func(string) {}
	}
	r := &run{Options: o, Evaluation: episode.Evaluation{
		Label: o.Label, BaselineLabel: o.BaselineLabel, Began: time.Now().UTC(), Environment: map[string]string{},
		Judged: []episode.JudgedFigure{}, Notes: []string{},
	}}
	r.ID = ulid.MustNew(ulid.Timestamp(r.Began), ulid.DefaultEntropy()).String()
	if err := r.measureAndAdvise(ctx); err != nil {
		return r.Evaluation, err
	}
	if err := r.judge(ctx); err != nil {
		return r.Evaluation, err
	}
	err := r.Client.PutEvaluation(ctx, r.Evaluation)
	if err != nil {
		err = fmt.Errorf("the evaluation is not in the history: %w (it is printed here only)", err)
	} else {
		r.tellNotice(ctx)
	}
	return r.Evaluation, errors.Join(err, r.write(ctx))
}

// run is an evaluation that is made.
type run struct {
	Options
	episode.Evaluation
}

// maxLabel bounds labels in bytes.
const maxLabel = 200

// Check returns what is wrong with the options. It needs no network, and no Client.
func Check(o Options) error {
	for name, label := range map[string]string{"label": o.Label, "baseline-label": o.BaselineLabel} {
		if len(label) > maxLabel || strings.ContainsFunc(label, func(c rune) bool { return c < ' ' || c == 0x7f }) {
			return fmt.Errorf("--%s must be one line of at most %d bytes (shorten it)", name, maxLabel)
		}
	}
	if strings.TrimSpace(o.Label) == "" {
		return errors.New("--label is empty (name what is evaluated, for example a version)")
	}
	if _, _, err := kind(o); err != nil {
		return err
	}
	return checkOutput(o.Output)
}

// judge compares with earlier evaluations, and accepts this one if that was asked for.
func (r *run) judge(ctx context.Context) error {
	r.Fingerprint = fingerprint(r.Environment)
	list, err := r.Client.Evaluations(ctx, r.JobRef(), "", maxEarlier)
	if err != nil {
		return err
	}
	r.Ended = time.Now().UTC()
	outcome.Judge(&r.Evaluation, list.Evaluations, r.Config.Evaluate.RegressionPercent)
	regression := r.Verdict == episode.EvaluationRegression
	r.Accepted = r.Accept && !regression || r.AcceptRegression
	r.Fresh = r.AcceptRegression && regression
	if r.Accept && !r.Accepted {
		r.note("it is not accepted, because it is a large regression (--accept-regression accepts it)")
	}
	if r.Options.BaselineLabel != "" && r.Verdict == episode.EvaluationNoBaseline {
		r.note("no accepted evaluation like this one has the label %q%s", r.Options.BaselineLabel,
			labelsOf(list.Evaluations))
	}
	return nil
}

// labelsOf names the labels of accepted evaluations.
func labelsOf(evaluations []episode.Evaluation) string {
	var labels []string
	for _, e := range evaluations {
		if e.Accepted && !slices.Contains(labels, fmt.Sprintf("%q", e.Label)) && len(labels) < 10 {
			labels = append(labels, fmt.Sprintf("%q", e.Label))
		}
	}
	if len(labels) == 0 {
		return " (none is accepted: use --accept)"
	}
	return " (accepted are " + strings.Join(labels, ", ") + ")"
}

func (r *run) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// fingerprint is a hash of what must be equal for a fair comparison.
func fingerprint(environment map[string]string) string {
	var lines []string
	for name, value := range environment {
		lines = append(lines, fmt.Sprintf("%q=%q", name, value))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}

// tellNotice says what became of the notice, if Alertmanager is configured.
func (r *run) tellNotice(ctx context.Context) {
	status, err := r.Client.Status(ctx)
	if err != nil || r.Verdict != episode.EvaluationRegression || r.Fresh {
		return
	}
	for _, t := range status.Targets {
		switch {
		case t.Name != "alertmanager" || t.Up == nil:
		case *t.Up:
			r.Say("Alertmanager has the alert")
		default:
			r.Say("Alertmanager did not take the alert: " + strings.Join(t.Problems, ", "))
		}
	}
}
