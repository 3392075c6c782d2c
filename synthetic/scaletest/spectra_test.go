package scaletest_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// withSpectra runs a test that writes spectra to PATH.
func withSpectra(
	t *testing.T, b pipelinetest.Behaviour, plan scaletest.Plan, test func(t *testing.T, path string, r scalerun.Test),
) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "latency.hgrm")
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, b)
		options := stack.Options(plan)
		options.Spectrum = path
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		test(t, path, r)
	})
}

var (
	totalCount = regexp.MustCompile(`Total count\s*=\s*(\d+)`)
	mostOf     = regexp.MustCompile(`\[Max\s*=\s*([\d.]+)`)
)

// number is what a pattern finds in a spectrum.
func number(t *testing.T, path string, pattern *regexp.Regexp) float64 {
	t.Helper()
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	found := pattern.FindStringSubmatch(string(text))
	require.NotNil(t, found, string(text))
	value, err := strconv.ParseFloat(found[1], 64)
	require.NoError(t, err)
	return value
}

// TestSpectraAreOfWhatCounts has a job that is slow at first: neither the calibration nor the
// iteration that was too short is in the files.
func TestSpectraAreOfWhatCounts(t *testing.T) {
	if testing.Short() {
		t.Skip("other tests take the same path under the race detector")
	}
	slow := pipelinetest.Behaviour{Limit: 20, LimitFor: 1000, LaterLimit: 50}
	withSpectra(t, slow, scaletest.Plan{Iterations: 2}, func(t *testing.T, path string, r scalerun.Test) {
		counted := int64(0)
		for _, it := range r.Iterations {
			if it.Counts() {
				counted += it.Sent
			}
		}
		require.Less(t, counted, r.Iterations[0].Sent+r.Iterations[1].Sent+r.Iterations[2].Sent)
		for _, name := range []string{"enriched", "alerts", "search", "publish-delay"} {
			require.InDelta(t, counted, number(t, path+"."+name, totalCount), 0, name)
		}
	})
}

// TestSpectraOfASearchAreOfItsRate: the records of a trial that was not sustained wait ever longer.
func TestSpectraOfASearchAreOfItsRate(t *testing.T) {
	plan := scaletest.Plan{FindSustainable: true, Records: 160}
	withSpectra(t, pipelinetest.Behaviour{Limit: plantedLimit}, plan, func(t *testing.T, path string, r scalerun.Test) {
		var best scalerun.Trial
		for _, trial := range r.Sustainable.Trials {
			if trial.Verdict == scalerun.Sustained && trial.Rate > best.Rate {
				best = trial
			}
		}
		require.InDelta(t, 160, number(t, path+".enriched", totalCount), 1)
		require.Less(t, number(t, path+".enriched", mostOf), 1.0)
		require.InDelta(t, *r.Sustainable.Rate, best.Rate, 0)
	})
}

// TestPublishDelayHasASpectrum throttles the generator, so that records are late.
func TestPublishDelayHasASpectrum(t *testing.T) {
	path := filepath.Join(t.TempDir(), "latency.hgrm")
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{})
		options := stack.Options(scaletest.Plan{Rate: 100, Records: 500})
		options.Spectrum, options.Sinks = path, options.Sinks[:1]
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		run.Throttle(90)
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		require.InDelta(t, *r.Iterations[0].PublishDelay.Max, number(t, path+".publish-delay", mostOf), 0.01)
		require.InDelta(t, r.Iterations[0].Sent, number(t, path, totalCount), 0, "the only sink")
	})
}
