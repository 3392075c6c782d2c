package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// The sink limits the job, and a vertex before it has a blocking lookup.
func TestWaitingInOtherVerticesIsInfo(t *testing.T) {
	b := sampleJob(t)
	b.Bottleneck = "search"
	lookup := evidencetest.IntoUser[len(evidencetest.IntoTask)+1:] +
		";com/acme/orders/Customers.find;jdk/internal/net/http/HttpClientFacade.send"
	sink := evidencetest.Tasks(t, "WALL", evidencetest.Flat(100)...)
	sink.Name, sink.Vertex = "graph of search", "search"
	enrich := evidencetest.Tasks(t, "WALL", append(evidencetest.Flat(20), lookup, 180)...)
	enrich.Name, enrich.Vertex = "graph of enrich", "enrich"

	b.Profiles = []evidence.Profile{sink}
	_, ok := find(Rules(b), cause.BlockingIO)
	require.False(t, ok)

	b.Profiles = []evidence.Profile{sink, enrich}
	adv := Rules(b)
	aside := found(t, adv, cause.BlockingIO)
	require.Equal(t, "enrich orders spends 90.0 % of its busy time in blocking calls", aside.Title)
	require.Nil(t, aside.Impact, "a faster vertex gains nothing yet")
	require.Equal(t, episode.Info, aside.Severity)
	require.Equal(t, "rule:blocking-calls", aside.Source)
	require.Contains(t, entry(t, adv, aside.Evidence[0]).Text, "enrich orders spends 90.0 % of its samples "+
		"(180 of 200) in blocking calls")
	require.Equal(t, []int{1, 2, 3}[:len(adv.Findings)], ranks(adv), "all findings have ranks")

	// If that vertex limits the job, the same samples bound a gain.
	b.Bottleneck = "enrich"
	require.NotNil(t, found(t, Rules(b), cause.BlockingIO).Impact)
}

func TestIdleVerticesGiveNoFinding(t *testing.T) {
	b := sampleJob(t)
	b.Bottleneck = "search"
	idle := evidencetest.Tasks(t, "WALL", evidencetest.Flat(3)...)
	idle.Vertex = "enrich"
	b.Profiles = []evidence.Profile{idle}
	adv := Rules(b)
	_, ok := find(adv, cause.BlockingIO)
	require.False(t, ok)
	require.Empty(t, adv.Warnings, "an idle vertex gives no warning")
}

func ranks(adv episode.Advice) (out []int) {
	for _, f := range adv.Findings {
		out = append(out, f.Rank)
	}
	return out
}
