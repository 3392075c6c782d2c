package episode

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAccountBalances(t *testing.T) {
	account := Account{
		Sink: "search", Intended: 10,
		Outcomes: map[RecordOutcome]int64{OnTime: 6, Late: 1, Lost: 1, Pending: 2},
	}
	require.True(t, account.Balanced())

	account.Duplicates, account.SeenAfterLost = 3, 1
	require.True(t, account.Balanced(), "attributes are outside the sum")

	account.Outcomes[NotSent]++
	require.False(t, account.Balanced(), "a outcome without an intended record")
}

func TestRecordIsOpenUntilEverySinkIsDecided(t *testing.T) {
	record := ProbeRecord{Sinks: []AtSink{{Sink: "enriched", Outcome: OnTime}, {Sink: "search", Outcome: Pending}}}
	require.True(t, record.Open())
	record.Sinks[1].Outcome = Lost
	require.False(t, record.Open())
}

func TestDedupeKeyIgnoresWhoAskedAndWhen(t *testing.T) {
	byTrend := Alert{Rule: "heap", Cluster: "c", Job: "orders", Source: FromEpoch, StartsAt: time.Unix(1, 0)}
	byPerson := Alert{Rule: "heap", Cluster: "c", Job: "orders", Source: FromCLI, StartsAt: time.Unix(2, 0)}
	require.Equal(t, byTrend.DedupeKey(), byPerson.DedupeKey())

	// Joined without care these two would be the same text.
	require.NotEqual(t, Alert{Cluster: "a", Job: "bc"}.DedupeKey(), Alert{Cluster: "ab", Job: "c"}.DedupeKey())
}

func TestUnknownIsLeftOutOfJSONAndZeroIsNot(t *testing.T) {
	unknown, err := json.Marshal(Measurement{})
	require.NoError(t, err)
	require.NotContains(t, string(unknown), "throughput")

	zero := 0.0
	known, err := json.Marshal(Measurement{Throughput: &zero})
	require.NoError(t, err)
	require.Contains(t, string(known), `"throughput":0`)
}

func TestOnlyDoneAndFailedAreFinal(t *testing.T) {
	for state, final := range map[State]bool{Opened: false, Measuring: false, Done: true, Failed: true} {
		require.Equal(t, final, state.Final(), state)
	}
}

func TestImpactInWords(t *testing.T) {
	t.Parallel()
	for want, impact := range map[string]*Impact{
		"":                nil,
		" (below +1 %)":   {LowPercent: 0.2, HighPercent: 0.9},
		" (+0 to 1 %)":    {LowPercent: 0.2, HighPercent: 1},
		" (+38 to 115 %)": {LowPercent: 37.7, HighPercent: 115},
	} {
		require.Equal(t, want, ImpactText(Finding{Impact: impact}))
	}
}
