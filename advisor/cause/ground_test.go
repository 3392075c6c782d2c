package cause

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestAGainSaysWhatItRestsOn: the part that is removed, and how it is known.
func TestAGainSaysWhatItRestsOn(t *testing.T) {
	r := Rule{Removable: Span{0.2, 0.8}}
	gains := Verdict{Impact: &episode.Impact{HighPercent: 1}}
	for _, tc := range []struct {
		ground Ground
		want   string
	}{
		{Ground{}, "of it."},
		{Ground{Kind: Measured}, "of it (measured with one example)."},
		{Ground{Kind: Measured, Says: "where it rains"}, "of it (measured with one example, less where it rains)."},
		{Ground{Kind: Assumed, Says: "a reason"}, "of it (assumed, not measured)."},
		{Ground{Kind: Calculated, Says: "2 to 20 at once"}, "of it (calculated: 2 to 20 at once)."},
		{Ground{Kind: Documented, Says: "a page"}, "of it (documented: a page)."},
	} {
		r.RestsOn = tc.ground
		require.Equal(t, " The gain assumes that a change removes 20 to 80 % "+tc.want, r.assumes(gains))
	}
	require.Empty(t, r.assumes(Verdict{}), "without a gain")
	require.Empty(t, (&Rule{}).assumes(gains), "without a part")
	other := Verdict{Impact: gains.Impact, Removable: Span{0.1, 0.5}, RestsOn: Ground{Kind: Assumed}}
	require.Equal(t, " The gain assumes that a change removes 10 to 50 % of it (assumed, not measured).", r.assumes(other))
}

func TestRarer(t *testing.T) {
	require.Equal(t, Span{Low: 0.5, High: 0.75}, Rarer(2, 4))
}
