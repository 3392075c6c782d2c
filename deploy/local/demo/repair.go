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

// When the demo that repairs a fault does its steps, after stack ready.
const (
	// askAfter is when it asks for advice on the job under that load, and repairAfter when it repairs
	// what the advice names: by then there are ten blocks of the job as it was.
	askAfter    = 8*time.Minute + 30*time.Second
	repairAfter = 9 * time.Minute
	// askAgain is how long it waits for a finding that it can repair.
	askAgain = time.Minute
	// RepairNeeds is how long a demo must last that repairs a fault: ten blocks follow the
	// repair.
	RepairNeeds = 16 * time.Minute
)

// Repairs is the fault that the demo repairs if it is planted; else it is any that a finding with a gain
// names.
const Repairs = "hotkey"

// Repair lets the demo repair one planted fault by itself, and judge whether the gain was measured.
// With chooseLoad it first raises the load until one vertex hardly keeps up: how many orders that
// takes depends on the machine.
func (d *Demo) Repair(chooseLoad bool) {
	d.repair = &repair{choosesLoad: chooseLoad}
	if chooseLoad {
		d.repair.tunings = tuneAfter
	}
}

// repair is the repair of one fault.
type repair struct {
	choosesLoad bool
	tunings     []time.Duration // when the load is still to be chosen
	asked       time.Time       // when advice was asked for last
	finished    bool

	fault   string
	finding episode.Finding
	at      time.Time // when the repaired job was submitted
	err     error     // why it was not
}

// repairWhenDue does the step of the repair whose time has come. A step that cannot be done yet is
// tried again.
func (d *Demo) repairWhenDue(ctx context.Context, now Reading, t turns, out io.Writer) {
	r, age := d.repair, time.Since(d.ready)
	if r == nil || r.finished {
		return
	}
	say := func(format string, args ...any) {
		fmt.Fprintf(out, "%s %s\n", clock(d.ready, time.Now()), fmt.Sprintf(format, args...))
	}
	if len(r.tunings) > 0 && age >= r.tunings[0] {
		d.raiseLoad(now, say)
	}
	if age >= askAfter && time.Since(r.asked) >= askAgain {
		if err := d.ask(ctx); err != nil {
			say("the demo's request for advice failed: %v", err)
			return
		}
		if r.choosesLoad && !r.asked.IsZero() { // no vertex limited the job
			d.raiseLoad(now, say)
		}
		r.asked = time.Now()
	}
	if age >= repairAfter {
		d.mend(ctx, t, say)
	}
}

// ask requests advice on the job, as a person does.
func (d *Demo) ask(ctx context.Context) error {
	client, err := api.NewClient(d.url, nil)
	if err != nil {
		return err
	}
	_, err = client.Raise(ctx, api.AlertRequest{Job: jobName, Summary: "the demo asks what to repair"})
	return err
}

// mend marks the finding of a planted fault as applied, and runs the job without the fault.
func (d *Demo) mend(ctx context.Context, t turns, say func(format string, args ...any)) {
	planted := d.stack.Planted()
	fault, finding, found := repairable(t.episodes, planted)
	if !found {
		return
	}
	r := d.repair
	r.finished, r.fault, r.finding = true, fault, finding
	say("the demo repairs %s, which finding %s names: %s", fault, finding.ID, titled(finding))
	spec := stack.JobSpec{Planted: besides(planted, fault), Fixed: without(planted, fault), Parallelism: parallelism}
	r.at, r.err = time.Now(), d.apply(ctx, spec, finding)
	if r.err != nil {
		say("the repair failed: %v", r.err)
	}
}

// repairable returns the first finding with a gain that names a planted fault, in the newest episode
// that has one: it is about the job under its present load.
func repairable(episodes []episode.Episode, planted []string) (fault string, finding episode.Finding, found bool) {
	if slices.Contains(planted, Repairs) {
		planted = []string{Repairs}
	}
	for _, ep := range slices.Backward(episodes) {
		if ep.Advice == nil || ep.Concluded.IsZero() {
			continue
		}
		for _, f := range ep.Advice.Findings {
			for _, fault := range planted {
				if f.Impact != nil && categoryOf(fault) == f.Category {
					return fault, f, true
				}
			}
		}
	}
	return "", finding, false
}

// categoryOf is the category of the findings that ask for the repair of a fault.
func categoryOf(fault string) string {
	if fault == Repairs {
		return "hot-key"
	}
	return planting[fault]
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

// besides are the planted faults that the job does not have without being asked, except one.
func besides(planted []string, fault string) (others []string) {
	for _, one := range planted {
		if one != fault && !slices.Contains((stack.JobSpec{}).Faults(), one) {
			others = append(others, one)
		}
	}
	return others
}

// apply marks a finding as applied and submits the job without its fault.
func (d *Demo) apply(ctx context.Context, spec stack.JobSpec, finding episode.Finding) error {
	client, err := api.NewClient(d.url, nil)
	if err != nil {
		return err
	}
	request := api.MarkRequest{Finding: finding.ID, Decision: episode.Applied, Note: "by the demo"}
	if _, err := client.Mark(ctx, request); err != nil {
		return err
	}
	_, err = d.stack.Submit(ctx, spec)
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
