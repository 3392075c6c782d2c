package testrun

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/report"
)

// What a profile needs beside its sampled time: Flink writes its page, and the thread
// samples of the busiest vertices are read.
const (
	besidesProfile = 5 * time.Second
	besidesSession = 10 * time.Second
)

// profiles returns how the profiles of a test are taken: by an episode of the sidecar, as
// for any other alert. nil if the plan asks for none.
func profiles(client *api.Client, cfg config.Config, of scaletest.Subject, plan scaletest.Plan) *scaletest.Profiles {
	if !plan.Profiles() {
		return nil
	}
	modes := len(plan.Modes)
	if modes == 0 {
		modes = len(cfg.Profiling.Modes)
	}
	if cfg.Profiling.Control {
		modes++
	}
	each := time.Duration(cfg.Profiling.Duration) + besidesProfile
	return &scaletest.Profiles{
		Span: time.Duration(modes)*each + besidesSession,
		Take: func(ctx context.Context, test string) (scalerun.Profiled, error) {
			return takeProfiles(ctx, client, api.AlertRequest{
				Cluster: of.Cluster, Job: of.Job, Source: episode.FromCLI,
				Summary:   shortened(fmt.Sprintf("scale test %q of run %s", plan.Label, of.Run)),
				ScaleTest: &episode.ScaleRequest{Test: test, Modes: plan.Modes, Advise: plan.Advise},
			})
		},
	}
}

// shortened fits a summary into a request.
func shortened(text string) string {
	return strings.ToValidUTF8(text[:min(len(text), api.MaxText)], "")
}

// takeProfiles opens the episode of a test, and waits until its profiles are there.
func takeProfiles(
	ctx context.Context, client *api.Client, request api.AlertRequest,
) (taken scalerun.Profiled, err error) {
	receipt, err := client.Raise(ctx, request)
	switch {
	case err != nil:
		return taken, err
	case !receipt.Accepted:
		return taken, fmt.Errorf("no episode was opened: %s (repeat the test when that is over)", receipt.Reason)
	}
	taken.Episode = receipt.Episode
	ep, err := client.Await(ctx, receipt.Episode, func(e episode.Episode) bool {
		return e.State != episode.Opened && e.State != episode.Profiling
	})
	for _, p := range ep.Profiles {
		taken.Profiles, taken.Modes = append(taken.Profiles, p.ID), append(taken.Modes, p.Mode)
	}
	if failed := strings.Join(append(ep.Notes, ep.Error), " "); err == nil && len(ep.Profiles) == 0 {
		err = errors.New(strings.TrimSpace("none was taken: " + failed))
	}
	return taken, err
}

// Advised adds to tests what the sidecar advises about their profiles, if the plan asks for it.
// The tests are stored already, and complete without advice: a failure is only said.
func (a Alternation) Advised(ctx context.Context, done []scalerun.Test) []report.Test {
	tests := make([]report.Test, len(done))
	for i, test := range done {
		tests[i].Test = test
		if !a.Plan.Advise {
			continue
		}
		advice, err := adviceOf(ctx, a.Client, test)
		if err != nil {
			a.Say(err.Error())
		}
		tests[i].Advice = advice
	}
	return tests
}

// adviceOf is what the sidecar advises about the profiles of a test. It waits until the
// advice is complete; nil if the test has none.
func adviceOf(ctx context.Context, client *api.Client, test scalerun.Test) (*episode.Advice, error) {
	if test.Profiled == nil {
		return nil, nil
	}
	ep, err := client.Await(ctx, test.Profiled.Episode, api.Concluded)
	if err != nil {
		return nil, fmt.Errorf("the advice of episode %s: %w", test.Profiled.Episode, err)
	}
	return ep.Advice, nil
}
