package synthetic

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPacerStretchesRounds(t *testing.T) {
	for _, tc := range []struct {
		name        string
		pacer       pacer
		n           int
		gap, period time.Duration
	}{
		{"room to spare", pacer{10 * time.Second, 1}, 4, time.Second, 10 * time.Second},
		{"just enough", pacer{10 * time.Second, 1}, 10, time.Second, 10 * time.Second},
		{"stretched", pacer{10 * time.Second, 1}, 24, time.Second, 24 * time.Second},
		{"slow", pacer{time.Second, .1}, 3, 10 * time.Second, 30 * time.Second},
		{"fast", pacer{time.Second, 10_000}, 100, 100 * time.Microsecond, time.Second},
		{"uneven", pacer{time.Second, 3}, 6, 333_333_333, 1_999_999_998},
	} {
		t.Run(tc.name, func(t *testing.T) {
			require.Equal(t, tc.gap, tc.pacer.gap())
			require.Equal(t, tc.period, tc.pacer.period(tc.n))
			require.Equal(t, tc.gap*time.Duration(tc.n-1), tc.pacer.due(tc.n-1))
		})
	}
}

func TestPacerDueBy(t *testing.T) {
	p := pacer{10 * time.Second, 2} // a record every 500 ms
	for _, tc := range []struct {
		elapsed time.Duration
		want    int
	}{
		{-time.Second, 0},
		{0, 1},
		{499 * time.Millisecond, 1},
		{500 * time.Millisecond, 2},
		{1700 * time.Millisecond, 4},
		{time.Hour, 5},
	} {
		require.Equal(t, tc.want, p.dueBy(tc.elapsed, 5), "after %s", tc.elapsed)
	}
}

func TestPacerSkipsMissedRounds(t *testing.T) {
	p := pacer{10 * time.Second, 1}
	for _, tc := range []struct {
		name           string
		last, now, due time.Duration
		missed         int
	}{
		{"in time", 0, 4 * time.Second, 10 * time.Second, 0},
		{"a little behind", 0, 12 * time.Second, 10 * time.Second, 0},
		{"nearly a round behind", 0, 19 * time.Second, 10 * time.Second, 0},
		{"a round behind", 0, 20 * time.Second, 20 * time.Second, 1},
		{"stood still", 0, time.Hour, time.Hour, 359},
	} {
		t.Run(tc.name, func(t *testing.T) {
			due, missed := p.next(tc.last, tc.now, p.period(4))
			require.Equal(t, tc.due, due)
			require.Equal(t, tc.missed, missed)
		})
	}
}

// Over many rounds of any size, no period of time contains more records than the rate
// allows.
func TestPacerNeverExceedsTheRate(t *testing.T) {
	for _, rate := range []float64{.5, 1, 3, 7.5, 100} {
		for _, n := range []int{1, 3, 10, 64} {
			p := pacer{10 * time.Second, rate}
			var dues []time.Duration
			for round := range 5 {
				for i := range n {
					dues = append(dues, time.Duration(round)*p.period(n)+p.due(i))
				}
			}
			for i := range dues {
				for j := i + 1; j < len(dues); j++ {
					if allowed := rate*(dues[j]-dues[i]).Seconds() + 1e-6; float64(j-i) > allowed {
						t.Fatalf("%s, rounds of %d: %d records within %s", p, n, j-i+1, dues[j]-dues[i])
					}
				}
			}
		}
	}
}
