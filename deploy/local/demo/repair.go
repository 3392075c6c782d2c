package demo

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

const (
	// repairAfter is when the demo repairs a fault: by then there are ten blocks of the job as
	// it was, with some to spare for the first minute.
	repairAfter = 7 * time.Minute
	// RepairNeeds is how long a demo must last that repairs a fault: ten blocks follow the
	// repair.
	RepairNeeds = 15 * time.Minute
)

// Repair lets the demo repair one planted fault by itself, and judge whether the gain was
// measured.
func (d *Demo) Repair() { d.repair = &repair{} }

// repair is the repair of one fault.
type repair struct {
	fault    string
	finding  episode.Finding
	at       time.Time // when the repaired job was submitted
	err      error     // why it was not
	finished bool
}

// due reports whether it is time.
func (r *repair) due(ready time.Time) bool {
	return r != nil && !r.finished && time.Since(ready) >= repairAfter
}

// repairWhenDue marks the finding of a planted fault as applied, and runs the job without the
// fault. It happens once.
func (d *Demo) repairWhenDue(ctx context.Context, t turns, out io.Writer) {
	r := d.repair
	if !r.due(d.ready) {
		return
	}
	planted := d.stack.Planted()
	fault, finding, found := repairable(t, planted)
	if !found {
		return
	}
	r.finished, r.fault, r.finding = true, fault, finding
	fmt.Fprintf(out, "%s the demo repairs %s, which finding %s names: %s\n", clock(d.ready, time.Now()), fault,
		finding.ID, titled(finding))
	r.at, r.err = time.Now(), d.apply(ctx, without(planted, fault), finding)
	if r.err != nil {
		fmt.Fprintf(out, "%s the repair failed: %v\n", clock(d.ready, time.Now()), r.err)
	}
}

// repairable returns the first finding with a gain that names a planted fault.
func repairable(t turns, planted []string) (fault string, finding episode.Finding, found bool) {
	for _, ep := range t.alerts() {
		if ep.Advice == nil || ep.Concluded.IsZero() {
			continue
		}
		for _, f := range ep.Advice.Findings {
			for _, fault := range planted {
				if f.Impact != nil && planting[fault] == f.Category {
					return fault, f, true
				}
			}
		}
	}
	return "", finding, false
}

// without are the faults to repair so that all that are planted remain, except one.
func without(planted []string, fault string) (fixed []string) {
	for _, one := range (stack.JobSpec{}).Faults() {
		if one == fault || !slices.Contains(planted, one) {
			fixed = append(fixed, one)
		}
	}
	return fixed
}

// apply marks a finding as applied and submits the job with these faults repaired.
func (d *Demo) apply(ctx context.Context, fixed []string, finding episode.Finding) error {
	client, err := api.NewClient(d.url, nil)
	if err != nil {
		return err
	}
	request := api.MarkRequest{Finding: finding.ID, Decision: episode.Applied, Note: "by the demo"}
	if _, err := client.Mark(ctx, request); err != nil {
		return err
	}
	_, err = d.stack.Submit(ctx, stack.JobSpec{Fixed: fixed, Parallelism: parallelism})
	return err
}

// parallelism is that of the demo's job.
const parallelism = 2

// repaired is the stage of the repair; nil if there is none.
func (e evidence) repaired() []Stage {
	r := e.repair
	switch {
	case r == nil:
		return nil
	case r.err != nil:
		return []Stage{{"outcome", DidNot, "the repair of " + r.fault + " failed: " + r.err.Error()}}
	case !r.finished:
		return []Stage{{"outcome", DidNot, "no finding with a gain names a planted fault, so nothing was repaired"}}
	}
	for _, ep := range e.episodes {
		if o, known := ep.OutcomeOf(r.finding.ID); known && o.UnitsAfter > 0 {
			return []Stage{{"outcome", Did, compared(*r, o)}}
		}
	}
	return []Stage{{"outcome", DidNot, fmt.Sprintf("%s was repaired at %s, and no outcome is measured yet", r.fault,
		clock(e.ready, r.at))}}
}

// compared puts the prediction beside what was measured.
func compared(r repair, o episode.Outcome) string {
	predicted := episode.Impact{LowPercent: *o.PredictedLow, HighPercent: *o.PredictedHigh}
	text := r.fault + " was repaired; predicted " + predicted.String()
	if o.Change != nil {
		text += ", measured " + episode.ChangeText(*o.Change, *o.Low, *o.High)
	}
	text += fmt.Sprintf(" in %d and %d blocks: %s", o.UnitsBefore, o.UnitsAfter, o.Result)
	return strings.TrimSuffix(text+"; "+o.Reason, "; ")
}
