package stat

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestQuantile(t *testing.T) {
	five := []float64{3, 1, 5, 2, 4}
	for _, tc := range []struct {
		name   string
		values []float64
		q      float64
		want   float64
		ok     bool
	}{
		{"lowest", five, 0, 1, true},
		{"middle", five, 0.5, 3, true},
		{"highest", five, 1, 5, true},
		{"between: rank 0.9·4 = 3.6, 4 + 0.6·(5-4)", five, 0.9, 4.6, true},
		{"of one", []float64{7}, 0.99, 7, true},
		{"of infinities", []float64{math.Inf(1), math.Inf(1)}, 0.5, math.Inf(1), true},
		{"of none", nil, 0.5, 0, false},
		{"above 1", five, 1.1, 0, false},
		{"not a number", five, math.NaN(), 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := Quantile(tc.values, tc.q)
			require.Equal(t, tc.ok, ok)
			requireSame(t, tc.want, got)
		})
	}
	require.Equal(t, []float64{3, 1, 5, 2, 4}, five, "the input is unchanged")
}

func TestMedianOfAnEvenNumber(t *testing.T) {
	got, ok := Median([]float64{4, 1, 3, 2})
	require.True(t, ok)
	require.InDelta(t, 2.5, got, 1e-12)
}
