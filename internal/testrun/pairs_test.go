package testrun_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/testrun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

func plan(change func(*scaletest.Plan)) *scaletest.Plan {
	p := &scaletest.Plan{
		Label: "x", Iterations: 2, Records: 1000, Shape: load.Steady, MaxRecords: scaletest.DefaultMaxRecords,
	}
	if change != nil {
		change(p)
	}
	return p
}

// TestPairsOfDeployments: where commands deploy, a test alternates without being asked.
func TestPairsOfDeployments(t *testing.T) {
	section := scaletest.DefaultConfig()
	section.Deploy = scaletest.Deploy{Baseline: "put v1", Candidate: "put v2"}
	deployed := config.Config{ScaleTest: &section}
	for _, tc := range []struct {
		cfg    config.Config
		plan   *scaletest.Plan
		chosen string
		want   int
	}{
		{config.Config{}, plan(nil), "auto", 0},
		{deployed, plan(nil), "auto", testrun.DefaultPairs},
		{deployed, plan(nil), "0", 0},
		{config.Config{}, plan(nil), "3", 3},
		{deployed, plan(func(p *scaletest.Plan) { p.Shards = 2 }), "auto", 0},
		{deployed, plan(func(p *scaletest.Plan) { p.FindSustainable = true }), "auto", 0},
	} {
		pairs, err := testrun.Pairs(tc.cfg, tc.plan, tc.chosen, false)
		require.NoError(t, err)
		require.Equal(t, tc.want, pairs)
		require.Equal(t, max(1, 2*pairs), tc.plan.Tests)
		require.Equal(t, tc.plan.Tests*scaletest.DefaultMaxRecords, tc.plan.MaxRecords, "the default is for each")
	}
	for chosen, want := range map[string]string{"x": "use a number from 0", "-1": "use a number from 0", "101": "0 to 100"} {
		_, err := testrun.Pairs(deployed, plan(nil), chosen, false)
		require.ErrorContains(t, err, want)
	}
	_, err := testrun.Pairs(deployed, plan(func(p *scaletest.Plan) { p.Shards = 2 }), "1", false)
	require.ErrorContains(t, err, "leave out --shards")
	_, err = testrun.Pairs(deployed, plan(func(p *scaletest.Plan) { p.MaxRecords = 19_999 }), "auto", true)
	require.ErrorContains(t, err, "on each of 10 deployments, are more than --max-records=19999")
}

func TestDryRunNamesTheDeployments(t *testing.T) {
	section := scaletest.DefaultConfig()
	options := scaletest.Options{Config: &section}
	var out strings.Builder
	require.NoError(t, testrun.DescribePairs(&out, options, 0))
	require.Empty(t, out.String())
	require.NoError(t, testrun.DescribePairs(&out, options, 5))
	require.Contains(t, out.String(), "5 of the baseline and 5 of the candidate")
	require.Contains(t, out.String(), "baseline: by hand")
	section.Deploy = scaletest.Deploy{Baseline: "put v1", Candidate: "put v2"}
	require.NoError(t, testrun.DescribePairs(&out, options, 5))
	require.Contains(t, out.String(), "candidate: put v2")
}

func TestGuideSaysHowManyPairs(t *testing.T) {
	guide, err := os.ReadFile("../../docs/scaletest.md")
	require.NoError(t, err)
	require.Contains(t, string(guide), fmt.Sprintf("Where they are configured, N is %d", testrun.DefaultPairs))
	reference, err := os.ReadFile("../../docs/configuration.md")
	require.NoError(t, err)
	require.Contains(t, string(reference), fmt.Sprintf("a test is of %d deployments of each", testrun.DefaultPairs))
}
