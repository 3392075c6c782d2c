package load_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// TestShapes counts the records that are due in parts of the planned time. With a rate of
// 30/s: steady has 900 records in 30 s; peak has 300, 900 and 300 in thirds of 10 s, 1500
// in all; ramp rises from 3/s to 30/s, so 30 s have (3+30)/2·30 = 495 records, and the first
// half 3·15 + (27/30)·15²/2 = 146.25.
func TestShapes(t *testing.T) {
	for _, tc := range []struct {
		shape    string
		n        int
		from, to float64
		want     int
	}{
		{load.Steady, 900, 0, 15, 450},
		{load.Steady, 900, 15, 30, 450},
		{load.Peak, 1500, 0, 10, 300},
		{load.Peak, 1500, 10, 20, 900},
		{load.Peak, 1500, 20, 30, 300},
		{load.Ramp, 495, 0, 15, 147},
		{load.Ramp, 495, 15, 30.0001, 348},
	} {
		got, last := 0, -1.0
		for i := range tc.n {
			due := load.Schedule{Shape: tc.shape, Rate: 30, N: tc.n}.Due(i).Seconds()
			require.Greater(t, due, last, "%s record %d", tc.shape, i)
			last = due
			if due >= tc.from-1e-9 && due < tc.to-1e-9 {
				got++
			}
		}
		require.InDelta(t, tc.want, got, 1, "%s %g to %g s", tc.shape, tc.from, tc.to)
	}
}
