package metricnames

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAHistogramRuleTakesOnlyQuantiles has a rule for histograms whose expression matches
// every text, also an empty one.
func TestAHistogramRuleTakesOnlyQuantiles(t *testing.T) {
	u := NewUserRules([]UserMetric{
		{Match: ".*", Type: TypeHistogram},
		{Match: `.+\.orders`, Type: TypeCounter},
	})
	quantile, ok := u.Find("map.shop.latency_p99")
	require.True(t, ok)
	require.Equal(t, []string{"map", "0.99"}, quantile.labels)

	counter, ok := u.Find("map.shop.orders")
	require.True(t, ok)
	require.Equal(t, []string{"map"}, counter.labels, "the second rule takes it")
	_, ok = u.Find("map.shop.size")
	require.False(t, ok)
	require.Empty(t, u.Refused)
	require.Len(t, u.Families.Made, 2)
}
