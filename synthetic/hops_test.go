package synthetic

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

var everyHop = []string{
	episode.HopAcknowledged, episode.HopIngested, "enriched", "alerts", episode.HopIndexed, episode.HopVisible,
}

func hopNamed(hops []episode.Hop, name string) (episode.Hop, bool) {
	i := slices.IndexFunc(hops, func(h episode.Hop) bool { return h.Name == name })
	if i < 0 {
		return episode.Hop{}, false
	}
	return hops[i], true
}

// rising checks that no shown quantile is below that of an earlier hop.
func rising(t *testing.T, hops []episode.Hop, at string) {
	t.Helper()
	chains := [][]string{
		{episode.HopAcknowledged, episode.HopIngested, episode.HopIndexed, episode.HopVisible},
		{episode.HopAcknowledged, episode.HopIngested, "enriched"},
		{episode.HopAcknowledged, episode.HopIngested, "alerts"},
	}
	for _, chain := range chains {
		var before episode.Hop
		for _, name := range chain {
			hop, ok := hopNamed(hops, name)
			if !ok || hop.Count == 0 {
				continue
			}
			require.LessOrEqual(t, before.P50, hop.P50, at)
			require.LessOrEqual(t, before.P99, hop.P99, at)
			require.LessOrEqual(t, before.Max, hop.Max, at)
			before = hop
		}
	}
}

// TestQuantilesRiseFromHopToHop generates spans in which each hop was passed by other
// records: lost ones, slow ones, ones that were sent before, and clocks that differ.
func TestQuantilesRiseFromHopToHop(t *testing.T) {
	var own, same, hidden int
	for seed := range uint64(2000) {
		rng := rand.New(rand.NewPCG(seed, 1))
		var samples []account.Sample
		for n := range 1 + rng.IntN(20) {
			at := time.Duration(0)
			slow := time.Duration(1+rng.IntN(1000)) * time.Millisecond
			for _, hop := range everyHop {
				at += time.Duration(rng.Int64N(int64(slow)))
				s := account.Sample{Hop: hop, Seed: fmt.Sprint(n), Latency: at, Quality: account.Quality(rng.IntN(12) / 10)}
				if hop == episode.HopIngested || hop == episode.HopIndexed {
					s.Latency += time.Duration(rng.IntN(900)) * time.Millisecond // another machine's clock
				}
				if rng.IntN(5) > 0 {
					samples = append(samples, s)
				}
			}
		}
		hops, warnings := hopsOf(samples, everyHop)
		rising(t, hops, fmt.Sprintf("span %d: %+v", seed, hops))
		switch {
		case len(warnings) == 0:
			own++
		case slices.ContainsFunc(hops, func(h episode.Hop) bool { return h.Count == 0 }):
			hidden++
		default:
			same++
		}
	}
	require.Positive(t, own)
	require.Positive(t, same)
	require.Positive(t, hidden)
}

// Seen on a real cluster: the median of visible was below that of indexed.
func TestRecordIsIndexedBeforeItIsVisible(t *testing.T) {
	of := func(seed, hop string, ms int) account.Sample {
		return account.Sample{Seed: seed, Hop: hop, Latency: time.Duration(ms) * time.Millisecond}
	}
	hops, warnings := hopsOf([]account.Sample{
		of("a", "acknowledged", 5), of("a", "indexed", 900), of("a", "visible", 750),
		of("b", "acknowledged", 5), of("b", "indexed", 400), of("b", "visible", 800),
	}, everyHop)
	require.Empty(t, warnings)
	require.InDelta(t, .75, hops[1].Max, 1e-9, "indexed no later than it was seen")
	require.InDelta(t, .575, hops[1].P50, 1e-9)
	require.InDelta(t, .775, hops[2].P50, 1e-9)
	require.Equal(t, 2, hops[0].Count)

	// The slow ones have been indexed, and only the quick one is visible.
	hops, warnings = hopsOf([]account.Sample{
		of("a", "indexed", 100), of("a", "visible", 200), of("b", "indexed", 9000), of("c", "indexed", 8000),
	}, everyHop)
	require.Equal(t, []episode.Hop{
		{Name: "indexed", Count: 1, P50: .1, P99: .1, Max: .1}, {Name: "visible", Count: 1, P50: .2, P99: .2, Max: .2},
	}, hops)
	require.Equal(t, []string{
		"the latencies are of the 1 of 3 records that passed every hop here: the others passed some hops only",
	}, warnings)

	hops, warnings = hopsOf([]account.Sample{of("a", "indexed", 9000), of("b", "visible", 200)}, everyHop)
	require.Equal(t, episode.Hop{Name: "visible"}, hops[1], "of different records")
	require.Len(t, warnings, 1)
}
