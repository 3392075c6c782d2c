package demo

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestTheLoadComesFromTheHeadroom: a vertex that is busy half of the time has a headroom of 100 %, one
// that is always busy has none.
func TestTheLoadComesFromTheHeadroom(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ load, busy, want float64 }{
		{390, 0.5, 702},
		{390, 0.9, 390},
		{390, 1, 351},
		{100, 0.45, 200},
	} {
		require.InDelta(t, c.want, loadNearLimit(c.load, 1/c.busy-1), 0.5, "%v", c)
	}
}

// TestTheNewestFindingIsRepaired: the advice under the present load counts, and a finding without a
// gain predicts nothing that can be compared.
func TestTheNewestFindingIsRepaired(t *testing.T) {
	t.Parallel()
	advised := func(id string, impact *episode.Impact) episode.Episode {
		ep := fullTurn()
		ep.Advice = &episode.Advice{Findings: []episode.Finding{
			{ID: id + "-kryo", Category: planting["kryo"]},
			{ID: id + "-lookup", Category: planting["lookup"], Impact: impact},
		}}
		return ep
	}
	planted := []string{"kryo", "lookup", "state"}
	gain := &episode.Impact{LowPercent: 10, HighPercent: 50}

	fault, finding, found := repairable([]episode.Episode{advised("old", gain), advised("new", gain)}, planted)
	require.True(t, found)
	require.Equal(t, "lookup", fault)
	require.Equal(t, "new-lookup", finding.ID)

	_, finding, found = repairable([]episode.Episode{advised("old", gain), advised("new", nil)}, planted)
	require.True(t, found)
	require.Equal(t, "old-lookup", finding.ID)

	_, _, found = repairable([]episode.Episode{advised("old", nil)}, planted)
	require.False(t, found)
}

// TestTheHotKeyIsRepairedFirst: its gain shows in the busy time of the subtasks.
func TestTheHotKeyIsRepairedFirst(t *testing.T) {
	t.Parallel()
	gain := &episode.Impact{LowPercent: 10, HighPercent: 50}
	ep := fullTurn()
	ep.Advice = &episode.Advice{Findings: []episode.Finding{
		{ID: "F1", Category: planting["lookup"], Impact: gain}, {ID: "F2", Category: "hot-key", Impact: gain},
	}}
	fault, finding, found := repairable([]episode.Episode{ep}, []string{"kryo", "lookup", "state", "hotkey"})
	require.True(t, found)
	require.Equal(t, "hotkey", fault)
	require.Equal(t, "F2", finding.ID)
}

// TestAllOtherFaultsStay: what was planted stays planted, except for one.
func TestAllOtherFaultsStay(t *testing.T) {
	t.Parallel()
	require.Equal(t, []string{"bulk", "lookup"}, without([]string{"kryo", "lookup", "state"}, "lookup"))
	planted := []string{"kryo", "lookup", "state", "hotkey", "mapper"}
	require.Equal(t, []string{"bulk"}, without(planted, "hotkey"))
	require.Equal(t, []string{"mapper"}, besides(planted, "hotkey"))
}
