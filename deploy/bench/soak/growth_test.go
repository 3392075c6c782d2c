package soak

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// floorOf is the time of a floor in seconds: that between two alerts, so that each has the same work.
const floorOf = 180

// growth is what the line through the floors says of a size: their mean, and the ends of the 95 %
// interval of its growth in an hour. Floors follow each other without a memory, unlike samples.
type growth struct {
	mean, low, high float64
	known           bool
}

func (s samples) growth(column string) (g growth) {
	hours, floors := s.floors(column, floorOf)
	n := float64(len(floors))
	if n < 3 {
		return growth{}
	}
	level, slope := stat.LinearRegression(hours, floors, nil, false)
	var around float64
	for i, floor := range floors {
		off := floor - level - slope*hours[i]
		around += off * off
	}
	spread := math.Sqrt(around / (n - 2) / (stat.Variance(hours, nil) * (n - 1)))
	reach := spread * distuv.StudentsT{Sigma: 1, Nu: n - 2}.Quantile(0.975)
	return growth{mean: stat.Mean(floors, nil), low: slope - reach, high: slope + reach, known: true}
}

// verdict is flat if all of the interval is at most what is negligible, and grows if all of it is
// above 0. What is neither is not decided.
func (g growth) verdict(negligible float64) string {
	switch {
	case !g.known:
		return "unknown"
	case g.high <= negligible:
		return flat
	case g.low > 0:
		return "grows"
	}
	return "not decided"
}

// planted are two hours of samples around 100, above which a garbage collector makes a sawtooth.
func planted(perHour, noise float64) samples {
	random := rand.New(rand.NewPCG(1, 2))
	s := samples{}
	for i := range 720 {
		at := float64(i) * 10
		s["seconds"] = append(s["seconds"], at)
		s["a"] = append(s["a"], 100+float64(i%7)+perHour*at/3600+noise*random.ExpFloat64())
	}
	return s
}

// TestVerdict plants growth: what a collector gives back is flat, what rises by a tenth of its mean in
// an hour grows, and what is too noisy to tell is not decided.
func TestVerdict(t *testing.T) {
	judge := func(s samples) string {
		_, verdict := byLine(s, size{column: "a", divisor: 1})
		return verdict
	}
	require.Equal(t, flat, judge(planted(0, 10)))
	require.Equal(t, "grows", judge(planted(10, 10)))
	require.Equal(t, flat, judge(planted(-10, 10)), "what shrinks does not grow")
	require.Equal(t, "not decided", judge(planted(4, 400)))
	require.Equal(t, "unknown", judge(samples{"seconds": {0, 10}, "a": {7, 8}}))
	require.Equal(t, "unknown", judge(samples{}))
}
