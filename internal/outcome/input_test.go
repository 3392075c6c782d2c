package outcome_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

func TestTodaysInput(t *testing.T) {
	var measured []episode.Measurement
	for n := range 100 {
		rate := float64(n + 1)
		measured = append(measured, episode.Measurement{Throughput: &rate})
	}
	measured = append(measured, episode.Measurement{}) // one without a known rate
	rate, known := outcome.Input(measured, nil)
	require.True(t, known)
	require.InDelta(t, 95.05, rate, 1e-9)
	_, known = outcome.Input(measured[:19], nil)
	require.False(t, known)
	_, known = outcome.Input(nil, nil)
	require.False(t, known)
}

// TestInputIsNotTheLoadOfATest has half an hour at 100 records per second, and a test of three
// minutes at 5000 in it. Without its end, that of its iteration stands in.
func TestInputIsNotTheLoadOfATest(t *testing.T) {
	began := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	took := 170.0
	test := scalerun.Test{
		Cluster: "c", Job: "j", Began: began.Add(10 * time.Minute), Ended: began.Add(13 * time.Minute),
		Iterations: []scalerun.Iteration{{Started: began.Add(10*time.Minute + 10*time.Second), ToAllSinksSeconds: &took}},
	}
	var measured []episode.Measurement
	for minute := range 30 {
		rate := 100.0
		if minute >= 10 && minute < 14 { // the last one is a mean over the last minute of the test
			rate = 5000
		}
		at := began.Add(time.Duration(minute) * time.Minute)
		measured = append(measured, episode.Measurement{
			Cluster: "c", Job: "j", Began: at, Ended: at.Add(time.Minute), Throughput: &rate,
		})
	}
	killed, other := test, test
	killed.Ended, other.Job = time.Time{}, "another"
	for _, tc := range []struct {
		test scalerun.Test
		want float64
	}{{test, 100}, {killed, 100}, {other, 5000}} {
		rate, known := outcome.Input(measured, []scalerun.Test{tc.test})
		require.True(t, known)
		require.InDelta(t, tc.want, rate, 1e-9)
	}
}
