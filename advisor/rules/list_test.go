package rules

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
)

func TestEveryRuleIsComplete(t *testing.T) {
	names := map[string]bool{}
	for _, r := range All() {
		require.False(t, names[r.Name], "two rules have the name %s", r.Name)
		names[r.Name] = true
		if r.Judge == nil {
			require.Equal(t, sinkAtWork.Name, r.Name, "a rule without Judge")
			continue
		}
		require.Contains(t, cause.Categories(), r.Category, r.Name)
		require.LessOrEqual(t, r.Removable.High, 1.0, r.Name)
		require.NotEmpty(t, r.Why, r.Name)
		require.NotEmpty(t, r.Change, r.Name)
		require.NotEmpty(t, r.TradeOffs, r.Name)
		require.Regexp(t, `^https://\S+$`, r.Reference, r.Name)
	}
}
