package scaletest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
)

// TestWhatTheMachinesDid has machines that use 2 s of CPU time in a second, stop for 0.1 s of
// it and exchange 1000 bytes; the second iteration is too short for such numbers.
func TestWhatTheMachinesDid(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, pipelinetest.Behaviour{LimitFor: 1000, Limit: 25, LaterLimit: 200})
		options := stack.Options(scaletest.Plan{Records: 1000, Iterations: 2})
		began := time.Now()
		options.Machine = func(_ context.Context, notBefore time.Time) (scaletest.Reading, bool) {
			time.Sleep(max(0, time.Until(notBefore)))
			at := time.Since(began).Seconds()
			cpu, gc, bytes, pressure, checkpoints := 2*at, 0.1*at, 1000*at, 0.7, int(at/10)
			return scaletest.Reading{
				CPUSeconds: &cpu, GCSeconds: &gc, ExchangedBytes: &bytes, Backpressure: &pressure, Checkpoints: &checkpoints,
				At: time.Now(),
			}, true
		}
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		it, short := r.Iterations[0], r.Iterations[1]
		// 40 s of work, and 10 s until Flink's metrics have passed the end.
		require.InDelta(t, 100_000, *it.CPUPerMillion, 5000)
		require.InDelta(t, 5, *it.GCSeconds, 0.3)
		require.InDelta(t, 50_000, *it.ExchangedBytes, 3000)
		require.InDelta(t, 0.7, *it.Backpressure, 0)
		require.InDelta(t, 5, *it.Checkpoints, 1)
		require.Nil(t, short.CPUPerMillion)
		require.Nil(t, short.GCSeconds)
		require.Nil(t, short.Backpressure)
	})
}

// watched runs a test of a sidecar that polls every ten seconds. The index has a refresh of half
// a second.
func watched(
	t *testing.T, b pipelinetest.Behaviour, plan scaletest.Plan, state func(since time.Duration, r *scaletest.Reading),
	test func(t *testing.T, r scalerun.Test),
) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		stack := pipelinetest.Start(t, b)
		stack.Elastic.Set(func(s *elasticsearchtest.Server) { s.RefreshInterval = "500ms" })
		options := stack.Options(plan)
		began := time.Now()
		polled := func() time.Time { return began.Add(time.Since(began).Truncate(10 * time.Second)) }
		options.Machine = func(_ context.Context, notBefore time.Time) (scaletest.Reading, bool) {
			for polled().Before(notBefore) {
				time.Sleep(time.Second)
			}
			r := scaletest.Reading{Deployment: options.Subject.Deployment, At: polled()}
			state(r.At.Sub(began), &r)
			return r, true
		}
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		test(t, r)
	})
}

// TestANewDeploymentEndsTheTest has a job with another id from some time on, in an iteration or
// between two. What follows is not measured under the old id.
func TestANewDeploymentEndsTheTest(t *testing.T) {
	for name, from := range map[string]time.Duration{
		"in the second iteration": 55 * time.Second, "during the wait after the first": 45 * time.Second,
	} {
		t.Run(name, func(t *testing.T) {
			plan := scaletest.Plan{Rate: 25, Records: 1000, Iterations: 5}
			watched(t, pipelinetest.Behaviour{}, plan, func(since time.Duration, r *scaletest.Reading) {
				if since >= from {
					r.Deployment = "b2"
				}
			}, func(t *testing.T, r scalerun.Test) {
				require.Equal(t, scalerun.Aborted, r.Verdict)
				require.Contains(t, r.Reason, "the job was deployed anew during the test")
				last := r.Iterations[len(r.Iterations)-1]
				require.Less(t, len(r.Iterations), 5)
				require.Contains(t, last.Flags, figures.FlagRestarted)
				for _, it := range r.Iterations[:len(r.Iterations)-1] {
					require.Empty(t, it.Flags)
				}
			})
		})
	}
}

// TestAShortIterationIsReadAfterItsEnd has iterations between two polls: a restart in one of them,
// and a checkpoint each second.
func TestAShortIterationIsReadAfterItsEnd(t *testing.T) {
	slow := pipelinetest.Behaviour{Fate: func(int) pipelinetest.Fate { return pipelinetest.Fate{Delay: time.Second} }}
	plan := scaletest.Plan{Rate: 100, Records: 600, Iterations: 2} // 7 s
	synctest.Test(t, func(t *testing.T) {
		bench := pipelinetest.Start(t, slow)
		options := bench.Options(plan)
		options.Sinks = options.Sinks[:2] // no index with its refresh
		began := time.Now()
		options.Machine = func(_ context.Context, notBefore time.Time) (scaletest.Reading, bool) {
			polled := func() time.Time { return began.Add(time.Since(began).Truncate(15 * time.Second)) }
			for polled().Before(notBefore) {
				time.Sleep(time.Second)
			}
			seconds := int(polled().Sub(began).Seconds())
			restarts := min(1, seconds/5) // one, 5 s after the beginning
			return scaletest.Reading{
				Deployment: options.Subject.Deployment, At: polled(), Restarts: &restarts, Checkpoints: &seconds,
			}, true
		}
		run, err := scaletest.Open(options)
		require.NoError(t, err)
		defer run.Close()
		r, err := run.Run(t.Context())
		require.NoError(t, err)
		require.Equal(t, []string{figures.FlagRestarted}, r.Iterations[0].Flags)
		require.Empty(t, r.Iterations[1].Flags)
		for _, it := range r.Iterations {
			require.Equal(t, 15, *it.Checkpoints)
		}
	})
}

// TestCalibrationsAreNoPartOfTheCost has a calibration of 17 s, which is long enough for the index,
// and an iteration of 25 s. The machines take 2 s of CPU time in a second.
func TestCalibrationsAreNoPartOfTheCost(t *testing.T) {
	slower := pipelinetest.Behaviour{Limit: 60, LimitFor: 1000, LaterLimit: 40}
	watched(t, slower, scaletest.Plan{Iterations: 1}, func(since time.Duration, r *scaletest.Reading) {
		cpu := 2 * since.Seconds()
		r.CPUSeconds = &cpu
	}, func(t *testing.T, r scalerun.Test) {
		it := r.Iterations[0]
		require.InDelta(t, 25, *it.ToAllSinksSeconds, 1)
		require.NotNil(t, it.CPUPerMillion)
		// Polls are 10 s apart, and the one after it waits for Flink's metrics as long.
		require.InDelta(t, 2*(25+20)/float64(it.Sent)*1e6, *it.CPUPerMillion, 2*11/float64(it.Sent)*1e6)
	})
}
