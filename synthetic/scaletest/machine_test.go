package scaletest_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
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
