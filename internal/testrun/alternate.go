package testrun

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

// Alternation tests baseline and candidate in turn, on a new deployment each time. Slow
// changes of the machines then meet both alike.
type Alternation struct {
	Options
	// Deployments is the number of pairs; 0 tests the deployment that runs, once.
	Deployments int
	// Deploy puts one of the two in place by the operator's command; nil, or a command that
	// is not configured, means that a person does it.
	Deploy func(ctx context.Context, command string) error
	// Say tells what is waited for, and what failed after the tests.
	Say func(text string)
}

// Run returns a result for each deployment, in the order in which they were tested. It
// ends with the first test that does not come to its end.
func (a Alternation) Run(ctx context.Context) (tests []scalerun.Test, err error) {
	if a.Deployments == 0 {
		return a.once(ctx)
	}
	section, err := Sections(a.Config, a.Plan)
	if err != nil {
		return nil, err
	}
	label, err := a.baselineLabel(ctx, section.Subject)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(a.Plan.Label) == strings.TrimSpace(label) {
		return nil, fmt.Errorf("--label=%s is the label of the baseline, so both sides would have it (name the change, or "+
			"test the deployment that runs with --deployments=0)", a.Plan.Label)
	}
	last := ""
	for pair := range a.Deployments {
		for _, side := range a.sides(section.Config.Deploy, label, pair) {
			if last, err = a.deploy(ctx, section.Subject, side, last); err != nil {
				return tests, err
			}
			o := a.Options
			o.Plan, o.Spectrum = side.plan, side.spectrum(a.Spectrum, pair)
			test, err := Run(ctx, o)
			if test.ID != "" {
				tests = append(tests, test)
			}
			if err != nil {
				return tests, err
			}
			if test.Verdict == scalerun.Aborted {
				return tests, errors.New("the test ended before its last deployment: " + test.Reason)
			}
		}
	}
	return tests, nil
}

// tests is how many tests share the records of the plan.
func (a Alternation) tests() int { return max(1, 2*a.Deployments) }

// once tests the deployment that runs.
func (a Alternation) once(ctx context.Context) ([]scalerun.Test, error) {
	test, err := Run(ctx, a.Options)
	if test.ID == "" {
		return nil, err
	}
	return []scalerun.Test{test}, err
}

// Shell returns an [Alternation.Deploy] that runs commands in a shell. out gets their output.
func Shell(out io.Writer) func(ctx context.Context, command string) error {
	return func(ctx context.Context, command string) error {
		cmd := exec.CommandContext(ctx, "sh", "-c", command) //nolint:gosec // the operator's own configuration
		cmd.Stdout, cmd.Stderr = out, out
		return cmd.Run()
	}
}

// side is one half of a pair.
type side struct {
	what    string
	command string
	plan    scaletest.Plan
}

// spectrum is the file of one test: the next one must not overwrite it.
func (s side) spectrum(path string, pair int) string {
	if path == "" {
		return ""
	}
	return fmt.Sprintf("%s.%s-%d", path, s.what, pair+1)
}

// sides are the two halves of a pair. Only the first baseline may open a run.
func (a Alternation) sides(deploy scaletest.Deploy, label string, pair int) []side {
	baseline, candidate := a.Plan, a.Plan
	baseline.Label, candidate.Baseline = label, false
	baseline.Baseline = a.Plan.Baseline && pair == 0
	return []side{{"baseline", deploy.Baseline, baseline}, {"candidate", deploy.Candidate, candidate}}
}

// baselineLabel is the label of the baseline of the run that the tests join, or "baseline".
func (a Alternation) baselineLabel(ctx context.Context, of scaletest.Subject) (string, error) {
	const fresh = "baseline"
	if a.Plan.Baseline {
		return fresh, nil
	}
	list, err := a.Client.ScaleTests(ctx, episode.JobRef{Cluster: of.Cluster, Job: of.Job}, "", maxTests)
	if err != nil {
		return "", err
	}
	for _, t := range list.ScaleTests {
		if a.Plan.Run == "" && t.Leads() || t.OpensRun && t.Run == a.Plan.Run {
			return t.Label, nil
		}
	}
	return fresh, nil
}

// deploy puts a side in place, and returns the id of the job when it has changed from last.
func (a Alternation) deploy(ctx context.Context, of scaletest.Subject, s side, last string) (string, error) {
	if last == "" {
		last = jobID(ctx, a.Client, of)
	}
	if s.command != "" {
		a.Say(fmt.Sprintf("deploying the %s: %s", s.what, s.command))
		if err := a.Deploy(ctx, s.command); err != nil {
			return last, fmt.Errorf("scaletest.deploy.%s: %w (correct the command)", s.what, err)
		}
	} else {
		a.Say(fmt.Sprintf("waiting for a new id of job %q: deploy the %s (scaletest.deploy can do it)", of.Job, s.what))
	}
	for deadline := time.Now().Add(scalerun.DeployWithin); ; {
		id := jobID(ctx, a.Client, of)
		switch {
		case id != "" && id != last:
			return id, nil
		case time.Now().After(deadline):
			return last, fmt.Errorf("job %q still has the id %s after %s (deploy it again)", of.Job, last, scalerun.DeployWithin)
		}
		if err := wait.For(ctx, askEvery); err != nil {
			return last, err
		}
	}
}

// jobID is the id of the job while it runs; empty while that is not known.
func jobID(ctx context.Context, client *api.Client, of scaletest.Subject) string {
	status, err := client.Status(ctx)
	if err != nil {
		return ""
	}
	job, _, _ := find(status, of)
	if job.State != "RUNNING" {
		return ""
	}
	return job.ID
}
