package alerts

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestEveryShippedRuleIsProvoked has a quiet window, and then a ramp of each signal to its limit
// and beyond. A rule that predicts fires within one and a half windows and before the limit is
// passed; one that does not fires when the limit is.
func TestEveryShippedRuleIsProvoked(t *testing.T) {
	const quiet, noise = 0.25, 0.02
	s := simulate(t, 30*time.Second, 0.5)
	window := time.Duration(DefaultConfig().Window)
	begins := window + time.Duration(DefaultConfig().Settle)
	level := func(rule *Rule, at time.Duration) float64 {
		switch windows := float64(at-begins) / float64(window); {
		case windows < 0:
			return quiet
		case rule.LevelOnly:
			return 1.5
		case rule.row.Bent: // by an input that doubles on the way from 0 to 1
			return 2 - math.Exp2(1-(quiet+0.6*windows))
		default:
			return quiet + 0.6*windows // 1 after 1.25 windows
		}
	}
	s.run(begins, 0.5, noise, level)
	require.Empty(t, s.fired)
	s.run(window, 0.5, noise, level)
	for _, rule := range s.rules {
		if !rule.LevelOnly && rule.MultipleOfMedian == 0 {
			require.Equal(t, 1, s.fired[rule.Name], "%s: before it passed the limit", rule.Name)
		}
	}
	s.run(window/2, 0.5, noise, level)
	for _, name := range ShippedNames() {
		require.Equal(t, 1, s.fired[name], name)
	}
}
